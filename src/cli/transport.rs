//! `mailvet transport`: how mail to a domain is protected on its way.

use clap::Args;

use super::authoritative_args::AuthoritativeArgs;
use super::before_args::BeforeArgs;
use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::output;
use super::pasted_record;
use super::probe_args::MailDomainArgs;
use super::remedied::remedied;
use super::session::Session;
use crate::config;
use crate::facts::{Facts, Prepared};
use crate::model::{Name, Scope, Topic};
use crate::render::transport::TransportView;
use crate::render::{self, json};

#[derive(Clone, Debug, Default, Args)]
#[command(after_help = "\
Asks DNS for MTA-STS, TLS-RPT, MX, TLSA and CAA records, validates what DANE rests
on, and fetches the MTA-STS policy by HTTPS from its one place
(https://mta-sts.DOMAIN/.well-known/mta-sts.txt, no redirect followed). With
--probe it also speaks SMTP to the MX hosts: STARTTLS, certificates, old TLS
versions, injected commands. It never sends DATA.

Whether the policy changed without a new id shows only beside an earlier run: keep
each run with --record and give the last one with --before.

Examples:
  mailvet transport example.com
  mailvet transport example.com --probe
  mailvet transport example.com --text 'v=TLSRPTv1; rua=mailto:tls@example.com'
  mailvet transport example.com --probe --ca private-root.pem
  mailvet transport example.com --before last-month.json --record today.json")]
pub struct TransportArgs {
    #[command(flatten)]
    pub authoritative: AuthoritativeArgs,
    #[command(flatten)]
    pub before: BeforeArgs,
    /// Judge this MTA-STS or TLS-RPT record instead of the published one; as text, or as dig or a zone
    /// file shows it, whose owner is the domain where none is given
    #[arg(long, value_name = "RECORD")]
    pub text: Option<String>,
    #[command(flatten)]
    pub mail: MailDomainArgs,
}

const PREFIXES: [&str; 7] = ["mta-sts-", "tls-", "dane-", "caa-", "starttls-", "auth-before-", "dnssec-"];
const ALSO: [&str; 3] = ["mx-unreachable", "mx-session-refused", "smtp-name-mismatch"];

pub(super) fn run(args: &TransportArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let outputs = output::outputs(global)?;
    let session = Session::new(global)?;
    let mut policy = session.policy()?;
    config::narrow(&mut policy, "transport", |code| {
        PREFIXES.iter().any(|prefix| code.starts_with(prefix))
            || ALSO.contains(code)
            || args.authoritative.selects(code)
    })?;
    let instead = global.replay.is_some() || args.text.is_some();
    let mut evidence = session.evidence(args.mail.target(instead)?)?;
    args.before.apply(&mut evidence)?;
    let topics = [Topic::Mx, Topic::Transport, Topic::MtaSts, Topic::Dane, Topic::Dnssec, Topic::Servers];
    let mut scope = Scope { topics: topics.into(), fetch_policy: true, ..Scope::everything() };
    if let Some(text) = &args.text {
        let service = service(text);
        let given = evidence.target.domain.as_ref().map(Name::as_str);
        let whose = pasted_record::whose(&session, given, text, service)?;
        if !whose.is_known {
            // The record alone is asked about: nobody's name has no mail servers.
            let own = if service == "_mta-sts" { "mta-sts-syntax" } else { "tls-rpt-syntax" };
            policy.selected.retain(|code| *code == own);
            scope.topics = [Topic::Transport].into();
            scope.fetch_policy = false;
            pasted_record::alone(&mut evidence, service);
        }
        let name = whose.domain.prefixed(service);
        evidence.target.domain = Some(whose.domain);
        pasted_record::place(&mut evidence, name, text);
    }
    args.authoritative.apply(&mut scope);
    args.mail.probe.apply(&session, &mut scope)?;
    let prepared = Prepared::new(&evidence);
    session.gather(&mut evidence, &scope, &prepared)?;
    let facts = Facts::build(&evidence, &scope, &prepared);
    let (results, remedies) = remedied(&facts, &policy);
    let domain = facts.domain().map_err(|_| no_domain("transport"))?;
    let servers = facts.mx_servers().map_or(&[][..], |mx| mx.each.as_slice());
    let probed = servers.iter().any(|server| server.session.is_ok());
    let view = TransportView {
        domain,
        announcements: facts.transport().map_err(|_| no_domain("transport"))?,
        mta_sts: facts.mta_sts(),
        dane: facts.dane(),
        caa: facts.caa(),
        servers: if probed { servers } else { &[] },
        results: &results,
        now: facts.now(),
    };
    let json = || json::text(&json::remedy::with_remedies(json::transport::transport(&view), &remedies));
    output::answer(global, &outputs, json, |look| render::transport::transport(&view, look))?;
    if view.announcements.mta_sts.is_err() && view.dane.is_err() && args.text.is_none() {
        return Ok(Exit::Unknown);
    }
    session.exit_by(&results)
}

/// Where a pasted record stands: by its owner, else by what is in it.
fn service(text: &str) -> &'static str {
    let lower = text.to_ascii_lowercase();
    let is_report =
        !lower.contains("stsv1") && ["_smtp._tls", "tlsrpt", "rua"].iter().any(|sign| lower.contains(sign));
    if is_report && !lower.contains("_mta-sts.") { "_smtp._tls" } else { "_mta-sts" }
}

/// A recording without a domain, replayed without one.
pub(super) fn no_domain(command: &str) -> anyhow::Error {
    anyhow::anyhow!("the recording names no domain; give one: mailvet {command} DOMAIN --replay FILE")
}
