//! `mailvet audit`: the main job, end to end.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;

use super::auditing::{self, KindArg, ReportFormat};
use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::output::Output;
use super::session::Session;
use super::{demo, following, input, output, reading, report_files};
use crate::config::{self, targets::TargetSetting};
use crate::evidence::Evidence;
use crate::facts::links::chains::MOST_LINKS;
use crate::facts::{Prepared, subscription::one_click};
use crate::gather::logs;
use crate::judge::report::Report;
use crate::model::scope::WebProbe;
use crate::model::untrusted::Width;
use crate::model::{Name, Role, Target, Topic, untrusted};
use crate::render;

/// What speaks to hosts that the message names, in the help.
const FOLLOWING: &str = "Following links";

/// What identifies the sender and what it is judged by.
#[derive(Clone, Debug, Default, Args)]
#[command(after_help = "\
Asks DNS for what the checks need: SPF, DKIM and DMARC records, MX, PTR, TLSA,
CAA, TXT of MTA-STS and TLS-RPT, and the DNS blocklists. Only with --probe are the
MX hosts and the relay spoken to (never as far as a message) and the MTA-STS
policy fetched; only with --probe-unsubscribe is the one-click address asked, only
with --follow-links are the message's links (HEAD, at most 30, 10 redirects each). With
--offline or --replay nothing is asked at all.

The score is the weighted mean of the areas in scope. Beside it stands at_least: what
is left if every check without an answer fails. The grade is of at_least; where an
essential question got no answer there is no score, and the exit code is 3, also where
something was found, which the report names all the same. -v lists every deduction
with its code.

Formats: terminal, json, sarif, junit, markdown, html, github (annotations of a
pull request), nagios (a plugin's exit codes: 0 OK, 1 warning, 2 critical at or
above --fail-on, 3 unknown before both), prometheus (textfile collector), csv.

Examples:
  mailvet audit --demo
  mailvet audit example.com --ip 192.0.2.25 --helo mail.example.com \\
      --selector s1 --message quote.eml --log /var/log/mail.log
  mailvet audit example.com --zone example.com.zone --offline
  mailvet audit --log /var/log/mail.log --consent subscribers.csv
  mailvet audit --message newsletter.eml --probe-unsubscribe
  mailvet audit example.com --helo mail.example.com --ibmi smtp-settings.txt")]
pub struct AuditArgs {
    /// The domain in the From header, such as example.com
    ///
    /// Without it, and without --message and --log, every [[target]] of mailvet.toml is audited.
    #[arg()]
    pub domain: Option<String>,
    /// An address the mail leaves from, as receivers see it; may be repeated
    #[arg(long, value_name = "IP")]
    pub ip: Vec<String>,
    /// The name the sending system gives in HELO or EHLO
    #[arg(long, value_name = "NAME")]
    pub helo: Option<String>,
    /// The envelope sender (Return-Path); default: an address at DOMAIN
    #[arg(long, value_name = "ADDR", hide_short_help = true, value_parser = super::probe_args::mail_from)]
    pub mail_from: Option<String>,
    /// A DKIM selector in use; may be repeated
    #[arg(long, value_name = "S", value_parser = super::probe_args::selector)]
    pub selector: Vec<String>,
    /// A sample message, as handed to the relay; - reads standard input
    #[arg(long, value_name = "FILE")]
    pub message: Option<PathBuf>,
    /// A mail log, plain or compressed; may be repeated. Its signer's lines name DKIM selectors
    #[arg(long, value_name = "FILE")]
    pub log: Vec<PathBuf>,
    /// Reports from receivers (DMARC aggregate, TLS): a file or folder; may be repeated
    #[arg(long, value_name = "PATH", hide_short_help = true)]
    pub reports: Vec<PathBuf>,
    /// Printed settings of the sending IBM i (CHGSMTPA, CFGTCP 10 and 12, ADDSMTPLE); may be repeated
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub ibmi: Vec<PathBuf>,
    /// Subscribers as CSV (address, source, time, double_opt_in, unsubscribed): who in the logs never agreed?
    #[arg(long, value_name = "FILE", requires = "log", hide_short_help = true)]
    pub consent: Option<PathBuf>,
    /// The relay that takes the mail first
    #[arg(long, value_name = "HOST[:PORT]", hide_short_help = true)]
    pub relay: Option<String>,
    #[command(flatten)]
    pub authoritative: super::authoritative_args::AuthoritativeArgs,
    /// Judge again with the remedies published, and say what they come to
    #[arg(long, hide_short_help = true)]
    pub prove: bool,
    /// The bundled example: a sender with a few honest mistakes; no network
    #[arg(long, conflicts_with_all = [
        "domain", "ip", "helo", "mail_from", "selector", "message", "log", "reports", "ibmi", "consent", "relay", "list",
        "probe", "replay", "record",
    ])]
    pub demo: bool,
    /// What the message is, where it does not show: bulk or transactional
    #[arg(long, value_name = "KIND", hide_short_help = true)]
    pub kind: Option<KindArg>,
    /// What the domain is to mail; default: by what is given and what its records say
    #[arg(long, value_name = "ROLE", value_parser = Role::ALL.map(Role::name), hide_short_help = true)]
    pub role: Option<String>,
    /// Tell of these receivers only, such as google; may be repeated
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub receiver: Vec<String>,
    /// A blocklist zone to ask instead of the catalogue's; may be repeated
    #[arg(long, value_name = "ZONE", hide_short_help = true)]
    pub list: Vec<String>,
    #[command(flatten)]
    pub before: super::before_args::BeforeArgs,
    #[command(flatten)]
    pub probe: super::probe_args::ProbeArgs,
    #[command(flatten)]
    pub scanners: super::scanner_args::ScannerArgs,
    /// POST to the message's one-click address, which UNSUBSCRIBES whom its token names; says first what it sends
    #[arg(long, requires = "message", hide_short_help = true, help_heading = FOLLOWING)]
    pub probe_unsubscribe: bool,
    /// Ask with HEAD where the message's links lead; downloads nothing, but may count as a click
    #[arg(long, requires = "message", hide_short_help = true, help_heading = FOLLOWING)]
    pub follow_links: bool,
    /// Let --probe-unsubscribe and --follow-links talk to addresses that are not public
    #[arg(long, requires = "message", hide_short_help = true, help_heading = FOLLOWING)]
    pub allow_private: bool,
}

pub(super) fn run(args: &AuditArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let outputs = output::outputs::<ReportFormat>(global)?;
    let session = Session::new(global)?;
    let all = senders(args, global, &session.settings.target);
    let [one] = all.as_slice() else { return several(&all, global, &session, &outputs) };
    let report = audited(one, global, &session)?;
    for output in &outputs {
        let look = output::look(global, output);
        let text = output.format.render(&report, session.fail_on(), look);
        output::write(output, &text)?;
    }
    if outputs.iter().any(|output| output.format == ReportFormat::Nagios && output.file.is_none()) {
        return Ok(render::report::nagios::state(&report, session.fail_on()).into());
    }
    auditing::exit(&session, &report)
}

/// Who is audited: whom the arguments name, with what the settings know of them; else everybody
/// in the settings.
fn senders(args: &AuditArgs, global: &GlobalArgs, known: &[TargetSetting]) -> Vec<AuditArgs> {
    if args.demo || global.replay.is_some() {
        return vec![args.clone()];
    }
    let same = |domain: &str, known: &str| {
        domain.trim_end_matches('.').eq_ignore_ascii_case(known.trim_end_matches('.'))
    };
    match &args.domain {
        Some(domain) => {
            let setting = known.iter().find(|setting| same(domain, &setting.domain));
            vec![setting.map_or_else(|| args.clone(), |setting| completed(args, setting))]
        }
        None if args.message.is_some() || !args.log.is_empty() || !args.ibmi.is_empty() => vec![args.clone()],
        None if known.is_empty() => vec![args.clone()],
        None => known.iter().map(|setting| completed(args, setting)).collect(),
    }
}

/// What no flag says, as the settings say it.
fn completed(args: &AuditArgs, setting: &TargetSetting) -> AuditArgs {
    let mut args = args.clone();
    args.domain = Some(setting.domain.clone());
    if args.ip.is_empty() {
        args.ip = setting.ips.iter().map(ToString::to_string).collect();
    }
    if args.selector.is_empty() {
        args.selector.clone_from(&setting.selectors);
    }
    if args.log.is_empty() {
        args.log.clone_from(&setting.logs);
    }
    if args.reports.is_empty() {
        args.reports.clone_from(&setting.reports);
    }
    if args.ibmi.is_empty() {
        args.ibmi.clone_from(&setting.ibmi);
    }
    args.helo = args.helo.or(setting.helo.clone());
    args.mail_from = args.mail_from.or(setting.mail_from.clone());
    args.relay = args.relay.or(setting.relay.clone());
    args.role = args.role.or(setting.role.clone());
    args.message = args.message.or(setting.message.clone());
    args
}

/// Several senders, one after the other, as one output of each format.
fn several(
    all: &[AuditArgs],
    global: &GlobalArgs,
    session: &Session,
    outputs: &[Output<ReportFormat>],
) -> anyhow::Result<Exit> {
    if global.record.is_some() {
        bail!("--record keeps one run: name the domain, as in mailvet audit example.com --record run.json");
    }
    let reports =
        all.iter().map(|one| audited(one, global, session)).collect::<anyhow::Result<Vec<Report>>>()?;
    for output in outputs {
        let look = output::look(global, output);
        output::write(output, &auditing::together(output.format, &reports, session.fail_on(), look))?;
    }
    if outputs.iter().any(|output| output.format == ReportFormat::Nagios && output.file.is_none()) {
        return Ok(render::report::nagios::worst(&reports, session.fail_on()).into());
    }
    let exits = reports
        .iter()
        .map(|report| auditing::exit(session, report))
        .collect::<anyhow::Result<Vec<Exit>>>()?;
    let worst = [Exit::Findings, Exit::Unknown];
    Ok(worst.into_iter().find(|exit| exits.contains(exit)).unwrap_or(Exit::Clean))
}

/// Asks and judges.
fn audited(args: &AuditArgs, global: &GlobalArgs, session: &Session) -> anyhow::Result<Report> {
    let mut policy = session.policy()?;
    policy.kind = auditing::kind(args.kind);
    policy.receivers = config::receivers(&args.receiver)?;
    let mut scope = auditing::scope(&policy, &args.list)?;
    scope.scanners = args.scanners.specs();
    args.authoritative.apply(&mut scope);
    scope.list_changes = config::list_changes(&session.settings)?;
    args.probe.apply(session, &mut scope)?;
    let evidence = if args.demo {
        demo::evidence()?
    } else {
        let mut evidence = session.evidence(target(args)?)?;
        args.before.apply(&mut evidence)?;
        read_files(args, &mut evidence)?;
        if !args.reports.is_empty() {
            let note = |text: &str| session.note(text);
            evidence.reports = Some(report_files::summary(&args.reports, global, &note)?);
        }
        auditing::given_zones(session, &mut evidence, &mut scope)?;
        if evidence.target.domain.is_none()
            && evidence.message.is_none()
            && args.log.is_empty()
            && evidence.traffic.is_none()
            && evidence.settings.is_none()
        {
            bail!(
                "nothing to audit: give a DOMAIN, --message FILE, --log FILE or --ibmi FILE, or write [[target]] in mailvet.toml"
            );
        }
        evidence
    };
    let mut evidence = evidence;
    if global.offline && evidence.target.ips.is_empty() {
        // Names alone are judged by their records; only a network has lists to ask about them.
        scope.topics.remove(&Topic::Blocklists);
    }
    let prepared = Prepared::new(&evidence);
    if args.probe_unsubscribe {
        let authorities = session.global.servers.authorities()?.iter().map(|der| der.to_vec()).collect();
        scope.unsubscribe = Some(WebProbe { allow_private: args.allow_private, authorities });
        announce(&evidence, &prepared, global);
    }
    if args.follow_links {
        scope.links = Some(following::permission(session, args.allow_private, MOST_LINKS)?);
        if !global.offline && global.replay.is_none() && scope.topics.contains(&Topic::Links) {
            following::announce(&evidence, &prepared, MOST_LINKS);
        }
    }
    if args.demo {
        scope.lists.clear();
    } else {
        session.gather(&mut evidence, &scope, &prepared)?;
    }
    Ok(match args.prove {
        true => auditing::proven(&evidence, &scope, &prepared, &policy),
        false => auditing::report(&evidence, &scope, &prepared, &policy),
    })
}

/// Says what `--probe-unsubscribe` will send, before it does; also with `-q`.
fn announce(evidence: &Evidence, prepared: &Prepared, global: &GlobalArgs) {
    let address = prepared.message(evidence).and_then(one_click::address);
    let silent = global.offline || global.replay.is_some();
    let text = match address {
        _ if silent => return,
        Some(url) => format!(
            "will send: POST {} with List-Unsubscribe=One-Click; it unsubscribes whom the address names",
            untrusted::plain(url.as_str(), Width::Record)
        ),
        None => "--probe-unsubscribe: the message offers no one-click address (RFC 8058); nothing is sent"
            .to_owned(),
    };
    output::say(&text);
}

fn target(args: &AuditArgs) -> anyhow::Result<Target> {
    let domain = args.domain.as_deref().map(Name::parse).transpose()?;
    Ok(Target {
        domain,
        ips: auditing::addresses(&args.ip)?,
        helo: args.helo.clone(),
        mail_from: args.mail_from.clone(),
        selectors: args.selector.clone(),
        bimi_selector: None,
        relay: args.relay.clone(),
        role: args.role.as_deref().and_then(Role::from_name),
    })
}

fn read_files(args: &AuditArgs, evidence: &mut Evidence) -> anyhow::Result<()> {
    if let Some(path) = &args.message {
        let raw = input::read(path, "message", input::MAX_MESSAGE)?;
        evidence.message = Some(reading::message(path, raw)?);
    }
    if !args.ibmi.is_empty() {
        evidence.settings =
            Some(args.ibmi.iter().map(|path| reading::settings(path)).collect::<anyhow::Result<_>>()?);
    }
    if !args.log.is_empty() {
        let consent = args.consent.as_deref().map(reading::consent).transpose()?;
        let logs = logs::open(&args.log, None)?;
        let own: Vec<Name> = evidence.target.domain.iter().cloned().collect();
        let signing = reading::signing(&logs, &own)?;
        // The log of a signer or filter alone names selectors, and is no log of mail.
        let (mail, others): (Vec<_>, Vec<_>) = logs
            .into_iter()
            .partition(|log| log.dialect.is_some() || log.bytes() == 0 || signing.is_silent(&log.name));
        if !mail.is_empty() || others.is_empty() {
            evidence.traffic = Some(reading::traffic(&mail, consent.as_ref(), evidence.taken_at)?);
        }
        evidence.signing = Some(signing);
    }
    Ok(())
}
