//! How bad a finding is, and how sure we are of it.

use serde::{Deserialize, Serialize};

/// Ordered by consequence for delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Never scores.
    Info,
    /// Hygiene.
    Low,
    /// Some receivers mind.
    Medium,
    /// The spam folder or a refusal is likely.
    High,
    /// A large receiver refuses the mail now.
    Critical,
}

impl Severity {
    /// From the mildest to the worst.
    pub const ALL: [Severity; 5] =
        [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

    /// One step down; the mildest stays.
    pub(crate) fn milder(self) -> Severity {
        let place = Severity::ALL.iter().position(|severity| *severity == self).unwrap_or_default();
        Severity::ALL[place.saturating_sub(1)]
    }

    /// The word in reports, options and `mailvet.toml`: `info` to `critical`.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }

    /// The severity called so by [`Severity::name`].
    pub fn from_name(name: &str) -> Option<Severity> {
        Severity::ALL.into_iter().find(|severity| severity.name() == name)
    }
}

/// A protocol fact and a guess from a sample must not look alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// A guess from a sample or from likeness.
    Tentative,
    /// Strong evidence that leaves room for another reading.
    Firm,
    /// Follows from what was observed and what the standard says.
    Certain,
}

impl Confidence {
    /// The word in reports: `tentative`, `firm` or `certain`.
    pub fn name(self) -> &'static str {
        match self {
            Confidence::Tentative => "tentative",
            Confidence::Firm => "firm",
            Confidence::Certain => "certain",
        }
    }
}
