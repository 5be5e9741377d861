//! Anybody may send through the system.

use super::{NONE_GIVEN, of_keyword, value_of};
use crate::check::{Check, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "ibmi-relay-open",
    area: Area::SendingPractices,
    title: "the IBM i relays mail for everybody",
    severity: Severity::Critical,
    why: "\
        A system that relays for everybody is found by spammers within days; its address lands on the \
        blocklists, and the own quotes are refused with the spam.",
    fix: "\
        Let the system relay for itself and its own clients only: CHGSMTPA ALWRLY(*LIST), then ADDSMTPLE \
        TYPE(*ACCEPT) for each of them.",
    references: &[Reference::Rfc { number: 5321, section: "7.9" }, pages::IBM_CHGSMTPA],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(ibmi) = facts.ibmi() else { return Ok(NONE_GIVEN) };
    let relay = ibmi.get("ALWRLY")?;
    if value_of(&relay, &["*ALL", "*NONE", "*LIST", "*NEAR", "*BOTH"])? != "*ALL" {
        return Ok(Verdict::Pass);
    }
    let problem = of_keyword(&relay, "ALWRLY is *ALL: the system relays mail from anybody to anybody")
        .fix("CHGSMTPA ALWRLY(*LIST)");
    Ok(Verdict::Fail(vec![problem]))
}
