//! A semicolon outside quotes cuts a text record short.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-text-cut",
    area: Area::Authentication,
    title: "a semicolon outside quotes cuts a text record short",
    severity: Severity::Medium,
    why: "\
        In a zone file everything after an unquoted semicolon is a comment, so DKIM, DMARC and \
        MTA-STS records lose all tags but the first and are ignored.",
    fix: "Put the whole text in quotes.",
    references: &[Reference::Rfc { number: 1035, section: "5.1" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
