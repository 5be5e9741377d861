//! What the report says of each check, and a finding's identity.

use crate::check::{Check, Problem};
use crate::model::{Gap, Severity};

/// One per judged check, always.
#[derive(Debug)]
pub struct CheckResult {
    pub check: &'static Check,
    pub outcome: Outcome,
}

#[derive(Debug)]
pub enum Outcome {
    Pass,
    Fail { findings: Vec<Finding>, ignored: Vec<IgnoredFinding> },
    NotApplicable(&'static str),
    Unknown(Gap),
}

/// A problem with its settled severity and identity. Made only by `judge`.
#[derive(Clone, Debug)]
pub struct Finding {
    pub problem: Problem,
    pub severity: Severity,
    /// Stable over wording: a hash of code and subject.
    pub fingerprint: String,
    /// Id of the remedy that settles it; written by `remedy`.
    pub remedy: Option<String>,
}

/// A finding that `mailvet.toml` sets aside, with the user's reason.
#[derive(Clone, Debug)]
pub struct IgnoredFinding {
    pub finding: Finding,
    pub reason: String,
}

impl CheckResult {
    /// The findings that count.
    pub fn findings(&self) -> &[Finding] {
        match &self.outcome {
            Outcome::Fail { findings, .. } => findings,
            _ => &[],
        }
    }

    /// The worst severity among the findings that count.
    pub fn worst(&self) -> Option<Severity> {
        self.findings().iter().map(|finding| finding.severity).max()
    }

    /// `pass`, `fail`, `not-applicable` or `unknown`.
    pub fn outcome_name(&self) -> &'static str {
        match &self.outcome {
            Outcome::Pass => "pass",
            Outcome::Fail { findings, .. } if findings.is_empty() => "pass",
            Outcome::Fail { .. } => "fail",
            Outcome::NotApplicable(_) => "not-applicable",
            Outcome::Unknown(_) => "unknown",
        }
    }
}

/// FNV-1a, 64 bits: an identity, not a defence.
pub fn fingerprint(code: &str, subject: &str) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in code.bytes().chain([0]).chain(subject.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    format!("{hash:016x}")
}
