//! The Feedback-ID header is not covered by the DKIM signature.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::unsubscribe::signed_fields;
use crate::model::untrusted::plain;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "feedback-id-unsigned",
    area: Area::FeedbackLoops,
    title: "the Feedback-ID header is not covered by the DKIM signature",
    severity: Severity::Low,
    why: "\
        Google takes a Feedback-ID only from a DKIM signature of the sender that covers it, \
        so that nobody can spoil another's figures.",
    fix: "Add `feedback-id` to the fields the signer covers (`h=`).",
    references: &[
        Reference::Page {
            title: "Google, Feedback-ID",
            url: "https://support.google.com/mail/answer/6254652",
            seen: "2026-03-21",
        },
        Reference::Rfc { number: 6376, section: "5.4" },
    ],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(field) = message.first("Feedback-ID") else {
        return Ok(Verdict::NotApplicable("no Feedback-ID header"));
    };
    let signed = signed_fields(message);
    let Some((domain, _)) = signed.first() else {
        return Err(Gap::undecidable("the sample carries no DKIM signature; give it as it left the signer"));
    };
    if signed.iter().any(|(_, names)| names.iter().any(|name| name == "feedback-id")) {
        return Ok(Verdict::Pass);
    }
    Ok(Verdict::Fail(vec![
        Problem::at(
            message.header_subject(field),
            "no DKIM signature covers Feedback-ID; receivers ignore it",
        )
        .fix(format!(
            "add feedback-id to the signed header fields (h=) of the signer for {}",
            plain(domain, 60)
        ))
        .located(message.location(field.line)),
    ]))
}
