//! Data of a rare record type was not read.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-data-opaque",
    area: Area::Authentication,
    title: "data of a rare record type was not read",
    severity: Severity::Info,
    why: "\
        The record is kept as it stands and nothing is judged by it; mail does not depend on such \
        types.",
    fix: "Nothing to do for mail; RFC 3597 form would be read.",
    references: &[Reference::Rfc { number: 3597, section: "5" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
