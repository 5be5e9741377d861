//! A rate from a log, judged by two marks.

use super::{Problem, Verdict};
use crate::model::{Confidence, Severity, Subject};

/// What receivers mind, and what they act on. Shares between 0 and 1.
pub(crate) struct Marks {
    /// Up to here a rate passes.
    pub minded: f64,
    pub severity: Severity,
    /// Above it the problem is `severe_as`.
    pub severe: f64,
    pub severe_as: Severity,
}

impl Marks {
    /// Passes a rate up to the first mark; `summary` is only worked out above it.
    pub(crate) fn judge(&self, rate: f64, summary: impl FnOnce() -> String) -> Verdict {
        if rate <= self.minded {
            return Verdict::Pass;
        }
        let severity = if rate > self.severe { self.severe_as } else { self.severity };
        Verdict::Fail(vec![
            Problem::at(Subject::Traffic, summary()).severity(severity).confidence(Confidence::Firm),
        ])
    }
}
