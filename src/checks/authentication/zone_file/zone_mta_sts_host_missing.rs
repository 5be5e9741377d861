//! MTA-STS is announced and its policy host has no address.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-mta-sts-host-missing",
    area: Area::Authentication,
    title: "MTA-STS is announced and its policy host has no address",
    severity: Severity::Medium,
    why: "\
        Senders fetch the policy from mta-sts below the domain; without an address new senders \
        find none, and those with an old policy keep it until it expires.",
    fix: "\
        Add an address for the host mta-sts, or remove the _mta-sts record once senders’ policies \
        have expired.",
    references: &[Reference::Rfc { number: 8461, section: "3.2" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
