//! What the commands of one question share: findings with their remedies.

use crate::facts::Facts;
use crate::judge::finding::CheckResult;
use crate::judge::judge;
use crate::model::remedy::Remedy;
use crate::policy::Policy;
use crate::remedy;

/// The selected checks judged, each finding marked with the remedy that settles it.
pub(super) fn remedied(facts: &Facts, policy: &Policy) -> (Vec<CheckResult>, Vec<Remedy>) {
    let mut results = judge(facts, policy);
    let planned = remedy::plan(facts, policy, &mut results);
    (results, planned.remedies)
}
