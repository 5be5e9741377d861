//! Rows of receivers' figures that were given and say nothing.

use crate::model::Gap;

/// What hides what else would have been found: files that could not be read, and days after the clock.
pub(super) fn figures_lost(unread: u64, to_come: u64) -> Option<Gap> {
    let mut why = Vec::new();
    if unread > 0 {
        why.push(format!("{unread} of the reports could not be read"));
    }
    if to_come > 0 {
        why.push(format!("{to_come} of the figures are of days that are yet to come"));
    }
    (!why.is_empty()).then(|| Gap::undecidable(why.join(", and ")))
}
