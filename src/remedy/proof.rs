//! What the checks of DNS records say of answers that are not published yet.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::Codes;
use crate::facts::Facts;
use crate::judge::catalog;
use crate::judge::finding::Outcome;
use crate::judge::judge_one;
use crate::model::{Severity, Topic};
use crate::policy::Policy;

/// The checks that a record can settle or set off, by the start of their codes.
const FAMILIES: [&str; 8] = ["spf-", "dkim-", "dmarc-", "bimi-", "mta-sts-", "tls-rpt-", "mx-", "mail-from-"];

/// Checks of reports, which speak of records that were published before.
const OF_THE_PAST: [&str; 2] = ["dmarc-reports-", "tls-rpt-failures"];

/// The topics those checks are judged from.
pub(super) fn topics() -> BTreeSet<Topic> {
    [
        Topic::Spf,
        Topic::Dkim,
        Topic::Dmarc,
        Topic::Bimi,
        Topic::Mx,
        Topic::Transport,
        Topic::MtaSts,
        Topic::Message,
    ]
    .into_iter()
    .collect()
}

/// One finding, in what identifies it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seen {
    pub code: &'static str,
    pub subject: String,
    pub summary: String,
    pub fingerprint: String,
    pub severity: Severity,
}

/// All findings of the families, and the codes that passed.
#[derive(Clone, Debug, Default)]
pub(super) struct Judged {
    pub seen: BTreeSet<Seen>,
    passed: BTreeSet<&'static str>,
}

impl Judged {
    pub(super) fn of(facts: &Facts, policy: &Policy) -> Judged {
        let mut judged = Judged::default();
        let selected = |code: &str| policy.selected.is_empty() || policy.selected.contains(code);
        let family = |code: &str| {
            FAMILIES.iter().any(|start| code.starts_with(start))
                && !OF_THE_PAST.iter().any(|start| code.starts_with(start))
        };
        for check in catalog::all().filter(|check| family(check.code) && selected(check.code)) {
            let result = judge_one(check, facts, policy);
            if matches!(result.outcome, Outcome::Pass) {
                judged.passed.insert(check.code);
            }
            judged.seen.extend(result.findings().iter().map(|finding| Seen {
                code: check.code,
                subject: finding.problem.subject.to_string(),
                summary: finding.problem.summary.clone(),
                fingerprint: finding.fingerprint.clone(),
                severity: finding.severity,
            }));
        }
        judged
    }

    pub(super) fn codes(&self) -> Codes {
        self.seen.iter().map(|seen| seen.code).collect()
    }

    /// Findings that are gone in `after`: said no longer, and not said in other words instead.
    pub(super) fn settled<'j>(&'j self, after: &'j Judged) -> impl Iterator<Item = &'j Seen> {
        let count = |judged: &Judged, one: &Seen| {
            judged.seen.iter().filter(|seen| seen.code == one.code && seen.subject == one.subject).count()
        };
        self.seen.iter().filter(move |seen| {
            let said = after.seen.iter().any(|left| {
                left.code == seen.code && left.subject == seen.subject && left.summary == seen.summary
            });
            !said && count(after, seen) < count(self, seen)
        })
    }

    /// What `after` finds wrong that was right before. A check that the fault had kept
    /// from judging reveals what the owner wrote, and is no harm done.
    pub(super) fn harm<'j>(&'j self, after: &'j Judged) -> Option<&'j Seen> {
        let mut worst: BTreeMap<(&str, &str), Severity> = BTreeMap::new();
        for seen in &self.seen {
            let known = worst.entry((seen.code, seen.subject.as_str())).or_insert(seen.severity);
            *known = (*known).max(seen.severity);
        }
        // Ranges for documentation stay where their owner wrote them; no other private one is ever added.
        let counts = |seen: &&Seen| seen.severity > Severity::Info && seen.code != "spf-address-private";
        after.seen.iter().filter(counts).find(|seen| match worst.get(&(seen.code, seen.subject.as_str())) {
            Some(before) => seen.severity > *before,
            None => self.passed.contains(seen.code) || self.seen.iter().any(|one| one.code == seen.code),
        })
    }
}
