//! HTML or CSS that mail programs drop.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::client_support::used;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "client-support-missing",
    area: Area::Content,
    title: "HTML or CSS that mail programs drop",
    severity: Severity::Low,
    why: "\
        What a mail program does not support it leaves out without a word: layouts collapse or \
        fall back to a plain look.",
    fix: "Give a fallback (tables for flex and grid, solid colours for gradients), or check that \
        the message reads well without the feature.",
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
        let mut used = used(html);
        // Every page has a doctype; a client that drops it shows the page all the same.
        used.retain(|used| used.slug != "html-doctype");
        // What most readers lose stands first; the rest in the order of the table.
        used.sort_by_key(|used| (!used.feature.is_lost_widely(), used.slug));
        for used in used.into_iter().take(80) {
            let wide = used.feature.is_lost_on_a_large_client() && breaks_layout(used.slug);
            let clients = used.feature.lacks.iter().take(7).map(|client| match client.strip_suffix('*') {
                Some(name) => format!("{name} (some apps)"),
                None => client.clone(),
            });
            let clients: Vec<String> = clients.collect();
            let more = used.feature.lacks.len().saturating_sub(7);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            problems.push(
                Problem::at(
                    message.part_subject(part),
                    format!("{} is not supported by {}{more}", used.feature.name, clients.join(", ")),
                )
                .fix(format!("make sure the message reads well without {}", used.feature.name))
                .severity(if wide { Severity::Low } else { Severity::Info })
                .located(message.location(used.line)),
            );
        }
    }
    Ok(Verdict::from_problems(problems))
}

/// Where the feature carries the layout or content, so that its loss shows.
fn breaks_layout(slug: &str) -> bool {
    matches!(
        slug,
        "css-display-flex"
            | "css-display-grid"
            | "css-grid-template"
            | "css-position"
            | "css-variables"
            | "css-at-import"
            | "html-video"
            | "html-audio"
            | "html-object"
            | "html-form"
            | "html-svg"
            | "image-svg"
            | "image-webp"
            | "image-avif"
            | "image-base64"
            | "css-function-clamp"
    )
}
