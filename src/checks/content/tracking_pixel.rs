//! A tracking pixel reports who opened the message.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::pixels::counts_readers;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "tracking-pixel",
    area: Area::Content,
    title: "a tracking pixel reports who opened the message",
    severity: Severity::Info,
    why: "\
        Apple Mail and Gmail load images by proxy, so open counts mislead; in the EU a pixel \
        needs consent. Filters count pixels on hosts that others misuse.",
    fix: "Keep one pixel on your own domain at most, or count clicks instead.",
    references: &[pages::APPLE_PRIVACY],
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
        let pixels: Vec<_> = html.tags_named("img").filter(|tag| counts_readers(tag)).collect();
        let Some(first) = pixels.first() else { continue };
        problems.push(
            Problem::at(
                message.part_subject(part),
                format!(
                    "{} invisible images, the first {}",
                    pixels.len(),
                    plain(first.attribute("src").unwrap_or_default(), Width::Name)
                ),
            )
            .fix("remove pixels you do not need, and say in your privacy notice what the rest record")
            .confidence(Confidence::Firm)
            .located(message.location(first.line)),
        );
    }
    Ok(Verdict::from_problems(problems))
}
