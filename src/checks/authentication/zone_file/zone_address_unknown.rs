//! An address comes from a record type only one provider knows.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-address-unknown",
    area: Area::Authentication,
    title: "an address comes from a record type only one provider knows",
    severity: Severity::Info,
    why: "\
        ALIAS, ANAME, WINS and their like are worked out by the provider’s servers, so the \
        addresses of the name are not known from the file and nothing is said of them.",
    fix: "\
        Nothing to do where your provider serves the zone; other servers refuse the type.",
    references: &[Reference::Rfc { number: 1035, section: "3.2.2" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
