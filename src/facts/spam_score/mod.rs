//! The spam score: how much the message looks like spam to a filter that knows only
//! what its sender controls (words, form, structure, links, attachments). A sum whose
//! parts are listed. Reads no Received line, date, mail-program or list-server mark.

mod form;
mod html_form;
mod link_form;
mod traits;

use super::message::words;
use crate::data::spam_weights;
use crate::facts::message::MessageFacts;

pub use form::bare_subject;
pub use traits::Trait;

/// The score and what it is made of.
#[derive(Clone, Debug, Default)]
pub struct SpamScore {
    /// 0 to 100; from 50 on a content filter is likely to call it spam.
    pub total: u8,
    /// The sum before it is cut to 0..100; parts add up to it.
    pub sum: f64,
    /// By weight, heaviest first; the base is among them.
    pub parts: Vec<Part>,
}

/// One addend.
#[derive(Clone, Debug)]
pub struct Part {
    /// `base`, a trait's name, `word:free` or `subject:free`.
    pub name: String,
    /// What it adds; below 0 for what speaks for the message.
    pub points: f64,
    /// What was seen; escaped.
    pub evidence: String,
}

/// What the score is computed from; public so that the weights are fitted on the very
/// values that are scored.
#[derive(Debug, Default)]
pub struct Features<'m> {
    /// Traits that the message shows, each once.
    pub traits: Vec<Trait>,
    /// Distinct words of the body, sorted.
    pub words: Vec<&'m str>,
    /// Distinct words of the subject, sorted.
    pub subject: Vec<String>,
}

impl<'m> Features<'m> {
    /// The features of a message.
    pub fn of(message: &'m MessageFacts) -> Features<'m> {
        let body = &message.wording().body;
        let subject = words::folded(bare_subject(message.subject().unwrap_or_default()));
        Features {
            traits: form::traits(message, body, &subject),
            words: words::words(body),
            subject: words::words(&subject).into_iter().map(str::to_owned).collect(),
        }
    }

    /// What a single body word counts: long texts have more words, not more meaning.
    pub fn word_value(&self) -> f64 {
        10.0 / (self.words.len().max(30) as f64).sqrt()
    }
}

impl SpamScore {
    /// From here on a filter is likely to call the message spam.
    pub const THRESHOLD: u8 = 50;

    /// The score of a message with all its parts.
    pub fn of(message: &MessageFacts) -> SpamScore {
        SpamScore::weigh(&Features::of(message))
    }

    fn weigh(features: &Features<'_>) -> SpamScore {
        let weights = spam_weights::all();
        let mut parts = vec![Part {
            name: "base".to_owned(),
            points: weights.base,
            evidence: "every message starts here".to_owned(),
        }];
        for seen in &features.traits {
            if let Some(weight) = weights.traits.get(seen.name) {
                parts.push(Part {
                    name: seen.name.to_owned(),
                    points: weight * seen.value,
                    evidence: seen.evidence.clone(),
                });
            }
        }
        let value = features.word_value();
        let subject: Vec<&str> = features.subject.iter().map(String::as_str).collect();
        for (list, table, place) in
            [(&features.words, &weights.words, "word"), (&subject, &weights.subject, "subject")]
        {
            for word in list {
                if let Some(weight) = table.get(word) {
                    let value = if place == "word" { value } else { 1.0 };
                    let evidence = if place == "word" {
                        format!("the text says {word}")
                    } else {
                        format!("the subject says {word}")
                    };
                    parts.push(Part { name: format!("{place}:{word}"), points: weight * value, evidence });
                }
            }
        }
        let sum: f64 = parts.iter().map(|part| part.points).sum();
        parts.retain(|part| part.points != 0.0);
        parts.sort_by(|a, b| b.points.total_cmp(&a.points).then_with(|| a.name.cmp(&b.name)));
        SpamScore { total: sum.round().clamp(0.0, 100.0) as u8, sum, parts }
    }
}
