//! Whether it is getting better: the rates of one log against those of an earlier one. A change is
//! one only where the intervals of both lie apart.

use crate::model::share;
use crate::model::traffic::{Totals, TrafficSummary};

/// Attempts, in each log, from which a provider is compared.
const LEAST: u64 = 20;
/// Providers compared, the busiest of the later log.
const PROVIDERS: usize = 20;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    /// Bounced, or given up after the queue's lifetime.
    Failed,
    Deferred,
}

/// A part of a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    pub part: u64,
    pub whole: u64,
}

/// How the later share stands to the earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Better,
    Worse,
    /// Chance would do.
    Unclear,
}

/// One rate in both logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Compared {
    /// A provider; `None` for all mail.
    pub provider: Option<String>,
    pub measure: Measure,
    pub before: Share,
    pub now: Share,
    pub change: Change,
}

impl Measure {
    /// The word in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Measure::Failed => "failed for good",
            Measure::Deferred => "deferred",
        }
    }

    fn of(self, totals: &Totals) -> Share {
        match self {
            Measure::Failed => {
                let failed = totals.bounced.saturating_add(totals.expired);
                Share { part: failed, whole: totals.delivered.saturating_add(failed) }
            }
            Measure::Deferred => Share { part: totals.deferred, whole: totals.attempts() },
        }
    }
}

impl Change {
    /// The word in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Change::Better => "better",
            Change::Worse => "worse",
            Change::Unclear => "no clear change",
        }
    }
}

/// The rates of all mail, and of the providers that both logs have.
pub(crate) fn compare(before: &TrafficSummary, now: &TrafficSummary) -> Vec<Compared> {
    let mut rows = Vec::new();
    let mut both = |provider: Option<&str>, before: &Totals, now: &Totals| {
        for measure in [Measure::Failed, Measure::Deferred] {
            let (before, now) = (measure.of(before), measure.of(now));
            let provider = provider.map(str::to_owned);
            rows.push(Compared { provider, measure, before, now, change: change(before, now) });
        }
    };
    both(None, &before.totals, &now.totals);
    let mut providers: Vec<(&String, &Totals, &Totals)> = now
        .by_provider
        .iter()
        .filter_map(|(name, of)| Some((name, &before.by_provider.get(name)?.totals, &of.totals)))
        .filter(|(_, before, now)| before.attempts() >= LEAST && now.attempts() >= LEAST)
        .collect();
    providers.sort_by_key(|(name, _, now)| (std::cmp::Reverse(now.attempts()), *name));
    for (name, before, now) in providers.into_iter().take(PROVIDERS) {
        both(Some(name), before, now);
    }
    rows
}

fn change(before: Share, now: Share) -> Change {
    let (Some(before), Some(now)) =
        (share::interval(before.part, before.whole), share::interval(now.part, now.whole))
    else {
        return Change::Unclear;
    };
    match () {
        () if now.1 < before.0 => Change::Better,
        () if now.0 > before.1 => Change::Worse,
        () => Change::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::traffic::ProviderTraffic;

    fn log(delivered: u64, bounced: u64) -> TrafficSummary {
        let totals = Totals { delivered, bounced, ..Totals::default() };
        let provider = ProviderTraffic { totals, ..ProviderTraffic::default() };
        let by_provider = [("example.com".to_owned(), provider)].into();
        TrafficSummary { totals, by_provider, ..TrafficSummary::default() }
    }

    fn bounces(before: (u64, u64), now: (u64, u64)) -> Change {
        compare(&log(before.0, before.1), &log(now.0, now.1))[0].change
    }

    #[test]
    fn a_change_is_told_only_beyond_chance() {
        assert_eq!(bounces((900, 100), (990, 10)), Change::Better);
        assert_eq!(bounces((990, 10), (900, 100)), Change::Worse);
        assert_eq!(bounces((9, 1), (10, 0)), Change::Unclear);
        // What expired failed as well.
        let mut expired = log(100, 0);
        expired.totals.expired = 900;
        assert_eq!(compare(&log(900, 100), &expired)[0].change, Change::Worse);
        // Nothing sent is no improvement.
        assert_eq!(bounces((900, 100), (0, 0)), Change::Unclear);
    }

    #[test]
    fn providers_with_too_few_attempts_are_left_out() {
        assert_eq!(compare(&log(900, 100), &log(900, 100)).len(), 4);
        assert_eq!(compare(&log(900, 100), &log(15, 1)).len(), 2);
    }
}
