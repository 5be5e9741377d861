//! Many problems that read the same are one to a reader.

use std::collections::BTreeSet;

use super::Problem;

/// The same fault in a hundred links is still one fault to read about.
const MOST: usize = 20;

/// Each subject and summary once, in order, and not more than anybody reads.
pub(crate) fn without_repeats(mut problems: Vec<Problem>) -> Vec<Problem> {
    let mut seen = BTreeSet::new();
    problems.retain(|problem| seen.insert((problem.subject.to_string(), problem.summary.clone())));
    problems.truncate(MOST);
    problems
}
