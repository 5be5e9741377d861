//! A trait of a message, its kind of evidence, and how traits are collected: a value from 0 to 1
//! with what was seen.

/// Kinds of evidence. Traits of one kind speak of the same thing, so their sum is bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// What the reader is asked for, by family of phrases.
    Appeal,
    /// Worn phrases, each by itself.
    Phrase,
    /// Capitals, exclamation marks, sums of money.
    Loudness,
    /// Who the message says it is from.
    Sender,
    /// Where the links lead and how they are written.
    Links,
    /// How an answer or payment is to reach a stranger.
    Channel,
    /// Words and text made unreadable to filters.
    Disguise,
    /// How the message is built.
    Form,
    /// What is attached.
    Attachment,
}

impl Kind {
    /// All of them, in the order of the table of weights.
    pub const ALL: [Kind; 9] = [
        Kind::Appeal,
        Kind::Phrase,
        Kind::Loudness,
        Kind::Sender,
        Kind::Links,
        Kind::Channel,
        Kind::Disguise,
        Kind::Form,
        Kind::Attachment,
    ];

    /// One word, for programs and for the table of weights.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Appeal => "appeal",
            Kind::Phrase => "phrase",
            Kind::Loudness => "loudness",
            Kind::Sender => "sender",
            Kind::Links => "links",
            Kind::Channel => "channel",
            Kind::Disguise => "disguise",
            Kind::Form => "form",
            Kind::Attachment => "attachment",
        }
    }
}

/// One trait that the message shows.
#[derive(Clone, Debug)]
pub struct Trait {
    /// The kind of evidence it is.
    pub kind: Kind,
    /// Its name in the table of weights.
    pub name: &'static str,
    /// 0 to 1.
    pub value: f64,
    /// What was seen; escaped.
    pub evidence: String,
}

/// Collects traits of one kind after the other; those of value 0 are not kept.
pub(super) struct Traits {
    pub kind: Kind,
    pub list: Vec<Trait>,
}

impl Traits {
    pub(super) fn new() -> Traits {
        Traits { kind: Kind::Form, list: Vec::new() }
    }

    pub(super) fn add(&mut self, name: &'static str, value: f64, evidence: impl FnOnce() -> String) {
        if value > 0.0 {
            self.list.push(Trait { kind: self.kind, name, value: value.min(1.0), evidence: evidence() });
        }
    }

    pub(super) fn flag(&mut self, name: &'static str, seen: bool, evidence: impl FnOnce() -> String) {
        self.add(name, if seen { 1.0 } else { 0.0 }, evidence);
    }
}

/// `1 link`, `3 links`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    crate::model::counted::counted(count as u64, noun)
}

/// Grows by the logarithm: 0 for none, 1 for `full` and more.
pub(super) fn grade(count: usize, full: f64) -> f64 {
    ((1.0 + count as f64).ln() / (1.0 + full).ln()).min(1.0)
}
