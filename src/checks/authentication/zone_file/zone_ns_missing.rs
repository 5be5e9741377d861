//! The zone has no NS record at its apex.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-ns-missing",
    area: Area::Authentication,
    title: "the zone has no NS record at its apex",
    severity: Severity::Low,
    why: "Servers load no zone without name servers.",
    fix: "Add an NS record for each of the zone’s servers.",
    references: &[Reference::Rfc { number: 1035, section: "5.2" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
