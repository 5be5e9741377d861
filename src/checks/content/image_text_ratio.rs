//! Little text beside many images.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::pixels::{area, instead_of_text, is_pixel};
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
        let shown = || html.tags_named("img").filter(|tag| !tag.hidden && !is_pixel(tag));
        let (images, area) = (shown().count(), shown().map(area).sum::<f64>());
        let text = html.letters.inked();
        // Images in place of text are html-image-only, charged there; icons are no pictures.
        let wanted = (area * LEAST_RATIO).ceil();
        let written = f64::from(u32::try_from(text).unwrap_or(u32::MAX));
        if html.letters.alphanumeric < 60 || written >= wanted || instead_of_text(html).is_some() {
            continue;
        }
        problems.push(
            Problem::at(
                message.part_subject(part),
                format!(
                    "{} {:.0} thousand square pixels beside {text} characters of text; filters weigh that",
                    if images == 1 { "1 image covers".to_owned() } else { format!("{images} images cover") },
                    area / 1000.0
                ),
            )
            .fix(format!("add about {:.0} characters of text, or make the images smaller", wanted - written))
            .confidence(Confidence::Tentative)
            .located(message.location(part.line)),
        );
    }
    Ok(Verdict::from_problems(problems))
}

/// Characters for each square pixel of image. SpamAssassin scores HTML_IMAGE_RATIO_02 at and
/// below 0.002 (rules/20_html_tests.cf, eval:html_image_ratio).
const LEAST_RATIO: f64 = 0.002;
