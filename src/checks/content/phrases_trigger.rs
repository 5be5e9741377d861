//! Phrases that filters know from spam.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::message::MessageFacts;
use crate::facts::message::words::{Place, Wording, is_whole, line_of};
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
    let wording = message.wording();
    let mut problems = Vec::new();
    for place in [Place::Subject, Place::Body] {
        let (mut seen, extra) = seen(wording, place, policy);
        let total: f64 = seen.iter().map(|one| one.weight).sum();
        let least = if place == Place::Subject { 2.0 } else { 8.0 };
        if total >= least || extra {
            seen.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.text.cmp(&b.text)));
            problems.extend(problem(message, place, &seen, total));
        }
    }
    Ok(Verdict::from_problems(problems))
}

/// A phrase that was met.
struct Seen<'w> {
    weight: f64,
    text: String,
    topic: &'w str,
}

/// The phrases of a place, and whether one is of the user's own list.
fn seen<'w>(wording: &'w Wording, place: Place, policy: &Policy) -> (Vec<Seen<'w>>, bool) {
    let allowed = |text: &str| policy.allowed_phrases.iter().any(|phrase| phrase == text);
    let mut seen: Vec<Seen<'w>> = wording
        .hits()
        .into_iter()
        .filter(|hit| hit.place == place && !allowed(&hit.phrase.text))
        .map(|hit| Seen {
            weight: f64::from(hit.phrase.weight),
            text: hit.phrase.text.clone(),
            topic: hit.phrase.topic.as_str(),
        })
        .collect();
    let text = match place {
        Place::Subject => &wording.subject,
        Place::Body => &wording.body,
    };
    let mut extra = false;
    for (phrase, weight) in &policy.extra_phrases {
        let found = text.match_indices(phrase.as_str()).any(|(at, _)| is_whole(text, at, at + phrase.len()));
        if !phrase.is_empty() && found && !allowed(phrase) {
            extra = true;
            seen.push(Seen { weight: *weight, text: phrase.clone(), topic: "your own list" });
        }
    }
    (seen, extra)
}

/// What the phrases say, the heaviest first; `None` for a subject that no field holds.
fn problem(message: &MessageFacts, place: Place, seen: &[Seen<'_>], total: f64) -> Option<Problem> {
    let quoted = |one: &Seen<'_>| format!("\"{}\"", plain(&one.text, Width::Word));
    let shown: Vec<String> =
        seen.iter().take(6).map(|one| format!("{} ({})", quoted(one), one.topic)).collect();
    let more = if seen.len() > 6 { format!(" and {} more", seen.len() - 6) } else { String::new() };
    let named = shown.join(", ") + &more;
    let problem = match place {
        Place::Subject => {
            let field = message.first("Subject")?;
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
        .located(seen.first().and_then(|one| message.location(line_of(message, &one.text)))),
    };
    let heaviest: Vec<String> = seen.iter().take(3).map(quoted).collect();
    let severity = if total >= 15.0 { Severity::Medium } else { Severity::Low };
    Some(
        problem
            .fix(format!("reword the heaviest first: {}", heaviest.join(", ")))
            .confidence(Confidence::Firm)
            .severity(severity),
    )
}
