//! A text record is written without quotes.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-text-unquoted",
    area: Area::Authentication,
    title: "a text record is written without quotes",
    severity: Severity::Medium,
    why: "\
        Each word becomes a string of its own and strings join without a space, so the terms of \
        the record run together.",
    fix: "Put the whole text in quotes.",
    references: &[Reference::Rfc { number: 7208, section: "3.3" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
