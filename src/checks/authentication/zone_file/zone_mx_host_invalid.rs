//! An MX record names what is no host name.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-mx-host-invalid",
    area: Area::Authentication,
    title: "an MX record names what is no host name",
    severity: Severity::Medium,
    why: "\
        Host names are letters, digits and hyphens; senders that keep to that refuse to deliver to \
        any other.",
    fix: "Give the host a name of letters, digits and hyphens.",
    references: &[
        Reference::Rfc { number: 1123, section: "2.1" },
        Reference::Rfc { number: 5321, section: "2.3.5" },
    ],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
