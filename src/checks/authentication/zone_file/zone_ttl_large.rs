//! A TTL is larger than the protocol allows.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-ttl-large",
    area: Area::Authentication,
    title: "a TTL is larger than the protocol allows",
    severity: Severity::Low,
    why: "\
        Resolvers treat a TTL with the highest bit set as zero and ask again for every message.",
    fix: "Write a day (86400) or less.",
    references: &[Reference::Rfc { number: 2181, section: "8" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
