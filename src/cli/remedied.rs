//! What the commands of one question share: findings with their remedies.

use crate::facts::Facts;
use crate::judge::finding::{CheckResult, Outcome};
use crate::judge::judge;
use crate::model::remedy::Remedy;
use crate::model::{Scope, Topic};
use crate::policy::Policy;
use crate::remedy;

/// The check that says that data are bogus. Every command of one question says so of what it rests on: a
/// validating receiver gets SERVFAIL where this run got records.
pub(super) const BOGUS: &str = "dnssec-bogus";

/// Validates what is asked, unless the user left the check out.
pub(super) fn validate(scope: &mut Scope, policy: &Policy) {
    if policy.selected.contains(BOGUS) {
        scope.topics.insert(Topic::Dnssec);
        scope.validates_asked = true;
    }
}

/// The selected checks judged, each finding marked with the remedy that settles it.
pub(super) fn remedied(facts: &Facts, policy: &Policy) -> (Vec<CheckResult>, Vec<Remedy>) {
    let mut results = judge(facts, policy);
    // A resolver that hands no signatures on takes nothing from the answer to the question itself.
    results.retain(|result| {
        !facts.scope().validates_asked
            || result.check.code != BOGUS
            || matches!(result.outcome, Outcome::Fail { .. })
    });
    let planned = remedy::plan(facts, policy, &mut results);
    (results, planned.remedies)
}
