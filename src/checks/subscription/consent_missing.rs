//! Recipients in the log who are on no list of subscribers.

use super::subscribers::{compared, problems};
use crate::check::{Check, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "consent-missing",
    area: Area::Subscription,
    title: "recipients of the mail are not among the subscribers",
    severity: Severity::High,
    why: "\
        Mail without consent is what receivers call spam: it meets spam traps, draws complaints and \
        blocks, and is unlawful as advertising in the EU, the UK and Canada.",
    fix: "\
        Stop mailing the addresses that the list does not have, find out which system added them, and \
        ask them again only if you can prove they agreed.",
    references: &[pages::M3AAWG_PRACTICES, pages::CAN_SPAM_GUIDE],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let consent = compared(facts)?;
    let all = consent.recipients;
    problems(
        consent,
        &consent.missing,
        |missing| {
            let summary =
                format!("{} was mailed{} and is not in {}", missing.shown, missing.day, missing.list);
            (
                summary,
                "remove the address from what you send to, or add the proof of its consent to the list"
                    .to_owned(),
            )
        },
        |more| format!("{more} more of {all} recipients are not in the list"),
    )
}
