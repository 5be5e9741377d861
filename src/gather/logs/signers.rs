//! The DKIM selectors that logs name: a pass of its own, only where a command wants
//! them, so that summaries stay as fast as they are.

use std::collections::BTreeSet;

use super::blocks::Waves;
use super::collect::{Needle, search};
use super::open::{LogError, LogFile};
use crate::model::signing::SigningSummary;
use crate::model::{Location, Name};
use crate::parse::dkim::signing_log::{MARK, Reader, Tally};

/// Reads all logs, oldest first, whatever their dialect; `own` as [`Tally::new`] takes it.
///
/// # Errors
/// Where a log cannot be read to its end.
pub fn signers(logs: &[LogFile], own: &[Name]) -> Result<SigningSummary, LogError> {
    let needle = Needle::of(&[MARK.to_owned()], true);
    let mut tally = Tally::new(own);
    let mut files = BTreeSet::new();
    for log in logs {
        let mut reader = Reader::default();
        let mut before = 0u64;
        let mut waves = Waves::of(log)?;
        while let Some(blocks) = waves.next(|block| search(block, &needle)) {
            for block in blocks {
                for (line, text) in &block.hits {
                    for signing in reader.line(text) {
                        let line = u32::try_from(before + line + 1).unwrap_or(u32::MAX);
                        if !files.contains(&log.name) {
                            files.insert(log.name.clone());
                        }
                        tally.add(signing, &Location { file: log.name.clone(), line });
                    }
                }
                before += block.lines;
            }
        }
    }
    Ok(SigningSummary { files, ..tally.finish() })
}
