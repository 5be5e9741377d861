//! Words are spelt letter by letter.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::words::{line_of, spaced_words};
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "words-spaced",
    area: Area::Content,
    title: "words are spelt letter by letter",
    severity: Severity::Medium,
    why: "\
        Letters with spaces or signs between them (F R E E) are how spam hides words from \
        filters, so filters look for just that.",
    fix: "Write the word normally; use CSS letter-spacing where the look matters.",
    references: &[pages::SPAMASSASSIN_TESTS],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let mut problems = Vec::new();
    if let Some(field) = message.first("Subject") {
        for word in spaced_words(field.text()).into_iter().take(5) {
            problems.push(
                Problem::at(
                    message.header_subject(field),
                    format!("{} is spelt letter by letter, as spam does", plain(&word, Width::Name)),
                )
                .fix(format!("write {}", joined(&word)))
                .located(message.location(field.line)),
            );
        }
    }
    for word in spaced_words(&message.wording().own).into_iter().take(10) {
        problems.push(
            Problem::at(
                Subject::Message,
                format!("{} is spelt letter by letter, as spam does", plain(&word, Width::Name)),
            )
            .fix(format!("write {}; for the look, CSS letter-spacing", joined(&word)))
            .confidence(Confidence::Firm)
            .severity(Severity::Low)
            .located(message.location(line_of(message, &word))),
        );
    }
    Ok(Verdict::from_problems(problems))
}

fn joined(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).take(40).collect()
}
