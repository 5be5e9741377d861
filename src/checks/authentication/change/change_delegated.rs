//! The change hands names to other servers, or takes them from those that answered.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "change-delegated",
    area: Area::Authentication,
    title: "the change hands names to other servers, or takes them away",
    severity: Severity::High,
    why: "\
        From then on the other servers’ records count, or no name there exists; without SPF, DKIM or DMARC \
        mail from the name fails at once.",
    fix: "Have the other servers publish the same records first.",
    references: &[Reference::Rfc { number: 1034, section: "4.2.1" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
