//! Two strings of a text record touch.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-strings-touching",
    area: Area::Authentication,
    title: "two strings of a text record touch",
    severity: Severity::Low,
    why: "\
        Some servers refuse strings without a space between them, others join or split them in \
        another way than meant.",
    fix: "Put a space between the strings.",
    references: &[Reference::Rfc { number: 1035, section: "5.1" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
