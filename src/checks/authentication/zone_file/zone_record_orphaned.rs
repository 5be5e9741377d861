//! A record about mail stands where nobody asks, or begins with a damaged version.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-record-orphaned",
    area: Area::Authentication,
    title: "a record about mail stands where nobody asks, or begins with a damaged version",
    severity: Severity::Medium,
    why: "\
        Receivers look at fixed names for texts that begin with a fixed version; this record is \
        published and has no effect.",
    fix: "Correct the name or the version as the finding says.",
    references: &[
        Reference::Rfc { number: 9989, section: "4.5" },
        Reference::Rfc { number: 6376, section: "3.6.2.1" },
    ],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
