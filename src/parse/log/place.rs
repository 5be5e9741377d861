//! Where in a set of log files a block of lines stands.

use crate::model::Location;

/// Which file a block came from and how many lines of it went before.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub file: String,
    pub lines_before: u64,
}

impl Place {
    pub(crate) fn location(&self, line: u32) -> Location {
        let line = self.lines_before.saturating_add(u64::from(line)).saturating_add(1);
        Location { file: self.file.clone(), line: u32::try_from(line).unwrap_or(u32::MAX) }
    }
}
