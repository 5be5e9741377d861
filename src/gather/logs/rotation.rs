//! What began in a log before its rotation and goes on in the next file: a delivery numbered in the one ends in
//! the other.

use super::open::LogFile;
use crate::parse::log::{Dialect, Parser};

/// The parser of the file before, for the one that goes on with its log.
#[derive(Default)]
pub(super) struct Rotation<'l> {
    before: Option<(&'l LogFile, Parser)>,
}

impl<'l> Rotation<'l> {
    /// The parser that reads the log: the one kept, where its file is an older one of the same log, else a new one.
    pub(super) fn parser(&mut self, log: &LogFile, dialect: Dialect, year: i32) -> Parser {
        let goes_on =
            self.before.take().filter(|(known, _)| known.dialect == Some(dialect) && known.is_before(log));
        goes_on.map_or_else(|| Parser::new(dialect, year), |(_, parser)| parser)
    }

    /// Keeps the state in which the log ended.
    pub(super) fn keep(&mut self, log: &'l LogFile, parser: Parser) {
        self.before = Some((log, parser));
    }
}
