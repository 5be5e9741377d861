//! HTML or CSS that mail programs drop.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::client_support::{Used, used};
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
        used.retain(|used| has_effect(used.slug));
        // What most readers lose stands first; the rest in the order of the table.
        let is_seen = |used: &Used| used.feature.is_lost_on_a_large_client() && breaks_layout(used.slug);
        used.sort_by_key(|used| (!is_seen(used), !used.feature.is_lost_widely(), used.slug));
        let Some(first) = used.first() else { continue };
        let wide = used.iter().filter(|used| is_seen(used)).count();
        let named: Vec<&str> =
            used.iter().take(wide.clamp(1, 3)).map(|used| used.feature.name.as_str()).collect();
        let more = used.len() - named.len();
        let more =
            if more > 0 { format!("; {more} features more are lost on some client") } else { String::new() };
        // One that the sentence tells whole need not be told again.
        let every: Vec<String> = used
            .iter()
            .skip(usize::from(named.len() == 1))
            .take(80)
            .map(|used| format!("{} is not supported by {}", used.feature.name, clients(used)))
            .collect();
        problems.push(
            Problem::at(
                message.part_subject(part),
                match named.as_slice() {
                    [one] => format!("{one} is not supported by {}{more}", clients(first)),
                    several => {
                        format!("{} are not supported by every large client{more}", several.join(", "))
                    }
                },
            )
            .proof(every.join("\n"))
            .fix(format!("make sure the message reads well without {}", named.join(" and ")))
            .severity(if wide > 0 { Severity::Low } else { Severity::Info })
            .located(message.location(first.line)),
        );
    }
    Ok(Verdict::from_problems(problems))
}

/// The clients that lack a feature, the first seven by name.
fn clients(used: &Used) -> String {
    let named = used.feature.lacks.iter().take(7).map(|client| match client.strip_suffix('*') {
        Some(name) => format!("{name} (some apps)"),
        None => client.clone(),
    });
    let named = named.collect::<Vec<_>>().join(", ");
    match used.feature.lacks.len().saturating_sub(7) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// Accessibility attributes and the doctype help where they are understood and cost nothing where
/// they are dropped: to do without them would be the fault.
fn has_effect(slug: &str) -> bool {
    !slug.starts_with("html-aria-")
        && !matches!(slug, "html-doctype" | "html-role" | "html-lang" | "html-semantics")
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
