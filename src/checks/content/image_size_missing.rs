//! Images have no size.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "image-size-missing",
    area: Area::Content,
    title: "images have no size",
    severity: Severity::Info,
    why: "\
        Until an image is loaded its place has no size: the text jumps, and Outlook shows large \
        files at their full width.",
    fix: "Set width and height attributes on each image.",
    references: &[pages::CAN_I_EMAIL],
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
        let sized = |tag: &crate::parse::message::Tag| {
            tag.attribute("width").is_some()
                || tag.attribute("height").is_some()
                || tag
                    .declarations()
                    .any(|(p, v)| matches!(&*p, "width" | "height" | "max-width") && v != "auto")
        };
        let without: Vec<_> = html.tags_named("img").filter(|tag| !tag.hidden && !sized(tag)).collect();
        let Some(first) = without.first() else { continue };
        let images =
            if without.len() == 1 { "1 image".to_owned() } else { format!("{} images", without.len()) };
        problems.push(
            Problem::at(
                message.part_subject(part),
                format!("{images} without width and height, the first on line {}", first.line),
            )
            .fix("add width=\"...\" height=\"...\" with the size shown, in pixels")
            .located(message.location(first.line)),
        );
    }
    Ok(Verdict::from_problems(problems))
}
