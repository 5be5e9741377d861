//! Mail to people who have unsubscribed or complained.

use super::subscribers::{compared, problems, when};
use crate::check::{Check, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "suppressed-mailed",
    area: Area::Subscription,
    title: "addresses were mailed after they were taken off the list",
    severity: Severity::High,
    why: "\
        Who unsubscribed and is mailed again presses the spam button. CAN-SPAM allows ten business days \
        for an opt-out, Google and Yahoo two days for one-click, and the GDPR none.",
    fix: "\
        Let every system that sends ask the same suppression list just before it sends; find out \
        which one did not.",
    references: &[pages::CAN_SPAM_GUIDE, pages::GOOGLE_SENDERS],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let consent = compared(facts)?;
    problems(
        consent,
        &consent.suppressed,
        |off| {
            let since = when(off.address.suppressed).map(|day| format!(" {day}")).unwrap_or_default();
            let summary = format!("{} was taken off{since} and mailed{} all the same", off.shown, off.day);
            (summary, "put the address on the suppression list of the system that sent this".to_owned())
        },
        |more| format!("{more} more recipients were mailed after they were taken off"),
    )
}
