//! The HTML has no plain-text alternative.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "text-part-missing",
    area: Area::Content,
    title: "the HTML has no plain-text alternative",
    severity: Severity::Low,
    why: "\
        Rspamd adds up to 2 points for HTML without text; watches, screen readers and \
        previews show the text part, and careful senders have one.",
    fix: "Send multipart/alternative with a text/plain part first and the HTML after it.",
    references: &[Reference::Rfc { number: 2046, section: "5.1.4" }],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(body) = message.html_body() else {
        return Ok(Verdict::NotApplicable("the message has no HTML part"));
    };
    let text = message.bodies().iter().find(|body| !body.is_html);
    let Some(part) = message.parts().get(body.part) else { return Ok(Verdict::Pass) };
    let summary = match text {
        Some(text) if !text.text.trim().is_empty() => return Ok(Verdict::Pass),
        Some(_) => "the plain-text part is empty; filters score that like a missing one",
        None => "only HTML, without a plain-text part; filters add points",
    };
    Ok(Verdict::Fail(vec![
        Problem::at(message.part_subject(part), summary)
            .fix("add a text/plain part with the same words before the HTML, in multipart/alternative")
            .located(message.location(part.line)),
    ]))
}
