//! Consent that is older than two years.

use super::subscribers::{compared, problems, when};
use crate::check::{Check, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "consent-stale",
    area: Area::Subscription,
    title: "recipients agreed more than two years before they were mailed",
    severity: Severity::Medium,
    why: "\
        People forget what they signed up for, and mailbox providers turn abandoned addresses into spam \
        traps. Canada's law lets implied consent lapse after two years, and European courts doubt older \
        consent that was never used.",
    fix: "\
        Ask these subscribers to confirm, once, and remove those who do not answer.",
    references: &[pages::M3AAWG_PRACTICES],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let consent = compared(facts)?;
    problems(
        consent,
        &consent.stale,
        |stale| {
            let given = when(stale.address.given).unwrap_or_else(|| "at an unknown time".to_owned());
            let summary =
                format!("{} agreed {given} and was mailed{}, over two years later", stale.shown, stale.day);
            (summary, "ask once for a new confirmation, and stop if none comes".to_owned())
        },
        |more| format!("{more} more recipients agreed over two years before they were mailed"),
    )
}
