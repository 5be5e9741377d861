//! Nothing in the file says what relative names belong to.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-origin-missing",
    area: Area::Authentication,
    title: "nothing in the file says what relative names belong to",
    severity: Severity::Low,
    why: "\
        Names without a final dot are completed by the origin; a server that takes another origin \
        than you mean publishes every record at another name.",
    fix: "Begin the file with $ORIGIN and your domain, with its final dot.",
    references: &[Reference::Rfc { number: 1035, section: "5.1" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
