//! Bulk mail without List-Unsubscribe-Post.

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::kind::Duty;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "one-click-missing",
    area: Area::Subscription,
    title: "bulk mail without List-Unsubscribe-Post",
    severity: Severity::Medium,
    why: "\
        Since June 2024 Google requires one-click unsubscribe of bulk senders and Yahoo \
        recommends it; without the header the https link is a landing page and does not \
        count.",
    fix: "\
        Add `List-Unsubscribe-Post: List-Unsubscribe=One-Click` and make the https address \
        accept a POST without any further step.",
    references: &[Reference::Rfc { number: 8058, section: "3.1" }, pages::GOOGLE_SENDERS, pages::YAHOO_FAQ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, policy: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    if let Duty::None(why) = facts.duty(policy.kind)? {
        return Ok(Verdict::NotApplicable(why));
    }
    let Some(unsubscribe) = facts.unsubscribe()? else {
        return Ok(Verdict::NotApplicable("no List-Unsubscribe header, see list-unsubscribe-missing"));
    };

    if unsubscribe.post.is_some() {
        return Ok(Verdict::Pass);
    }
    Ok(Verdict::Fail(vec![
        Problem::at(
            message.header_subject(unsubscribe.field),
            "List-Unsubscribe stands without List-Unsubscribe-Post; Google requires one-click of bulk mail",
        )
        .fix("add: List-Unsubscribe-Post: List-Unsubscribe=One-Click, and accept a POST at the https address")
        .located(message.location(unsubscribe.field.line)),
    ]))
}
