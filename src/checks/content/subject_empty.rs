//! The subject is missing or empty.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "subject-empty",
    area: Area::Content,
    title: "the subject is missing or empty",
    severity: Severity::Medium,
    why: "\
        Readers cannot tell what the message is, and SpamAssassin adds 1 to 2 points for a \
        missing or empty Subject.",
    fix: "Give the message a subject of 20 to 60 characters that says what is inside.",
    references: &[Reference::Rfc { number: 5322, section: "3.6.5" }],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    Ok(match message.first("Subject") {
        None => Verdict::Fail(vec![
            Problem::at(Subject::Message, "no Subject field; filters add points and readers pass over it")
                .fix("add a Subject field with 20 to 60 characters")
                .located(message.location(1)),
        ]),
        Some(field) if crate::facts::spam_score::bare_subject(field.text()).is_empty() => {
            Verdict::Fail(vec![
                Problem::at(message.header_subject(field), "the Subject says nothing; filters add points")
                    .fix("fill the Subject; an empty template variable is the usual cause")
                    .located(message.location(field.line)),
            ])
        }
        Some(_) => Verdict::Pass,
    })
}
