//! The report: everything a renderer may show, in its final order.

use std::collections::BTreeSet;

use crate::judge::finding::{CheckResult, Finding, Outcome};
use crate::judge::forecast::ReceiverResult;
use crate::judge::score::Score;
use crate::model::remedy::Remedy;
use crate::model::{Question, Severity, Target};

#[derive(Debug)]
pub struct Report {
    pub target: Target,
    /// Seconds since the Unix epoch.
    pub taken_at: i64,
    pub score: Score,
    pub results: Vec<CheckResult>,
    /// What large providers ask, judged by the results.
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
pub struct AfterRemedies {
    /// Record sets published or deleted.
    pub records: usize,
    pub score: Score,
    pub receivers: Vec<ReceiverResult>,
    /// Findings above info that are left.
    pub findings: usize,
}

/// What was asked on behalf of the report.
#[derive(Debug, Default)]
pub struct Questions {
    pub asked: usize,
    /// Each without a usable answer, with the reason.
    pub failed: Vec<(Question, String)>,
    /// Questions that a replay had no answer for.
    pub unasked: BTreeSet<Question>,
}

/// One reason why checks are unknown, with all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownReason {
    pub reason: String,
    /// What would make them known; empty where nothing.
    pub remedy: String,
    pub codes: Vec<&'static str>,
}

impl UnknownReason {
    /// Reason and remedy in one line.
    pub fn text(&self) -> String {
        match self.remedy.as_str() {
            "" => self.reason.clone(),
            remedy => format!("{}; {remedy}", self.reason),
        }
    }
}

impl Report {
    /// Why checks are unknown, each reason once. What is missing for a whole area
    /// stands with the area already and comes only with `all`.
    pub fn gaps(&self, all: bool) -> Vec<UnknownReason> {
        let mut gaps: Vec<UnknownReason> = Vec::new();
        for result in &self.results {
            let Outcome::Unknown(gap) = &result.outcome else { continue };
            if gap.is_missing_input() && !all {
                continue;
            }
            let reason = gap.to_string();
            match gaps.iter_mut().find(|known| known.reason == reason) {
                Some(known) => known.codes.push(result.check.code),
                None => {
                    gaps.push(UnknownReason { reason, remedy: gap.remedy(), codes: vec![result.check.code] });
                }
            }
        }
        gaps
    }

    /// Findings that count, worst first, with the code of their check.
    pub fn findings(&self) -> Vec<(&CheckResult, &Finding)> {
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

    /// True where too little is known to judge at all: no check could tell, or no
    /// question brought an answer.
    pub fn says_nothing(&self) -> bool {
        let nothing_answered =
            self.questions.asked > 0 && self.questions.failed.len() == self.questions.asked;
        self.score.total.is_none() || nothing_answered
    }

    /// The worst severity that counts.
    pub fn worst(&self) -> Option<Severity> {
        self.results.iter().filter_map(CheckResult::worst).max()
    }
}

/// `2026-11-23T14:00:00Z` of seconds since the epoch; the epoch itself where out of range.
pub fn rfc3339(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
}

/// `2026-11-23` of seconds since the epoch.
pub fn date_of(seconds: i64) -> String {
    rfc3339(seconds).chars().take(10).collect()
}
