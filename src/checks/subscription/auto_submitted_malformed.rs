//! The Auto-Submitted header has a value RFC 3834 does not know.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "auto-submitted-malformed",
    area: Area::Subscription,
    title: "the Auto-Submitted header has a value RFC 3834 does not know",
    severity: Severity::Low,
    why: "\
        Auto-responders and ticket systems decide by it whether to answer; a wrong value \
        starts mail loops or silences answers you want.",
    fix: "\
        Write `auto-generated` for mail a program starts, `auto-replied` for answers, `no` \
        for a person's mail.",
    references: &[
        Reference::Rfc { number: 3834, section: "5" },
        Reference::Rfc { number: 5436, section: "2.7.1" },
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(field) = message.first("Auto-Submitted") else {
        return Ok(Verdict::NotApplicable("no Auto-Submitted header"));
    };
    let text = field.unfolded();
    let value = text.split([';', '(']).next().unwrap_or_default().trim().to_ascii_lowercase();
    let fault = match value.as_str() {
        "no" | "auto-generated" | "auto-notified" => return Ok(Verdict::Pass),
        "auto-replied"
            if message.first("In-Reply-To").is_none() && message.first("List-Unsubscribe").is_some() =>
        {
            "says the mailing is an automatic reply, so its answers are dropped"
        }
        "auto-replied" => return Ok(Verdict::Pass),
        _ => "is none of no, auto-generated, auto-replied, auto-notified",
    };
    Ok(Verdict::Fail(vec![
        Problem::at(
            message.header_subject(field),
            format!("Auto-Submitted: {} {fault}", plain(&text, Width::Word)),
        )
        .fix("write: Auto-Submitted: auto-generated")
        .located(message.location(field.line)),
    ]))
}
