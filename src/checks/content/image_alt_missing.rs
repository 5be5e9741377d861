//! Images have no alternative text.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::pixels::is_pixel;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "image-alt-missing",
    area: Area::Content,
    title: "images have no alternative text",
    severity: Severity::Low,
    why: "\
        Half of all mail programs show alt texts until images are allowed; screen readers read \
        file names aloud where there is none.",
    fix: "Give each image that says something an alt text, and decoration an empty one (alt=\"\").",
    references: &[pages::WCAG],
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
        let without: Vec<_> = html
            .tags_named("img")
            .filter(|tag| tag.attribute("alt").is_none() && !tag.hidden && !is_pixel(tag))
            .collect();
        let Some(first) = without.first() else { continue };
        let src = first.attribute("src").unwrap_or_default();
        let images =
            if without.len() == 1 { "1 image".to_owned() } else { format!("{} images", without.len()) };
        problems.push(
            Problem::at(
                message.part_subject(part),
                format!("{images} without alt, the first {} on line {}", plain(src, Width::Name), first.line),
            )
            .fix("write alt=\"what the image says\", or alt=\"\" for decoration")
            .located(message.location(first.line)),
        );
    }
    Ok(Verdict::from_problems(problems))
}
