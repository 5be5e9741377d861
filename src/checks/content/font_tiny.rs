//! Type too small to read.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::model::counted::counted;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "font-tiny",
    area: Area::Content,
    title: "type too small to read",
    severity: Severity::Low,
    why: "\
        Type under 9 pixels cannot be read on a phone; filters know it as a way to hide words.",
    fix: "Set body text at 14 pixels or more and the small print at 11.",
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
        let tiny: Vec<_> = message
            .looks(html)
            .iter()
            .filter(|look| look.size.is_some_and(|size| size > 0.0 && size < 9.0))
            .filter_map(|look| Some((html.tags.get(look.tag)?, look.size.unwrap_or_default())))
            .filter(|(tag, _)| html.text_of(tag).chars().filter(|c| c.is_alphanumeric()).count() >= 8)
            .collect();
        let Some((first, size)) = tiny.first() else { continue };
        problems.push(
            Problem::at(
                message.part_subject(part),
                format!(
                    "{} in type under 9 pixels, the first at {size:.0} pixels: \"{}\"",
                    counted(tiny.len() as u64, "text"),
                    plain(html.text_of(first), Width::Word)
                ),
            )
            .fix("raise font-size to 11 pixels or more")
            .located(message.location(first.line)),
        );
    }
    Ok(Verdict::from_problems(problems))
}
