//! An MX, NS or SRV record names an alias.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-target-alias",
    area: Area::Authentication,
    title: "an MX, NS or SRV record names an alias",
    severity: Severity::Medium,
    why: "\
        The target must be a host with an address: some senders do not follow the alias, and name \
        servers refuse a zone whose NS is one.",
    fix: "Name the alias’s target.",
    references: &[Reference::Rfc { number: 2181, section: "10.3" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
