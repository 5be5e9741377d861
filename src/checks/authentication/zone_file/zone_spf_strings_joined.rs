//! The strings of an SPF record join to a broken term.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-spf-strings-joined",
    area: Area::Authentication,
    title: "the strings of an SPF record join to a broken term",
    severity: Severity::Medium,
    why: "\
        The strings of a record join without a space, so the last term of one and the first of the \
        next are read as one.",
    fix: "Begin the later string with a space inside its quotes.",
    references: &[Reference::Rfc { number: 7208, section: "3.3" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
