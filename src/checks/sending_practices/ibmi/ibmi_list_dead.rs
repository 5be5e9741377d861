//! A blocklist that is gone is still asked.

use super::{NONE_GIVEN, of_keyword};
use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::data::blocklists::catalogue;
use crate::facts::Facts;
use crate::model::Name;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "ibmi-list-dead",
    area: Area::SendingPractices,
    title: "the IBM i asks a blocklist that is gone",
    severity: Severity::Medium,
    why: "\
        A dead list answers nothing, so that each incoming connection waits for it, or answers everything, \
        so that bounces and replies of customers are refused.",
    fix: "\
        Take the list out: CHGSMTPA RBLSVR with the lists that are alive.",
    references: &[Reference::Rfc { number: 6471, section: "3.4" }, pages::IBM_CHGSMTPA],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(ibmi) = facts.ibmi() else { return Ok(NONE_GIVEN) };
    let servers = ibmi.get("RBLSVR")?;
    let named: Vec<Name> = servers
        .setting
        .values
        .iter()
        .filter(|value| value.contains('.'))
        .map(|value| Name::lenient(value.trim_end_matches('.')))
        .collect();
    if named.is_empty() {
        return Ok(Verdict::NotApplicable("the system asks no blocklist"));
    }
    let gone = named.iter().filter_map(|zone| Some((zone, catalogue().dead(zone)?)));
    let problems: Vec<Problem> = gone
        .map(|(zone, dead)| {
            let zone = plain(zone.as_str(), Width::Name);
            of_keyword(&servers, format!("RBLSVR names {zone}, gone since {}: {}", dead.since, dead.state))
        })
        .collect();
    Ok(Verdict::from_problems(problems))
}
