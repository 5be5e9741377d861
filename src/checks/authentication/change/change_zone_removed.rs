//! All records of a zone go.

use super::reported;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "change-zone-removed",
    area: Area::Authentication,
    title: "the change removes a whole zone",
    severity: Severity::High,
    why: "\
        Without its records the domain takes no mail, and mail in its name fails SPF, DKIM and DMARC or is \
        forged by anybody.",
    fix: "Put the zone back; to give a domain up keep `v=spf1 -all`, a null MX and `p=reject` there.",
    references: &[
        Reference::Rfc { number: 7505, section: "3" },
        Reference::Rfc { number: 7208, section: "10.1.2" },
    ],
    needs: &[Topic::Zone],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(reported(facts, CHECK.code))
}
