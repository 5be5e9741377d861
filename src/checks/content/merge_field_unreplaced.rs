//! A merge field was not replaced.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::merge_fields;
use crate::facts::message::words::line_of;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "merge-field-unreplaced",
    area: Area::Content,
    title: "a merge field was not replaced",
    severity: Severity::Medium,
    why: "\
        Readers see the template instead of their name. It says at once that a machine wrote, \
        complaints follow, and filters know such messages.",
    fix: "Fill every field, give each a default, and refuse to send a message that still holds \
        one.",
    references: &[pages::GOOGLE_SENDERS],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let mut problems = Vec::new();
    for name in ["Subject", "From", "Reply-To", "List-Unsubscribe"] {
        let Some(field) = message.first(name) else { continue };
        for found in merge_fields::find(field.text(), merge_fields::Where::Header).into_iter().take(3) {
            problems
                .push(problem(message.header_subject(field), &found).located(message.location(field.line)));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    for found in merge_fields::find(&message.wording().own, merge_fields::Where::Text) {
        if seen.len() < 12 && seen.insert(found.clone()) {
            let line = line_of(message, &found);
            problems.push(problem(Subject::Message, &found).located(message.location(line)));
        }
    }
    for link in message.links() {
        for found in merge_fields::find(&link.raw, merge_fields::Where::Link) {
            if link.part.is_some() && seen.len() < 20 && seen.insert(found.clone()) {
                let at = Subject::Link { url: link.url.clone(), line: Some(link.line) };
                problems.push(problem(at, &found).located(message.location(link.line)));
            }
        }
    }
    Ok(Verdict::from_problems(problems))
}

fn problem(at: Subject, found: &str) -> Problem {
    Problem::at(at, format!("{} was not replaced; readers see the template", plain(found, Width::Name)))
        .fix("fill the field or give it a default, and stop sending when one is left")
}
