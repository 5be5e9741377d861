//! An MX, NS or SRV record names a host without an address.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-target-addressless",
    area: Area::Authentication,
    title: "an MX, NS or SRV record names a host without an address",
    severity: Severity::Medium,
    why: "Nobody can connect to a host without an address, so mail waits and comes back.",
    fix: "Add the address, or end a complete name with a dot.",
    references: &[Reference::Rfc { number: 5321, section: "5.1" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
