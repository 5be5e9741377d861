//! A wildcard answers for every DKIM selector.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-selector-wildcard",
    area: Area::Authentication,
    title: "a wildcard answers for every DKIM selector",
    severity: Severity::Info,
    why: "\
        Every selector seems to exist, so a mistyped one is not noticed; with an empty key it says \
        that all of them are revoked.",
    fix: "Keep it only where no mail is signed.",
    references: &[Reference::Rfc { number: 6376, section: "3.6.1" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
