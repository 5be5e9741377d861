//! Little text beside many images.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::pixels::is_pixel;
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::parse::message::Tag;
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
        // Without text at all the message is a case of html-image-only; icons are no pictures.
        let wanted = (area * LEAST_RATIO).ceil();
        let written = f64::from(u32::try_from(text).unwrap_or(u32::MAX));
        if html.letters.alphanumeric < 60 || written >= wanted {
            continue;
        }
        problems.push(
            Problem::at(
                message.part_subject(part),
                format!(
                    "{images} images cover {:.0} thousand square pixels beside {text} characters of text; filters weigh that",
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

/// What SpamAssassin takes for an image of unknown size: 200 by 200 (HTML.pm, html_tests).
const GUESSED: f64 = 200.0;
/// What a per cent is of: the width mail is usually laid out in.
const PAGE: f64 = 600.0;

fn area(tag: &Tag) -> f64 {
    let styled = |wanted: &str| {
        tag.declarations().find(|(property, _)| property == wanted).and_then(|(_, value)| length(&value))
    };
    let side = |name: &str| styled(name).or_else(|| tag.attribute(name).and_then(length)).unwrap_or(GUESSED);
    // A picture is not larger than a screen, whatever it says of itself.
    side("width").min(2000.0) * side("height").min(4000.0)
}

fn length(value: &str) -> Option<f64> {
    let value = value.trim();
    match value.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().ok().map(|percent| PAGE * percent / 100.0),
        None => value.strip_suffix("px").unwrap_or(value).trim().parse().ok(),
    }
    .filter(|length: &f64| *length > 0.0)
}
