//! A name is written with characters outside ASCII.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-name-not-ascii",
    area: Area::Authentication,
    title: "a name is written with characters outside ASCII",
    severity: Severity::Low,
    why: "\
        Servers publish the raw bytes, while mail programs and resolvers ask for the name’s ASCII \
        form (xn--), so nobody finds the record.",
    fix: "Write the name in its ASCII form.",
    references: &[Reference::Rfc { number: 5890, section: "2.3.2.1" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
