//! A text record holds characters outside ASCII.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-text-not-ascii",
    area: Area::Authentication,
    title: "a text record holds characters outside ASCII",
    severity: Severity::Low,
    why: "\
        SPF, DKIM and DMARC are defined over ASCII; a typographic quote or dash makes a term or \
        tag unreadable to receivers.",
    fix: "\
        Look for typographic quotes, dashes and no-break spaces, and type the ASCII ones.",
    references: &[
        Reference::Rfc { number: 7208, section: "4.6.1" },
        Reference::Rfc { number: 6376, section: "3.2" },
    ],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
