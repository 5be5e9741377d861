//! A DS record stands without a delegation.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-ds-undelegated",
    area: Area::Authentication,
    title: "a DS record stands without a delegation",
    severity: Severity::Low,
    why: "\
        A DS record is only meaningful beside the NS records of a delegated name; validators may \
        fail on it.",
    fix: "Add the NS records, or remove the DS record.",
    references: &[Reference::Rfc { number: 4035, section: "2.4" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
