//! `mailvet relay`: can mail be handed over there, from here, by us.

use anyhow::{Context as _, bail};
use clap::Args;

use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::output;
use super::probe_args::{self, ReachArgs};
use super::session::Session;
use crate::config;
use crate::evidence::Evidence;
use crate::facts::transport::reach::Reach;
use crate::facts::{Facts, Prepared};
use crate::judge::judge;
use crate::model::untrusted::{Width, plain};
use crate::model::{Name, Scope, Target, Topic};
use crate::parse::web::host_port;
use crate::render::relay::{Compared, RelayView};
use crate::render::{self, json};

#[derive(Clone, Debug, Default, Args)]
#[command(after_help = "\
Speaks SMTP to the relay: greeting, EHLO, STARTTLS, certificate, then a sender and
a recipient outside, which it takes back. It never sends DATA, so no mail is ever
delivered. Port 25 unless another is named; on 465 TLS comes first.

--compare HOST speaks to a second host in the same way (no recipient is tried there)
and tells a network that lets the port out to nobody from a relay that refuses.

--open-relay-test tries the usual address tricks (percent hack, bang path, source
route, ...), again without DATA. Do this only to a host of your own, and say so.

Examples:
  mailvet relay relay.example.com
  mailvet relay 192.0.2.25:587 --helo app.example.com --from app@example.com --to you@example.org
  mailvet relay relay.example.com --compare mx.example.net
  mailvet relay relay.example.com --open-relay-test --i-operate-this-host")]
pub struct RelayArgs {
    /// The relay, by name or address; brackets around IPv6 with a port
    #[arg(value_name = "HOST[:PORT]", required_unless_present = "replay")]
    pub relay: Option<String>,
    /// The name to give in EHLO: that of the machine that will send
    #[arg(long, value_name = "NAME", value_parser = probe_args::helo)]
    pub helo: Option<String>,
    /// The envelope sender to try; default: the null sender <>
    #[arg(long, value_name = "ADDR", value_parser = probe_args::mailbox)]
    pub from: Option<String>,
    /// A recipient to try, may be repeated; default: postmaster@example.org, an address outside
    #[arg(long, value_name = "ADDR", value_parser = probe_args::mailbox)]
    pub to: Vec<String>,
    /// Try whether the relay passes mail for strangers
    #[arg(long, requires = "i_operate_this_host", hide_short_help = true)]
    pub open_relay_test: bool,
    /// A second host to try on the same port: does this network block the port, or does the relay refuse?
    #[arg(long, value_name = "HOST[:PORT]")]
    pub compare: Option<String>,
    /// You run this host, and may test it
    #[arg(long, hide_short_help = true)]
    pub i_operate_this_host: bool,
    #[command(flatten)]
    pub reach: ReachArgs,
}

pub(super) fn run(args: &RelayArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let outputs = output::outputs(global)?;
    let session = Session::new(global)?;
    let mut policy = session.policy()?;
    let of_relay = |code: &str| {
        crate::judge::catalog::find(code).is_some_and(|check| check.needs.contains(&Topic::Relay))
    };
    config::narrow(&mut policy, "the relay", |code| of_relay(code))?;
    for relay in args.relay.iter().chain(&args.compare) {
        check_relay(relay)?;
    }
    let target = Target { relay: args.relay.clone(), helo: args.helo.clone(), ..Target::default() };
    let mut evidence = session.evidence(target)?;
    // The relay alone is judged, also from the recording of a whole audit.
    evidence.target.domain = None;
    let Some(relay) = evidence.target.relay.clone() else {
        bail!("the recording names no relay; give one: mailvet relay HOST --replay FILE");
    };
    let mut scope = Scope { topics: [Topic::Relay].into(), probe: true, ..Scope::everything() };
    args.reach.apply(&session, &mut scope)?;
    let other = match &args.compare {
        None => None,
        Some(host) => Some((host, reach(host, &relay, &mut evidence, &scope, &session)?)),
    };
    scope.dialogue.from = args.from.clone();
    scope.dialogue.to = args.to.clone();
    scope.dialogue.open_relay_test = args.open_relay_test;
    let prepared = Prepared::new(&evidence);
    session.gather(&mut evidence, &scope, &prepared)?;
    let facts = Facts::build(&evidence, &scope, &prepared);
    let results = judge(&facts, &policy);
    let servers = facts.relay_servers();
    let view = RelayView {
        relay: &relay,
        servers: servers.as_deref().unwrap_or_default(),
        gap: servers.as_ref().err().cloned(),
        results: &results,
        compared: other.map(|(host, other)| Compared {
            host,
            other,
            relay: Reach::of(servers.as_deref().unwrap_or_default()),
        }),
        now: facts.now(),
    };
    let json = || json::text(&json::relay::relay(&view));
    output::answer(global, &outputs, json, |look| render::relay::relay(&view, look))?;
    if !view.servers.iter().any(|server| server.session.is_ok()) {
        return Ok(Exit::Unknown);
    }
    session.exit_by(&results)
}

/// How far another host can be reached; the evidence keeps what was said, for a recording.
fn reach(
    other: &str,
    relay: &str,
    evidence: &mut Evidence,
    scope: &Scope,
    session: &Session,
) -> anyhow::Result<Reach> {
    // The same port, unless one is named: the question is about the port.
    let port = host_port::split(relay).and_then(|(_, port)| port);
    let is_bare = host_port::split(other).is_some_and(|(_, port)| port.is_none());
    let asked = match port.filter(|_| is_bare) {
        Some(port) if other.contains(':') => format!("[{}]:{port}", other.trim_matches(['[', ']'])),
        Some(port) => format!("{other}:{port}"),
        None => other.to_owned(),
    };
    let meant = evidence.target.relay.replace(asked);
    let prepared = Prepared::new(evidence);
    let mut scope = scope.clone();
    (scope.dialogue.greet_only, scope.dialogue.open_relay_test) = (true, false);
    session.gather(evidence, &scope, &prepared)?;
    let reach = Reach::of(Facts::build(evidence, &scope, &prepared).relay_servers().unwrap_or_default());
    evidence.target.relay = meant;
    Ok(reach)
}

/// A relay as people type it; the error says how.
pub(super) fn check_relay(text: &str) -> anyhow::Result<()> {
    let Some((host, _)) = host_port::split(text) else {
        bail!(
            "{:?} is no relay; give HOST or HOST:PORT, such as relay.example.com:587 or [2001:db8::1]:25",
            plain(text, Width::Name)
        );
    };
    if host.parse::<std::net::IpAddr>().is_err() {
        Name::parse(host).with_context(|| format!("the relay {:?}", plain(text, Width::Name)))?;
    }
    Ok(())
}
