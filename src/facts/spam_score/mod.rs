//! The spam score: how much the message looks like spam to a filter that knows only what its
//! sender controls. A sum of evidence by kind, each kind bounded, every part listed; nothing a
//! sender adds takes points away. Reads no Received line, date, mail-program or list-server mark.

mod form;
mod html_form;
mod link_form;
mod noise;
mod sender_form;
mod traits;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::message::words;
use crate::data::spam_weights;
use crate::facts::message::MessageFacts;
use crate::parse::text::phrase_index::{End, PhraseIndex};

pub use form::bare_subject;
pub use traits::{Kind, Trait};

/// The score and what it is made of.
#[derive(Clone, Debug, Default)]
pub struct SpamScore {
    /// 0 to 100; from 50 on a content filter is likely to call it spam.
    pub total: u8,
    /// The sum before it is cut to 0..100; parts add up to it.
    pub sum: f64,
    /// By weight, heaviest first; the base is among them.
    pub parts: Vec<Part>,
    /// What each kind of evidence adds, bounded; heaviest first.
    pub kinds: Vec<(Kind, f64)>,
}

/// One addend.
#[derive(Clone, Debug)]
pub struct Part {
    /// `base`, a trait's name, `appeal:parcel` or `phrase:verify your account`.
    pub name: String,
    /// The kind of evidence; none of the base.
    pub kind: Option<Kind>,
    /// What it adds, after the bound of its kind.
    pub points: f64,
    /// What was seen; escaped.
    pub evidence: String,
}

/// What the score is computed from; public so that the weights are fitted on the very
/// values that are scored.
#[derive(Debug, Default)]
pub struct Features {
    /// Traits that the message shows, each once.
    pub traits: Vec<Trait>,
    /// The text that worn phrases are looked for in, folded; the subject stands first.
    pub text: String,
}

impl Features {
    /// The features of a message.
    pub fn of(message: &MessageFacts) -> Features {
        let body = &message.wording().body;
        let subject = words::folded(bare_subject(message.subject().unwrap_or_default()));
        Features { traits: form::traits(message, body), text: format!("{subject} . {body}") }
    }
}

/// The worn phrases, as the table lists them.
static PHRASES: LazyLock<(PhraseIndex, Vec<(&'static str, f64)>)> = LazyLock::new(|| {
    let phrases: Vec<(&'static str, f64)> =
        spam_weights::all().phrases.iter().map(|(p, w)| (*p, *w)).collect();
    let index = PhraseIndex::new(phrases.iter().map(|(phrase, _)| ((*phrase).to_owned(), End::Whole)));
    (index, phrases)
});

impl SpamScore {
    /// From here on a filter is likely to call the message spam.
    pub const THRESHOLD: u8 = 50;
    /// A kind of evidence speaks from so many points on; one alone never makes a message spam.
    pub const SPEAKS: f64 = 6.0;

    /// The score of a message with all its parts.
    pub fn of(message: &MessageFacts) -> SpamScore {
        SpamScore::weigh(&Features::of(message))
    }

    /// Kinds of evidence that speak by themselves.
    pub fn agreeing(&self) -> usize {
        self.kinds.iter().filter(|(_, points)| *points >= SpamScore::SPEAKS).count()
    }

    fn weigh(features: &Features) -> SpamScore {
        let weights = spam_weights::all();
        let mut parts = Vec::new();
        for seen in &features.traits {
            let appeal = seen.kind == Kind::Appeal;
            let name = if appeal { format!("appeal:{}", seen.name) } else { seen.name.to_owned() };
            if let Some(weight) = weights.traits.get(name.as_str()) {
                let evidence = seen.evidence.clone();
                parts.push(Part { name, kind: Some(seen.kind), points: weight * seen.value, evidence });
            }
        }
        let (index, phrases) = &*PHRASES;
        let found: std::collections::BTreeSet<usize> = index.find(&features.text).collect();
        for (phrase, weight) in found.into_iter().filter_map(|at| phrases.get(at)) {
            parts.push(Part {
                name: format!("phrase:{phrase}"),
                kind: Some(Kind::Phrase),
                points: *weight,
                evidence: format!("the text says \"{phrase}\""),
            });
        }
        bounded(parts, weights.base, &weights.bounds)
    }
}

/// Adds up, each kind of evidence no further than its bound; the parts are cut alike, so that
/// they still add up.
fn bounded(
    mut parts: Vec<Part>,
    base: f64,
    bounds: &std::collections::HashMap<&'static str, f64>,
) -> SpamScore {
    let mut sums: BTreeMap<Kind, f64> = BTreeMap::new();
    for part in &parts {
        if let Some(kind) = part.kind {
            *sums.entry(kind).or_default() += part.points;
        }
    }
    let bound = |kind: Kind| bounds.get(kind.name()).copied().unwrap_or(0.0);
    for part in &mut parts {
        if let Some(kind) = part.kind
            && let Some(sum) = sums.get(&kind).filter(|sum| **sum > bound(kind))
        {
            part.points *= bound(kind) / sum;
        }
    }
    let mut kinds: Vec<(Kind, f64)> = sums
        .into_iter()
        .map(|(kind, sum)| (kind, sum.min(bound(kind))))
        .filter(|(_, sum)| *sum > 0.0)
        .collect();
    kinds.sort_by(|a, b| b.1.total_cmp(&a.1));
    parts.push(Part {
        name: "base".to_owned(),
        kind: None,
        points: base,
        evidence: "every message starts here".to_owned(),
    });
    let sum: f64 = parts.iter().map(|part| part.points).sum();
    parts.retain(|part| part.points != 0.0);
    parts.sort_by(|a, b| b.points.total_cmp(&a.points).then_with(|| a.name.cmp(&b.name)));
    let total = sum.round().clamp(0.0, 100.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=100")]
    let total = total as u8;
    SpamScore { total, sum, parts, kinds }
}
