//! Many problems that read the same are one to a reader.

use std::collections::BTreeSet;

use super::Problem;
use crate::model::Subject;

/// The same fault in a hundred links is still one fault to read about.
const MOST: usize = 20;

/// Each subject and summary once, in order, and not more than anybody reads. A link stands in
/// both alternatives of a message, and its host in many: the same words of it are one fault.
pub(crate) fn without_repeats(mut problems: Vec<Problem>) -> Vec<Problem> {
    let mut seen = BTreeSet::new();
    problems.retain(|problem| {
        let subject = match &problem.subject {
            Subject::Link { .. } => String::new(),
            other => other.to_string(),
        };
        seen.insert((subject, problem.summary.clone()))
    });
    problems.truncate(MOST);
    problems
}
