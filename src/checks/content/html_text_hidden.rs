//! Text is hidden from the reader.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::words::{folded, words};
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "html-text-hidden",
    area: Area::Content,
    title: "text is hidden from the reader",
    severity: Severity::Medium,
    why: "\
        Filters compare what is shown with what is hidden: hidden paragraphs are how spam \
        dilutes its words. A short preheader is customary and does no harm.",
    fix: "Remove hidden text, or keep it to a preheader under 200 characters; build mobile and \
        desktop variants from the same text.",
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
        if html.hidden.len() < 400 {
            continue;
        }
        // Responsive mails hide a copy of what they show; only text of its own is held against them.
        let shown = folded(&html.text);
        let hidden = folded(&html.hidden);
        let known: std::collections::BTreeSet<&str> = words(&shown).into_iter().collect();
        let own: usize = words(&hidden)
            .into_iter()
            .filter(|word| !known.contains(word))
            .map(|word| word.chars().count())
            .sum();
        if own < 400 || own * 3 < shown.chars().count() {
            continue;
        }
        let line = html
            .tags
            .iter()
            .find(|tag| {
                tag.hidden
                    && tag.name != "head"
                    && !matches!(&*tag.name, "title" | "meta" | "style" | "script" | "link" | "base")
            })
            .map_or(part.line, |tag| tag.line);
        problems.push(
            Problem::at(
                message.part_subject(part),
                format!(
                    "{own} letters in words that readers never see, beside {} characters shown",
                    shown.chars().count()
                ),
            )
            .proof(plain(&html.hidden, Width::Line))
            .fix("delete the hidden block, or shorten it to a preheader")
            .confidence(Confidence::Firm)
            .located(message.location(line)),
        );
    }
    Ok(Verdict::from_problems(problems))
}
