//! A record stands below a delegation.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-below-delegation",
    area: Area::Authentication,
    title: "a record stands below a delegation",
    severity: Severity::Medium,
    why: "\
        The servers named by the delegation answer for everything below it, so nobody will see \
        this record.",
    fix: "Put the record into the delegated zone.",
    references: &[Reference::Rfc { number: 1034, section: "4.2.1" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
