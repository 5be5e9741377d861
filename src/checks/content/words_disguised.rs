//! Words are disguised with look-alike characters.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::disguise::{Disguised, disguised_words};
use crate::facts::message::words::line_of;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "words-disguised",
    area: Area::Content,
    title: "words are disguised with look-alike characters",
    severity: Severity::High,
    why: "\
        Letters from another script, digits for letters or invisible characters inside words are \
        how spam and phishing pass filters; filters score them, and readers feel deceived.",
    fix: "Type the words with the letters of one script and remove invisible characters.",
    references: &[pages::UTS_39],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let mut problems = Vec::new();
    if let Some(field) = message.first("Subject") {
        for word in disguised_words(field.text()).into_iter().take(5) {
            problems
                .push(problem(message.header_subject(field), &word).located(message.location(field.line)));
        }
    }
    if let Some(field) = message.first("From") {
        for word in disguised_words(field.text()).into_iter().take(5) {
            problems
                .push(problem(message.header_subject(field), &word).located(message.location(field.line)));
        }
    }
    for word in disguised_words(&message.wording().own).into_iter().take(10) {
        let line = line_of(message, &word.shown);
        problems.push(
            problem(Subject::Message, &word).severity(Severity::Medium).located(message.location(line)),
        );
    }
    Ok(Verdict::from_problems(problems))
}

fn problem(at: Subject, word: &Disguised) -> Problem {
    Problem::at(
        at,
        format!(
            "{} reads as {} but is made of other characters",
            plain(&word.shown, Width::Name),
            plain(&word.reads, Width::Name)
        ),
    )
    .fix(format!("type it anew: {}", plain(&word.reads, Width::Name)))
    .confidence(Confidence::Firm)
}
