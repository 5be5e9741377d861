//! `mailvet ptr`: the names of sending addresses, whether they lead back, and
//! who must publish what.

use std::net::IpAddr;

use clap::Args;

use super::exit::Exit;
use super::global_args::GlobalArgs;
use super::output;
use super::remedied::{BOGUS, remedied, validate};
use super::session::Session;
use crate::facts::zone::reverse;
use crate::facts::{Facts, Prepared};
use crate::judge::finding::{CheckResult, Outcome};
use crate::model::untrusted::Width;
use crate::model::{Area, Scope, Target, Topic};
use crate::render::ptr::{AddressView, PtrView};
use crate::render::{self, json};

#[derive(Clone, Debug, Default, Args)]
#[command(after_help = "\
Looks the PTR names of each address up, their addresses again, and who runs the
reverse zone: only that party can publish the PTR record.

Examples:
  mailvet ptr 192.0.2.25
  mailvet ptr 192.0.2.25 2001:db8::25 --helo mail.example.com")]
pub struct PtrArgs {
    /// A sending address, as receivers see it
    #[arg(required_unless_present = "replay", value_name = "IP")]
    pub ip: Vec<String>,
    /// The name the sending system gives in HELO or EHLO
    #[arg(long, value_name = "NAME")]
    pub helo: Option<String>,
}

pub(super) fn run(args: &PtrArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let outputs = output::outputs(global)?;
    let session = Session::new(global)?;
    let mut policy = session.policy()?;
    let ips = args.ip.iter().map(|text| {
        text.parse::<IpAddr>().map_err(|_| {
            let shown = crate::model::untrusted::plain(text, Width::Name);
            anyhow::anyhow!("{shown:?} is no IP address; give one such as 192.0.2.25 or 2001:db8::25")
        })
    });
    let mut target = Target { helo: args.helo.clone(), ..Target::default() };
    for ip in ips {
        let ip = ip?.to_canonical();
        if !target.ips.contains(&ip) {
            target.ips.push(ip);
        }
    }
    let mut evidence = session.evidence(target)?;
    // Without a HELO name, what is wrong with it is no question.
    let helo = evidence.target.helo.is_some();
    let codes = crate::judge::catalog::of_area(Area::ReverseDns);
    policy.selected.retain(|code| {
        *code == BOGUS
            || (codes.iter().any(|check| check.code == *code) && (helo || !code.starts_with("helo-")))
    });
    // Whose domain the names should be in was not said.
    policy.selected.retain(|code| !code.starts_with("source-"));
    let mut scope = Scope { topics: [Topic::ReverseDns, Topic::ReverseZones].into(), ..Scope::everything() };
    validate(&mut scope, &policy);
    let prepared = Prepared::new(&evidence);
    session.gather(&mut evidence, &scope, &prepared)?;
    let facts = Facts::build(&evidence, &scope, &prepared);
    let reverse = facts.reverse();
    let addresses = reverse
        .addresses
        .iter()
        .map(|address| AddressView { address, zone: reverse::zone(facts.ledger(), address) })
        .collect();
    let (results, remedies) = remedied(&facts, &policy);
    let view = PtrView { addresses, helo: reverse.helo.as_ref(), results };
    let json = || json::text(&json::remedy::with_remedies(json::ptr::ptr(&view), &remedies));
    output::answer(global, &outputs, json, |look| render::ptr::ptr(&view, look))?;
    let exit = session.exit(view.results.iter().filter_map(CheckResult::worst).max())?;
    let unknown = view.results.iter().any(|result| matches!(result.outcome, Outcome::Unknown(_)));
    Ok(if exit == Exit::Clean && unknown { Exit::Unknown } else { exit })
}
