//! An entry of the zone file cannot be read.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-entry-broken",
    area: Area::Authentication,
    title: "an entry of the zone file cannot be read",
    severity: Severity::High,
    why: "\
        Name servers refuse a file with such an entry, or leave the entry out; the names it was to \
        publish are then missing or stay as they were.",
    fix: "\
        Correct the entry as the finding says, and load the zone with your server’s own checker \
        before it goes live.",
    references: &[Reference::Rfc { number: 1035, section: "5.1" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
