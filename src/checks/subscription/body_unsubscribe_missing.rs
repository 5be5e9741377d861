//! Bulk mail whose body shows no way to unsubscribe.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::kind::Duty;
use crate::facts::subscription::unsubscribe::BodyWay;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::parse::message::LinkPlace;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "body-unsubscribe-missing",
    area: Area::Subscription,
    title: "bulk mail whose body shows no way to unsubscribe",
    severity: Severity::Medium,
    why: "\
        Google and Yahoo require a clearly visible unsubscribe link in the body beside the \
        header, and CAN-SPAM requires it by law.",
    fix: "\
        Put a link with the word `Unsubscribe`, in the language of the mail, where readers \
        find it, usually in the footer.",
    references: &[pages::GOOGLE_SENDERS, pages::YAHOO_FAQ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, policy: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let duty = facts.duty(policy.kind)?;
    if let Duty::None(why) = duty {
        return Ok(Verdict::NotApplicable(why));
    }
    match facts.body_way()? {
        BodyWay::Link(_) | BodyWay::Words => return Ok(Verdict::Pass),
        BodyWay::None => message.seen_whole()?,
    }
    let text = message.visible_text();
    let known = text.chars().filter(|c| c.is_alphabetic()).count();
    if known == 0 && message.links().iter().any(|link| link.place == LinkPlace::Anchor) {
        return Err(Gap::undecidable("the body is images only; what stands in them is not read"));
    }
    Ok(Verdict::Fail(vec![
        Problem::at(
            Subject::Message,
            "no link or sentence in the body says how to unsubscribe, in any of 28 languages",
        )
        .fix("add to the footer: <a href=\"https://example.com/u/TOKEN\">Unsubscribe</a>")
        // Without a header either there is no way out at all, and the large receivers refuse such bulk.
        .severity(match duty {
            Duty::Bulk if message.first("List-Unsubscribe").is_none() => Severity::High,
            _ => Severity::Medium,
        })
        .confidence(Confidence::Firm),
    ]))
}
