//! Dark mode will make text unreadable.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::parse::message::Tag;
use crate::parse::text::letters::Letters;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dark-mode-trap",
    area: Area::Content,
    title: "dark mode will make text unreadable",
    severity: Severity::Info,
    why: "\
        Apple Mail, Outlook and Gmail recolour mail in dark mode. A text colour without a \
        background of its own, or a promise of dark styles that are not there, leaves dark text \
        on dark.",
    fix: "Set colour and background together on the same element, and add @media \
        (prefers-color-scheme: dark) rules where you declare dark support.",
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
        let declared = html.tags_named("meta").find(|tag| {
            let name = tag.attribute("name").unwrap_or_default().to_ascii_lowercase();
            matches!(name.as_str(), "color-scheme" | "supported-color-schemes")
                && tag
                    .attribute("content")
                    .is_some_and(|content| content.to_ascii_lowercase().contains("dark"))
        });
        let styled = html.styles.iter().any(|(css, _)| {
            css.contains("prefers-color-scheme") || css.contains("data-ogsc") || css.contains("light-dark(")
        });
        if let Some(tag) = declared
            && !styled
        {
            problems.push(
                Problem::at(
                    message.part_subject(part),
                    "color-scheme promises dark styles, but no prefers-color-scheme rule is there",
                )
                .fix("add @media (prefers-color-scheme: dark) { ... }, or declare content=\"light only\"")
                .located(message.location(tag.line)),
            );
        }
        let looks = || message.looks(html).iter().filter_map(|look| Some((look, html.tags.get(look.tag)?)));
        let letters = |tag: &Tag| Letters::of(html.text_of(tag)).alphanumeric;
        let (mut bare, mut line) = (0, None);
        for (look, tag) in looks() {
            if look.background.is_none() && look.color.is_some_and(|color| color.luminance() < 0.03) {
                bare += letters(tag);
                line.get_or_insert(tag.line);
            }
        }
        let most = |bare: usize| bare * 2 > looks().map(|(_, tag)| letters(tag)).sum();
        if bare > 100 && !styled && most(bare) {
            problems.push(
                Problem::at(
                    message.part_subject(part),
                    format!(
                        "{bare} letters have a dark colour and no background; on a dark page they vanish"
                    ),
                )
                .fix("set background-color:#ffffff on the element that sets the dark color")
                .confidence(Confidence::Tentative)
                .located(line.and_then(|line| message.location(line))),
            );
        }
    }
    Ok(Verdict::from_problems(problems))
}
