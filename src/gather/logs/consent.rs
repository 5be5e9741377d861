//! The recipients of logs beside a list of subscribers: one pass in the order of the
//! lines, so that the examples are the same in every run.

use jiff::Timestamp;

use super::blocks::Waves;
use super::open::{LogError, LogFile};
use super::rotation::Rotation;
use super::summary::{years_ahead, years_of};
use crate::model::consent::ConsentSummary;
use crate::parse::consent::{Comparison, Register};
use crate::parse::log::place::Place;

/// Reads all logs, oldest first; logs of no known dialect name nobody.
///
/// # Errors
/// Where a log cannot be read to its end.
pub fn compare(logs: &[LogFile], register: &Register, now: Timestamp) -> Result<ConsentSummary, LogError> {
    let mut comparison = Comparison::new(register);
    let mut places: Vec<Place> = Vec::new();
    let mut rotation = Rotation::default();
    for (log, year) in logs.iter().zip(years_of(logs, now)) {
        let Some(dialect) = log.dialect else { continue };
        let mut parser = rotation.parser(log, dialect, year);
        let mut lines_before = 0;
        let mut waves = Waves::of(log)?;
        while let Some(blocks) = waves.next(<[u8]>::to_vec) {
            for block in blocks {
                let batch = parser.block(&block);
                comparison.note(&batch, u32::try_from(places.len()).unwrap_or(u32::MAX));
                places.push(Place { file: log.name.clone(), lines_before });
                lines_before += u64::from(batch.lines);
            }
        }
        rotation.keep(log, parser);
    }
    let years = years_ahead(logs, comparison.latest(), now);
    Ok(comparison.finish(&places, years))
}
