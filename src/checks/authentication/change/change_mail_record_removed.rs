//! A record that mail depends on is gone.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "change-mail-record-removed",
    area: Area::Authentication,
    title: "a record that mail depends on is gone",
    severity: Severity::Medium,
    why: "\
        What the record did ends with the change: mail arrives no longer, fails SPF or DKIM, bounces are lost, \
        reports are refused, or links in mail already sent lead nowhere.",
    fix: "\
        Put the record back, unless nothing of mail uses the name any more.",
    references: &[
        Reference::Rfc { number: 4592, section: "3.3" },
        Reference::Rfc { number: 9990, section: "4" },
    ],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
