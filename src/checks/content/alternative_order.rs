//! The HTML stands before the plain text.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "alternative-order",
    area: Area::Content,
    title: "the HTML stands before the plain text",
    severity: Severity::Medium,
    why: "\
        Readers show the last alternative they can: with the HTML first, recipients get the \
        bare text.",
    fix: "Put the parts of multipart/alternative in rising order: text/plain, then text/html.",
    references: &[Reference::Rfc { number: 2046, section: "5.1.4" }],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let parts = message.parts();
    let mut problems = Vec::new();
    let mut seen = false;
    for alternative in parts.iter().filter(|part| part.content_type == "multipart/alternative") {
        seen = true;
        let position = |wanted: &str| {
            alternative
                .children
                .iter()
                .position(|child| parts.get(*child).is_some_and(|part| part.content_type == wanted))
        };
        let rich = position("text/html").or_else(|| position("multipart/related"));
        if let Some((html, text)) = rich.zip(position("text/plain"))
            && html < text
        {
            problems.push(
                Problem::at(
                    message.part_subject(alternative),
                    format!(
                        "in part {} the HTML precedes the text, so readers show the text",
                        alternative.path
                    ),
                )
                .fix("put text/plain first and text/html last")
                .located(message.location(alternative.line)),
            );
        }
    }
    if !seen {
        return Ok(Verdict::NotApplicable("no multipart/alternative"));
    }
    Ok(Verdict::from_problems(problems))
}
