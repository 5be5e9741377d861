//! Mail to postmaster is refused.

use crate::check::{Check, Reference, Verdict};
use crate::checks::authentication::transport::role_address;
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "postmaster-refused",
    area: Area::Authentication,
    title: "mail to postmaster is refused",
    severity: Severity::Low,
    why: "\
        Every domain that takes mail must take it for postmaster. It is where others report that mail \
        from the domain is broken, and some receivers test it.",
    fix: "\
        Make postmaster an alias of a mailbox that a person reads.",
    references: &[
        Reference::Rfc { number: 5321, section: "4.5.1" },
        Reference::Rfc { number: 2142, section: "5" },
    ],
    needs: &[Topic::Servers],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    role_address(facts, "postmaster")
}
