//! An alias stands beside other records.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-cname-conflict",
    area: Area::Authentication,
    title: "an alias stands beside other records",
    severity: Severity::High,
    why: "\
        A CNAME stands alone: servers refuse the zone, and where one loads it receivers see the \
        alias or the records by chance.",
    fix: "\
        Remove the alias or the other records, or put the records at the alias’s target.",
    references: &[Reference::Rfc { number: 1034, section: "3.6.2" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
