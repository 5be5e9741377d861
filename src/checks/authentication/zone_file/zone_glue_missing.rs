//! A name server inside the zone it serves has no glue.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-glue-missing",
    area: Area::Authentication,
    title: "a name server inside the zone it serves has no glue",
    severity: Severity::High,
    why: "Nobody can find the server, so nothing below the delegation resolves.",
    fix: "Add an address record for the server.",
    references: &[Reference::Rfc { number: 1034, section: "4.2.1" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
