//! A DNAME stands beside or above what it excludes.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-dname-conflict",
    area: Area::Authentication,
    title: "a DNAME stands beside or above what it excludes",
    severity: Severity::High,
    why: "\
        A DNAME replaces every name below it; records there are never served, and servers refuse \
        the zone.",
    fix: "Move the records to the DNAME’s target, or remove the DNAME.",
    references: &[Reference::Rfc { number: 6672, section: "2.4" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
