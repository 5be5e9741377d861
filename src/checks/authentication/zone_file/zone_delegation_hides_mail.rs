//! A delegation hides records about mail.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "zone-delegation-hides-mail",
    area: Area::Authentication,
    title: "a delegation hides records about mail",
    severity: Severity::High,
    why: "\
        What the file says of the delegated name is no longer served; unless the other servers \
        publish the same, mail from there loses SPF, DKIM and DMARC at once.",
    fix: "Publish the records at the other servers first, then delegate.",
    references: &[Reference::Rfc { number: 1034, section: "4.2.1" }],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
