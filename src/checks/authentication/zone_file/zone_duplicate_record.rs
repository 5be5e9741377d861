//! A record is written twice.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-duplicate-record",
    area: Area::Authentication,
    title: "a record is written twice",
    severity: Severity::Low,
    why: "Servers keep one of them; whoever later changes one line sees no effect.",
    fix: "Remove one of the two.",
    references: &[Reference::Rfc { number: 2181, section: "5" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
