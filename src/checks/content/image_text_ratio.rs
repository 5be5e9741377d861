//! Little text beside many images.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::pixels::is_pixel;
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "image-text-ratio",
    area: Area::Content,
    title: "little text beside many images",
    severity: Severity::Low,
    why: "\
        A message that says little in text and much in images looks to filters like one that \
        hides its words.",
    fix: "Set headlines and offers as text; keep at least 60 characters of text for each large \
        image.",
    references: &[pages::SPAMASSASSIN_TESTS],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    if message.htmls().is_empty() {
        return Ok(Verdict::NotApplicable("the message has no HTML part"));
    }
    let mut problems = Vec::new();
    for (html, part) in message.html_parts() {
        let images = html.tags_named("img").filter(|tag| !tag.hidden && !is_pixel(tag)).count();
        let text = html.letters.alphanumeric;
        // Without text at all the message is a case of html-image-only.
        if images < 3 || text < 60 || text >= images * 40 {
            continue;
        }
        problems.push(
            Problem::at(
                message.part_subject(part),
                format!(
                    "{images} images to {text} letters of text, {} for each; filters weigh that",
                    text / images
                ),
            )
            .fix(format!("add about {} letters of text, or drop images", images * 40 - text))
            .confidence(Confidence::Tentative)
            .located(message.location(part.line)),
        );
    }
    Ok(Verdict::from_problems(problems))
}
