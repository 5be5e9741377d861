//! There is a second SOA record, or one below the apex.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-soa-misplaced",
    area: Area::Authentication,
    title: "there is a second SOA record, or one below the apex",
    severity: Severity::High,
    why: "Servers refuse the whole zone, so no change of the file goes live.",
    fix: "Keep one SOA record, at the zone’s apex.",
    references: &[Reference::Rfc { number: 1035, section: "5.2" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
