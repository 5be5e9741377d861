//! Mail to abuse is refused.

use crate::check::{Check, Reference, Verdict};
use crate::checks::authentication::transport::role_address;
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "abuse-refused",
    area: Area::Authentication,
    title: "mail to abuse is refused",
    severity: Severity::Low,
    why: "\
        Complaints about spam from the domain go to abuse. Where they are refused, they go to blocklists \
        instead.",
    fix: "\
        Make abuse an alias of a mailbox that a person reads.",
    references: &[Reference::Rfc { number: 2142, section: "4" }],
    needs: &[Topic::Servers],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    role_address(facts, "abuse")
}
