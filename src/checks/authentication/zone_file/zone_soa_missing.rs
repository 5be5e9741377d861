//! The zone has no SOA record.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-soa-missing",
    area: Area::Authentication,
    title: "the zone has no SOA record",
    severity: Severity::Low,
    why: "\
        Servers load no zone without a SOA record; where the file is only a part of one, whoever \
        joins the parts must add it.",
    fix: "Add a SOA record at the top, unless another file brings it.",
    references: &[Reference::Rfc { number: 1035, section: "5.2" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
