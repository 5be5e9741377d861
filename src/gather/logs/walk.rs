//! Every event of logs, one after the other in the order of files and lines: for what must know
//! what came first.

use jiff::Timestamp;

use super::blocks::Waves;
use super::open::{LogError, LogFile};
use super::rotation::Rotation;
use super::summary::{years_ahead, years_of};
use crate::model::Location;
use crate::parse::log::Event;
use crate::parse::log::event::NO_TIME;

/// Where an event stands, made only where it is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Spot<'l> {
    file: &'l str,
    line: u64,
}

impl Spot<'_> {
    /// File and line, from 1.
    pub fn location(self) -> Location {
        Location { file: self.file.to_owned(), line: u32::try_from(self.line).unwrap_or(u32::MAX) }
    }
}

/// Hands each event of the logs of a known dialect to `take`. Gives the years by which their times are to be moved,
/// zero or negative: only at the end it is known that stamps without a year would lie in the future.
///
/// # Errors
/// Where a log cannot be opened.
pub fn walk(
    logs: &[LogFile],
    now: Timestamp,
    take: &mut dyn FnMut(&Event<'_>, Spot<'_>),
) -> Result<i32, LogError> {
    let years = years_of(logs, now);
    let mut rotation = Rotation::default();
    let mut until: Option<i64> = None;
    for (log, year) in logs.iter().zip(years) {
        let Some(dialect) = log.dialect else { continue };
        let mut parser = rotation.parser(log, dialect, year);
        let mut lines = 0u64;
        let mut waves = Waves::of(log)?;
        while let Some(blocks) = waves.next(<[u8]>::to_vec) {
            for block in blocks {
                let batch = parser.block(&block);
                for event in batch.iter() {
                    until = until.max(Some(event.at).filter(|at| *at != NO_TIME));
                    take(&event, Spot { file: &log.name, line: lines + u64::from(event.line) + 1 });
                }
                lines += u64::from(batch.lines);
            }
        }
        rotation.keep(log, parser);
    }
    Ok(years_ahead(logs, until, now))
}
