//! An alias leads to a name the zone does not have.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-cname-dangling",
    area: Area::Authentication,
    title: "an alias leads to a name the zone does not have",
    severity: Severity::Medium,
    why: "\
        Whoever follows the alias finds nothing. A final dot that is missing is the usual cause: \
        the zone’s name is then appended to the target.",
    fix: "End a complete target with a dot; else add the name.",
    references: &[Reference::Rfc { number: 1035, section: "5.1" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
