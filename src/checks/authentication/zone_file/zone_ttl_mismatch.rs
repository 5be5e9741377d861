//! Records of one name and type have different TTLs.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-ttl-mismatch",
    area: Area::Authentication,
    title: "records of one name and type have different TTLs",
    severity: Severity::Low,
    why: "Records of one set share one TTL; resolvers use the lowest or drop the set.",
    fix: "Give all of them the same TTL.",
    references: &[Reference::Rfc { number: 2181, section: "5.2" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
