//! Consent without source, time or confirmation.

use super::subscribers::{compared, problems};
use crate::check::{Check, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "consent-unproven",
    area: Area::Subscription,
    title: "the list does not prove the consent of recipients",
    severity: Severity::Low,
    why: "\
        After a complaint or a blocklisting the sender must show when and where the person agreed \
        (GDPR article 7(1)). Single opt-in lets typing errors and strangers sign others up, which is how \
        spam traps come onto honest lists.",
    fix: "\
        Keep source and time of each consent, and confirm addresses by a link before the first mailing \
        (double opt-in).",
    references: &[pages::M3AAWG_PRACTICES],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let consent = compared(facts)?;
    problems(
        consent,
        &consent.unproven,
        |unproven| {
            let lacks = unproven.address.lacks.join(" and ");
            let summary = format!("the entry of {} lacks {lacks}", unproven.shown);
            (summary, "fill it in from the sign-up records, or ask the subscriber to confirm".to_owned())
        },
        |more| format!("{more} more recipients have an entry that proves too little"),
    )
}
