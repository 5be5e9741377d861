//! A record does not belong to the zone.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-out-of-zone",
    area: Area::Authentication,
    title: "a record does not belong to the zone",
    severity: Severity::Medium,
    why: "\
        Servers ignore or refuse records outside the zone, so what this one says is published \
        nowhere.",
    fix: "Put the record into the zone it belongs to.",
    references: &[Reference::Rfc { number: 1035, section: "5.2" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
