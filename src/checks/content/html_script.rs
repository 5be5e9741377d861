//! The HTML holds scripts.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "html-script",
    area: Area::Content,
    title: "the HTML holds scripts",
    severity: Severity::High,
    why: "\
        No mail program runs scripts. Filters take them for an attack, and some receivers refuse \
        or strip the message.",
    fix: "Remove script elements, event handlers and javascript: links; link to a web page that \
        does the work.",
    references: &[pages::GOOGLE_SENDERS],
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
        for tag in html.tags_named("script").take(5) {
            // Structured data for Gmail is a script element that nobody runs.
            let data = tag.attribute("type").is_some_and(|kind| kind.to_ascii_lowercase().contains("json"));
            let amp = tag.attribute("src").is_some_and(|src| src.starts_with("https://cdn.ampproject.org/"));
            if !data && !amp {
                problems.push(
                    Problem::at(
                        message.part_subject(part),
                        "a <script> element; filters treat it as an attack",
                    )
                    .fix("remove the script element")
                    .located(message.location(tag.line)),
                );
            }
        }
        let handler =
            |tag: &&crate::parse::message::Tag| tag.attributes.iter().any(|(name, _)| is_handler(name));
        for tag in html.tags.iter().filter(handler).take(5) {
            let name = tag.attributes.iter().find(|(name, _)| is_handler(name)).map_or("", |(name, _)| name);
            problems.push(
                Problem::at(
                    message.part_subject(part),
                    format!(
                        "<{}> has the handler {}; it never runs and filters count it",
                        plain(&tag.name, Width::Word),
                        plain(name, Width::Word)
                    ),
                )
                .fix("remove the attribute")
                .severity(Severity::Low)
                .located(message.location(tag.line)),
            );
        }
    }
    Ok(Verdict::from_problems(problems))
}

fn is_handler(name: &str) -> bool {
    name.len() > 4 && name.starts_with("on") && name.bytes().all(|b| b.is_ascii_lowercase())
}
