//! Records change and the serial does not rise.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "change-serial-kept",
    area: Area::Authentication,
    title: "records change and the serial does not rise",
    severity: Severity::Info,
    why: "\
        Secondary servers compare the serial alone; those that see the same one go on with the old \
        zone.",
    fix: "Raise the serial, unless the deployment does.",
    references: &[
        Reference::Rfc { number: 1996, section: "3.11" },
        Reference::Rfc { number: 1982, section: "3.2" },
    ],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
