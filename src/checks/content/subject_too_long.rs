//! The subject is longer than readers see.

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "subject-too-long",
    area: Area::Content,
    title: "the subject is longer than readers see",
    severity: Severity::Low,
    why: "\
        Inboxes show 60 to 90 characters on a desk and 30 to 45 on a phone; the rest is cut, and \
        very long subjects are a mark of spam.",
    fix: "Put what matters into the first 40 characters and stay under 90.",
    references: &[pages::GOOGLE_SENDERS, Reference::Rfc { number: 5322, section: "2.1.1" }],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let Some(field) = message.first("Subject") else {
        return Ok(Verdict::NotApplicable("the message has no Subject"));
    };
    let subject = field.text();
    let length = subject.chars().count();
    if length <= 120 {
        return Ok(Verdict::Pass);
    }
    Ok(Verdict::Fail(vec![
        Problem::at(
            message.header_subject(field),
            format!("{length} characters; inboxes cut it after 60 to 90"),
        )
        .proof(plain(subject, Width::Line))
        .fix("shorten the Subject to 90 characters or fewer, the point first")
        .located(message.location(field.line)),
    ]))
}
