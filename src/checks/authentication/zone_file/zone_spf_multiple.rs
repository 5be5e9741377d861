//! A name has two SPF records.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-spf-multiple",
    area: Area::Authentication,
    title: "a name has two SPF records",
    severity: Severity::High,
    why: "\
        A receiver that finds two records stops with permerror, so neither authorises anyone.",
    fix: "Merge the records into one.",
    references: &[Reference::Rfc { number: 7208, section: "4.5" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
