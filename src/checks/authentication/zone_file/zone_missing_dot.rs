//! A name has the zone’s name twice, for want of a final dot.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-missing-dot",
    area: Area::Authentication,
    title: "a name has the zone’s name twice, for want of a final dot",
    severity: Severity::Medium,
    why: "\
        The zone’s name is appended to every name without a final dot, so the record is published, \
        or points, where nobody looks.",
    fix: "End the name with a dot.",
    references: &[Reference::Rfc { number: 1035, section: "5.1" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
