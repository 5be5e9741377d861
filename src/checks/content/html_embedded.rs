//! The HTML embeds foreign content.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "html-embedded",
    area: Area::Content,
    title: "the HTML embeds foreign content",
    severity: Severity::Medium,
    why: "\
        Mail programs drop frames, objects and embedded media; filters know them from attacks.",
    fix: "Show a linked image in its place and offer the content on the web.",
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
        let kinds = ["iframe", "frame", "object", "embed", "applet", "video", "audio"];
        for tag in html.tags.iter().filter(|tag| kinds.contains(&&*tag.name)).take(10) {
            let media = matches!(&*tag.name, "video" | "audio");
            problems.push(
                Problem::at(
                    message.part_subject(part),
                    format!("<{}> is dropped by most mail programs", tag.name),
                )
                .fix("use an image that links to the content")
                .severity(if media { Severity::Low } else { Severity::Medium })
                .located(message.location(tag.line)),
            );
        }
        for tag in html
            .tags_named("meta")
            .filter(|tag| {
                tag.attribute("http-equiv").is_some_and(|e| e.trim().eq_ignore_ascii_case("refresh"))
            })
            .take(1)
        {
            problems.push(
                Problem::at(
                    message.part_subject(part),
                    "<meta http-equiv=refresh> would take the reader elsewhere unasked",
                )
                .fix("remove the meta element and link to the page")
                .located(message.location(tag.line)),
            );
        }
    }
    Ok(Verdict::from_problems(problems))
}
