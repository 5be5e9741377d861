//! The unsubscribe link in the body is hidden.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::subscription::unsubscribe::BodyWay;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "body-unsubscribe-hidden",
    area: Area::Subscription,
    title: "the unsubscribe link in the body is hidden",
    severity: Severity::Medium,
    why: "\
        A link that readers cannot see does not count as clearly visible with Google and \
        Yahoo, and hidden links are a mark of spam.",
    fix: "Show the link in a size and colour people can read.",
    references: &[pages::GOOGLE_SENDERS, pages::YAHOO_FAQ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let BodyWay::Link(at) = facts.body_way()? else {
        return Ok(Verdict::NotApplicable("no unsubscribe link in the body, see body-unsubscribe-missing"));
    };
    let Some(link) = message.links().get(at).filter(|link| link.hidden) else {
        return Ok(Verdict::Pass);
    };
    Ok(Verdict::Fail(vec![
        Problem::at(
            Subject::Link { url: link.url.clone(), line: Some(link.line) },
            "the only unsubscribe link stands in an element that is not shown",
        )
        .fix("remove display:none, font-size:0 and the like around the link")
        .confidence(Confidence::Firm)
        .located(message.location(link.line)),
    ]))
}
