//! Phrases that filters know from spam.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::words::{Place, is_whole, line_of};
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "phrases-trigger",
    area: Area::Content,
    title: "phrases that filters know from spam",
    severity: Severity::Low,
    why: "\
        Content filters and learnt classifiers count such phrases. One is harmless; many \
        together, above all in the subject, push a message over the limit.",
    fix: "Say the same in your own words. Phrases you stand by go under allow of [phrases] in \
        mailvet.toml, phrases of your own under trigger.",
    references: &[pages::SPAMASSASSIN_TESTS, pages::GOOGLE_SENDERS],
    needs: &[Topic::Message],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, policy: &Policy) -> Result<Verdict, Gap> {
    let message = facts.message()?;
    let allowed = |text: &str| policy.allowed_phrases.iter().any(|phrase| phrase == text);
    let wording = message.wording();
    let mut problems = Vec::new();
    for place in [Place::Subject, Place::Body] {
        let mut seen: Vec<(f64, String, &str)> = wording
            .hits()
            .into_iter()
            .filter(|hit| hit.place == place && !allowed(&hit.phrase.text))
            .map(|hit| (f64::from(hit.phrase.weight), hit.phrase.text.clone(), hit.phrase.topic.as_str()))
            .collect();
        let text = match place {
            Place::Subject => &wording.subject,
            Place::Body => &wording.body,
        };
        let mut extra = false;
        for (phrase, weight) in &policy.extra_phrases {
            let found =
                text.match_indices(phrase.as_str()).any(|(at, _)| is_whole(text, at, at + phrase.len()));
            if !phrase.is_empty() && found && !allowed(phrase) {
                extra = true;
                seen.push((*weight, phrase.clone(), "your own list"));
            }
        }
        let total: f64 = seen.iter().map(|(weight, ..)| weight).sum();
        let least = if place == Place::Subject { 2.0 } else { 8.0 };
        if total < least && !extra {
            continue;
        }
        seen.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let shown: Vec<String> = seen
            .iter()
            .take(6)
            .map(|(_, text, topic)| format!("\"{}\" ({topic})", plain(text, Width::Word)))
            .collect();
        let more = if seen.len() > 6 { format!(" and {} more", seen.len() - 6) } else { String::new() };
        let named = shown.join(", ") + &more;
        let heavy = total >= 15.0;
        let problem = match place {
            Place::Subject => {
                let Some(field) = message.first("Subject") else { continue };
                Problem::at(
                    message.header_subject(field),
                    format!("the subject says {named}; filters weigh the subject most"),
                )
                .located(message.location(field.line))
            }
            Place::Body => Problem::at(
                Subject::Message,
                format!("the text says {named}; weight {total:.0}, from 8 on filters notice"),
            )
            .located(seen.first().and_then(|(_, text, _)| message.location(line_of(message, text)))),
        };
        problems.push(
            problem
                .fix(format!(
                    "reword the heaviest first: {}",
                    seen.iter()
                        .take(3)
                        .map(|(_, text, _)| format!("\"{}\"", plain(text, Width::Word)))
                        .collect::<Vec<_>>()
                        .join(", ")
                ))
                .confidence(Confidence::Firm)
                .severity(if heavy { Severity::Medium } else { Severity::Low }),
        );
    }
    Ok(Verdict::from_problems(problems))
}
