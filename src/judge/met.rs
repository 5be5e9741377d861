//! How a receiver's requirement stands by the checks that see it. Met only where all its checks
//! passed; what is unknown, does not apply or is set aside by the user is never met.

use std::cell::LazyCell;

use crate::judge::finding::{CheckResult, Outcome};
use crate::model::Severity;

/// How a requirement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Met {
    /// The checks that decide it all passed.
    Met,
    /// A check that decides it failed.
    NotMet,
    /// A check that decides it has no answer, was not selected or is set aside by the user; or no
    /// check sees it.
    Unknown,
    /// It asks nothing of this sender.
    NotApplicable,
}

impl Met {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Met::Met => "met",
            Met::NotMet => "not-met",
            Met::Unknown => "unknown",
            Met::NotApplicable => "not-applicable",
        }
    }
}

/// The worst that these checks found, or with `worst` could have found.
pub(super) fn severity(codes: &[&str], results: &[CheckResult], worst: bool) -> Option<Severity> {
    // Asked for each requirement of each receiver, and decided by few of them.
    let hidden =
        LazyCell::new(|| worst && results.iter().any(|result| result.is_unanswered() || result.is_in_part()));
    let of = |result: &CheckResult| match result.worst_by_nature() {
        Some(found) if *hidden => found.max(result.worst_case()),
        Some(found) => found,
        None => result.worst_case(),
    };
    results.iter().filter(|result| codes.contains(&result.check.code)).map(of).max()
}

/// How a check counts for a receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Fail,
    Unknown,
    NotApplicable,
    Pass,
}

pub(super) fn state(results: &[CheckResult], code: &str, worst: bool) -> State {
    // What was not selected is not known.
    let Some(result) = results.iter().find(|result| result.check.code == code) else { return State::Unknown };
    match &result.outcome {
        Outcome::Pass => State::Pass,
        Outcome::NotApplicable(_) => State::NotApplicable,
        Outcome::Unknown(_) if worst && result.is_unanswered() && result.worst_case() > Severity::Info => {
            State::Fail
        }
        Outcome::Unknown(_) => State::Unknown,
        // A finding that is worth a word only is no breach.
        Outcome::Fail { .. } if result.worst_by_nature() == Some(Severity::Info) => match result.is_in_part()
        {
            true if worst => State::Fail,
            true => State::Unknown,
            false => State::Pass,
        },
        Outcome::Fail { .. } => State::Fail,
    }
}

/// The best of the groups decides: what is unknown may still be the better one.
pub(super) fn best_of(
    groups: &'static [Vec<String>],
    results: &[CheckResult],
    worst: bool,
) -> (Met, Vec<&'static str>) {
    let judged: Vec<(Met, Vec<&'static str>)> =
        groups.iter().map(|codes| whole(codes, results, worst)).collect();
    let best = [Met::Met, Met::Unknown, Met::NotMet, Met::NotApplicable]
        .into_iter()
        .find(|outcome| judged.iter().any(|(found, _)| found == outcome))
        .unwrap_or(Met::Unknown);
    let deciding =
        judged.into_iter().filter(|(found, _)| *found == best).flat_map(|(_, codes)| codes).collect();
    (best, deciding)
}

/// The outcome of checks that must all pass, and those that decided it.
fn whole(codes: &'static [String], results: &[CheckResult], worst: bool) -> (Met, Vec<&'static str>) {
    let states: Vec<(State, &'static str)> =
        codes.iter().map(|code| (state(results, code, worst), code.as_str())).collect();
    let of = |wanted: State| -> Vec<&'static str> {
        states.iter().filter(|(state, _)| *state == wanted).map(|(_, code)| *code).collect()
    };
    for (wanted, outcome) in [
        (State::Fail, Met::NotMet),
        (State::Unknown, Met::Unknown),
        (State::NotApplicable, Met::NotApplicable),
    ] {
        let found = of(wanted);
        if !found.is_empty() {
            return (outcome, found);
        }
    }
    (Met::Met, of(State::Pass))
}
