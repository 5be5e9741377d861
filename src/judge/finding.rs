//! What the report says of each check, and a finding's identity.

use crate::check::{Check, Problem};
use crate::judge::raised::RAISED;
use crate::model::{Gap, Severity, Topic};
use crate::policy::why_ignored;

/// One per judged check, always.
#[derive(Debug)]
pub struct CheckResult {
    /// The check that was judged.
    pub check: &'static Check,
    /// What it came to.
    pub outcome: Outcome,
    /// The severity that the settings give whatever it finds.
    pub set: Option<Severity>,
}

/// What came of a check.
#[derive(Debug)]
pub enum Outcome {
    /// The check passed.
    Pass,
    /// At least one of the two is not empty.
    Fail {
        /// Not set aside.
        findings: Vec<Finding>,
        /// Set aside by the user.
        ignored: Vec<IgnoredFinding>,
        /// The question without an answer behind which there may be more of the same.
        hidden: Option<Gap>,
    },
    /// The check has nothing to apply to, and why.
    NotApplicable(&'static str),
    /// The check could not be judged: never a pass.
    Unknown(Gap),
}

/// A problem with its settled severity and identity. Made only by `judge`.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What the check found.
    pub problem: Problem,
    /// The problem's severity or the check's, as `mailvet.toml` overrides it.
    pub severity: Severity,
    /// Stable over wording: a hash of code and subject, and of what distinguishes two of one subject.
    pub fingerprint: String,
    /// Id of the remedy that settles it; written by `remedy`.
    pub remedy: Option<String>,
}

/// A finding that `mailvet.toml` sets aside, with the user's reason.
#[derive(Clone, Debug)]
pub struct IgnoredFinding {
    /// The finding as it would be reported.
    pub finding: Finding,
    /// The user's reason to set it aside.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The day from which on it counts again, `YYYY-MM-DD`.
    pub until: Option<String>,
}

impl IgnoredFinding {
    /// The reason, with who answers for it and until when.
    pub(crate) fn why(&self) -> String {
        why_ignored(&self.reason, self.owner.as_deref(), self.until.as_deref())
    }
}

impl CheckResult {
    /// The findings that count.
    pub fn findings(&self) -> &[Finding] {
        match &self.outcome {
            Outcome::Fail { findings, .. } => findings,
            _ => &[],
        }
    }

    /// The findings that are set aside.
    pub fn ignored(&self) -> &[IgnoredFinding] {
        match &self.outcome {
            Outcome::Fail { ignored, .. } => ignored,
            _ => &[],
        }
    }

    /// The worst severity among the findings that count.
    pub fn worst(&self) -> Option<Severity> {
        self.findings().iter().map(|finding| finding.severity).max()
    }

    /// The worst severity of all that was found, set aside or not, before the settings change it:
    /// a receiver knows nothing of anybody's settings.
    pub fn worst_by_nature(&self) -> Option<Severity> {
        let set_aside = self.ignored().iter().map(|ignored| &ignored.finding);
        let found = self.findings().iter().chain(set_aside);
        found.map(|finding| finding.problem.severity.unwrap_or(self.check.severity)).max()
    }

    /// True where a question that was asked got no answer to judge by. What the user did not
    /// give is no such question.
    pub fn is_unanswered(&self) -> bool {
        let Outcome::Unknown(gap) = &self.outcome else { return false };
        self.was_asked(gap)
    }

    /// True where what was found may not be all, because a question that was asked got no answer.
    pub fn is_in_part(&self) -> bool {
        matches!(&self.outcome, Outcome::Fail { hidden: Some(gap), .. } if self.was_asked(gap))
    }

    fn was_asked(&self, gap: &Gap) -> bool {
        // What a log does not show was never asked of anybody.
        let by_logs = self.check.needs.iter().all(|topic| *topic == Topic::Traffic);
        gap.is_unanswered() && !(by_logs && matches!(gap, Gap::Undecidable(_)))
    }

    /// The worst that the check could find, as the settings count it.
    pub fn worst_counted(&self) -> Severity {
        self.set.unwrap_or_else(|| self.worst_case())
    }

    /// The worst that the check could find by nature: no problem of it may be worse.
    pub fn worst_case(&self) -> Severity {
        let raised = RAISED.iter().find(|(code, _)| *code == self.check.code);
        raised.map_or(self.check.severity, |(_, severity)| self.check.severity.max(*severity))
    }

    /// `pass`, `fail`, `ignored`, `not-applicable` or `unknown`.
    pub fn outcome_name(&self) -> &'static str {
        match &self.outcome {
            Outcome::Pass => "pass",
            Outcome::Fail { findings, .. } if findings.is_empty() => "ignored",
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
