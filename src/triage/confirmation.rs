//! Whether the cause a reply claims still holds, as the DNS showed it.

use crate::model::Gap;

/// Whether it is so now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    StillSo,
    FixedSince,
    Unconfirmed,
}

impl State {
    /// As JSON shows it.
    pub fn name(self) -> &'static str {
        match self {
            State::StillSo => "still-so",
            State::FixedSince => "fixed-since",
            State::Unconfirmed => "unconfirmed",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            State::StillSo => "still so",
            State::FixedSince => "fixed since",
            State::Unconfirmed => "could not be confirmed",
        }
    }
}

/// The cause as it is now, and what was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    pub state: State,
    pub seen: String,
}

impl Confirmation {
    pub(super) fn new(state: State, seen: impl Into<String>) -> Confirmation {
        Confirmation { state, seen: seen.into() }
    }

    pub(super) fn unknown(why: &Gap) -> Confirmation {
        let remedy = why.remedy();
        Confirmation::new(
            State::Unconfirmed,
            if remedy.is_empty() { why.to_string() } else { format!("{why}; {remedy}") },
        )
    }

    /// What to do first where the cause is gone; `waits`: the message is still queued.
    pub fn step(&self, waits: bool) -> Option<&'static str> {
        (self.state == State::FixedSince).then_some(match waits {
            true => "the cause is gone as far as the DNS shows: the next try should pass; flush the queue to try now",
            false => "the cause is gone as far as the DNS shows: send the message again",
        })
    }

    /// One line.
    pub fn text(&self) -> String {
        format!("{}: {}", self.state.title(), self.seen)
    }
}
