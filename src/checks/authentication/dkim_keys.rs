//! What the checks of DKIM key records share: going through all known keys.

use crate::check::{Problem, Verdict};
use crate::facts::Facts;
use crate::facts::dkim::{Key, KeyState};
use crate::model::Gap;

/// Judges every key that could be fetched. A problem found counts even where
/// another key could not be fetched; without one, the first gap is the verdict.
pub(super) fn judge_keys(
    facts: &Facts,
    each: impl Fn(&Key, &KeyState) -> Vec<Problem>,
) -> Result<Verdict, Gap> {
    let mut problems = Vec::new();
    let mut gap = None;
    for key in facts.dkim().keys()? {
        match &key.state {
            Ok(state) => problems.extend(each(key, state).into_iter().map(|p| p.located(key.location()))),
            Err(unknown) => gap = gap.or_else(|| Some(unknown.clone())),
        }
    }
    match gap {
        Some(gap) if problems.is_empty() => Err(gap),
        _ => Ok(Verdict::from_problems(problems)),
    }
}
