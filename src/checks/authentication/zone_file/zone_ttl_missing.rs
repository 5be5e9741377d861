//! No TTL is stated for the records.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-ttl-missing",
    area: Area::Authentication,
    title: "no TTL is stated for the records",
    severity: Severity::Low,
    why: "\
        Servers differ in what they assume, from refusing the file to the SOA minimum, so records \
        live longer or shorter than meant.",
    fix: "Put $TTL 3600 at the top of the file.",
    references: &[Reference::Rfc { number: 2308, section: "4" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
