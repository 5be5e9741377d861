//! The relay list leaves the system itself out.

use super::{NONE_GIVEN, of_keyword};
use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "ibmi-relay-list-incomplete",
    area: Area::SendingPractices,
    title: "the relay list of the IBM i names neither the system nor its clients",
    severity: Severity::Medium,
    why: "\
        With ALWRLY(*LIST) only listed addresses may send outward: what is missing there gets 550 relaying \
        denied, and the application sees a mail that never left.",
    fix: "\
        List the system and its clients: ADDSMTPLE TYPE(*ACCEPT) INTNETADR(ADDRESS) SUBNETMASK(MASK), and \
        127.0.0.1 for jobs on the system itself.",
    references: &[pages::IBM_CHGSMTPA],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(ibmi) = facts.ibmi() else { return Ok(NONE_GIVEN) };
    let relay = ibmi.get("ALWRLY")?;
    if relay.value() != "*LIST" {
        return Ok(Verdict::NotApplicable("relaying is not by list"));
    }
    let lists = ibmi.lists();
    let takes = |kind: &str| matches!(kind, "*ACCEPT" | "*NEAR" | "*ALWRLY");
    let accepted: Vec<_> = lists.iter().filter(|entry| takes(&entry.kind)).collect();
    if accepted.is_empty() {
        return Err(Gap::undecidable("the settings given do not show the entries of the list (ADDSMTPLE)"));
    }
    let own = ibmi.own_addresses();
    if own.is_empty() {
        return Err(Gap::undecidable("the host table given has no address for the system's own name"));
    }
    let missing: Vec<Problem> = own
        .iter()
        .filter(|address| !accepted.iter().any(|entry| entry.network.contains(*address)))
        .map(|address| {
            of_keyword(&relay, format!("{address}, the system itself, is in no entry of the relay list"))
                .fix(format!("ADDSMTPLE TYPE(*ACCEPT) INTNETADR('{address}') SUBNETMASK('255.255.255.255')"))
        })
        .collect();
    Ok(Verdict::from_problems(missing))
}
