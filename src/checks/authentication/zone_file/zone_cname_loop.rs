//! An alias leads back to itself.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-cname-loop",
    area: Area::Authentication,
    title: "an alias leads back to itself",
    severity: Severity::Medium,
    why: "Resolvers give up on the name, so nothing behind it is found.",
    fix: "Name the host itself.",
    references: &[Reference::Rfc { number: 1034, section: "3.6.2" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
