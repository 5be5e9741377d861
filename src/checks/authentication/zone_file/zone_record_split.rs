//! One record about mail is split over several TXT records.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-record-split",
    area: Area::Authentication,
    title: "one record about mail is split over several TXT records",
    severity: Severity::Medium,
    why: "\
        Each TXT record is read by itself; only the strings inside one record join. The tags in \
        the other records are lost.",
    fix: "Write one TXT record with all tags inside one pair of quotes.",
    references: &[Reference::Rfc { number: 9989, section: "4.5" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
