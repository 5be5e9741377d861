//! What a record publishes is known only later, or is one of several answers.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-value-unknown",
    area: Area::Authentication,
    title: "what a record publishes is known only later, or is one of several answers",
    severity: Severity::Info,
    why: "\
        A plan holds values that only its run brings, and some servers answer with one of several record \
        sets by weight, place or health; nothing is said of what was not looked at.",
    fix: "\
        Look at the published record when the run has made it, and keep in all sets what mail needs.",
    references: &[Reference::Rfc { number: 2181, section: "5" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
