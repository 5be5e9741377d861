//! The report: everything a renderer may show, in its final order.

use crate::judge::finding::{CheckResult, Finding, IgnoredFinding};
use crate::judge::forecast::ReceiverResult;
use crate::judge::score::Score;
use crate::judge::unknown::{self, UnknownReason};
use crate::model::remedy::Remedy;
use crate::model::{Question, Role, Severity, Target};

#[derive(Debug)]
pub(crate) struct Report {
    pub target: Target,
    /// Seconds since the Unix epoch.
    pub taken_at: i64,
    /// What the audited name is to mail; `None` where there is no name, or an answer is missing.
    pub role: Option<Role>,
    /// `--on-unknown fail`: a check without an answer fails the run.
    pub unknown_fails: bool,
    pub score: Score,
    pub results: Vec<CheckResult>,
    /// What each receiver is expected to do.
    pub receivers: Vec<ReceiverResult>,
    /// What to do, computed and proven; empty where nothing was asked for.
    pub remedies: Vec<Remedy>,
    /// What publishing the records among them comes to (`--prove`).
    pub after: Option<AfterRemedies>,
    pub questions: Questions,
    /// What no flag could make this tool see, in the reader's words.
    pub blind_spots: Vec<&'static str>,
}

/// The run judged again with every record remedy published.
#[derive(Debug)]
pub(crate) struct AfterRemedies {
    /// Record sets published or deleted.
    pub records: usize,
    /// The policy file of MTA-STS is served anew.
    pub file: bool,
    pub score: Score,
    pub receivers: Vec<ReceiverResult>,
    /// Findings above info that are left.
    pub findings: usize,
}

/// What was asked on behalf of the report.
#[derive(Debug, Default)]
pub(crate) struct Questions {
    pub asked: usize,
    /// Those of them without a usable answer.
    pub in_vain: usize,
    /// Each without a usable answer, also those that were not allowed to be asked, with the reason.
    pub failed: Vec<(Question, String)>,
}

impl Report {
    /// Why checks are unknown, grouped by cause; see [`unknown::grouped`].
    pub(crate) fn gaps(&self, all: bool) -> Vec<UnknownReason> {
        unknown::grouped(&self.results, all)
    }

    /// Findings that count, worst first, with the code of their check.
    pub(crate) fn findings(&self) -> Vec<(&CheckResult, &Finding)> {
        let mut all: Vec<_> = self
            .results
            .iter()
            .flat_map(|result| result.findings().iter().map(move |f| (result, f)))
            .collect();
        all.sort_by(|(ra, a), (rb, b)| {
            b.severity
                .cmp(&a.severity)
                .then(ra.check.area.cmp(&rb.check.area))
                .then(ra.check.code.cmp(rb.check.code))
        });
        all
    }

    /// Findings that are set aside, with their check.
    pub(crate) fn ignored(&self) -> Vec<(&CheckResult, &IgnoredFinding)> {
        self.results.iter().flat_map(|result| result.ignored().iter().map(move |one| (result, one))).collect()
    }

    /// True where too little is known for a verdict: the score is withheld, an essential question
    /// got no answer, or nothing at all was judged.
    pub(crate) fn says_too_little(&self) -> bool {
        let fails = self.unknown_fails && self.score.unanswered > 0;
        self.score.total.is_none() || self.score.essential_unanswered || fails
    }

    /// The worst severity that counts.
    pub(crate) fn worst(&self) -> Option<Severity> {
        self.results.iter().filter_map(CheckResult::worst).max()
    }
}

/// `2026-11-23T14:00:00Z` of seconds since the epoch; the epoch itself where out of range.
pub(crate) fn rfc3339(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
}

/// `2026-11-23` of seconds since the epoch.
pub(crate) fn date_of(seconds: i64) -> String {
    rfc3339(seconds).chars().take(10).collect()
}
