//! The apex of the zone is an alias.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-cname-at-apex",
    area: Area::Authentication,
    title: "the apex of the zone is an alias",
    severity: Severity::High,
    why: "\
        The apex has SOA and NS records, and a CNAME stands alone: servers refuse the zone, and \
        those that do not lose its MX and TXT records.",
    fix: "Replace it by A and AAAA records, or by the provider’s ALIAS record.",
    references: &[Reference::Rfc { number: 1034, section: "3.6.2" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
