//! `mailvet mx`: who takes a domain's mail, and with `--probe` how they behave.

use clap::Args;

use super::authoritative_args::AuthoritativeArgs;
use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::output;
use super::probe_args::MailDomainArgs;
use super::remedied::{BOGUS, remedied, validate};
use super::session::Session;
use crate::config;
use crate::facts::{Facts, Prepared};
use crate::model::{Scope, Topic};
use crate::render::mx::MxView;
use crate::render::{self, json};

#[derive(Clone, Debug, Default, Args)]
#[command(after_help = "\
Asks DNS for the MX records and the hosts' addresses. With --probe it also speaks
SMTP to each host on port 25, to one IPv4 and one IPv6 address: greeting, EHLO,
STARTTLS, then whether postmaster and abuse of the domain are taken. It never
sends DATA, so no mail is ever delivered.

Examples:
  mailvet mx example.com
  mailvet mx example.com --probe
  mailvet mx example.com --probe --connect-to mx.example.com:25:192.0.2.7:25")]
pub struct MxArgs {
    #[command(flatten)]
    pub authoritative: AuthoritativeArgs,
    #[command(flatten)]
    pub mail: MailDomainArgs,
}

/// Checks on the servers that concern taking mail, not protecting it.
const SERVER_CHECKS: [&str; 7] = [
    "postmaster-refused",
    "abuse-refused",
    "smtp-reply-slow",
    "smtp-greeting-nameless",
    "smtp-protocol-broken",
    "ehlo-refused",
    "mx-unreachable",
];

pub(super) fn run(args: &MxArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let outputs = output::outputs(global)?;
    let session = Session::new(global)?;
    let mut policy = session.policy()?;
    let topics = [Topic::Mx, Topic::Spf, Topic::Servers, Topic::Relay];
    let asked = |code: &str| {
        crate::judge::catalog::find(code)
            .is_some_and(|check| check.needs.iter().all(|need| topics.contains(need)))
    };
    config::narrow(&mut policy, "MX", |code| {
        (code.starts_with("mx-") && asked(code))
            || *code == BOGUS
            || SERVER_CHECKS.contains(code)
            || args.authoritative.selects(code)
    })?;
    let mut evidence = session.evidence(args.mail.target(global.replay.is_some())?)?;
    let mut scope = Scope { topics: [Topic::Mx, Topic::Spf, Topic::Servers].into(), ..Scope::everything() };
    args.authoritative.apply(&mut scope);
    validate(&mut scope, &policy);
    args.mail.probe.apply(&session, &mut scope)?;
    let prepared = Prepared::new(&evidence);
    session.gather(&mut evidence, &scope, &prepared)?;
    let facts = Facts::build(&evidence, &scope, &prepared);
    let (results, remedies) = remedied(&facts, &policy);
    let domain = facts.domain().map_err(|_| super::transport::no_domain("mx"))?;
    let servers = facts.mx_servers().map_or(&[][..], |mx| mx.each.as_slice());
    let probed = servers.iter().any(|server| server.session.is_ok());
    let view = MxView {
        domain,
        mx: facts.mx(),
        servers: if probed { servers } else { &[] },
        results: &results,
        now: facts.now(),
    };
    let json = || json::text(&json::remedy::with_remedies(json::mx::mx(&view), &remedies));
    output::answer(global, &outputs, json, |look| render::mx::mx(&view, look))?;
    if view.mx.is_err() {
        return Ok(Exit::Unknown);
    }
    session.exit_by(&results)
}
