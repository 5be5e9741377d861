//! A record that mail depends on leads elsewhere than before.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "change-mail-record-replaced",
    area: Area::Authentication,
    title: "a record that mail depends on leads elsewhere than before",
    severity: Severity::Low,
    why: "\
        Whoever answers at the new place takes the mail, the bounces or the questions that the old one took.",
    fix: "\
        Make sure that the new value is meant and serves what the old one served.",
    references: &[
        Reference::Rfc { number: 7671, section: "8.1" },
        Reference::Rfc { number: 8461, section: "3.1" },
    ],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
