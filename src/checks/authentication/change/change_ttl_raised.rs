//! The change raises a TTL beyond a day.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "change-ttl-raised",
    area: Area::Authentication,
    title: "the change raises a TTL beyond a day",
    severity: Severity::Low,
    why: "\
        If the new record turns out to be wrong, receivers go on with it for as long as the TTL \
        says, whatever you correct.",
    fix: "Keep the TTL low until the change has proven itself, then raise it.",
    references: &[Reference::Rfc { number: 1034, section: "3.6" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
