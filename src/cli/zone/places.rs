//! Where a finding stands in the files as they are now: a line that is gone has its place where
//! the change took it out.

use std::collections::BTreeMap;
use std::time::Duration;

use similar::{DiffOp, TextDiff};

use super::files::{Store, ZoneInput};
use crate::model::Location;

/// How long a comparison of two files may look for the shortest edit.
const PATIENCE: Duration = Duration::from_secs(2);

/// Places of the new side's files, as reports show them.
#[derive(Default)]
pub(super) struct Places {
    /// Path as read to path as shown.
    shown: BTreeMap<String, String>,
    /// Path of the old side to the new path, and the new line of each old line.
    moved: BTreeMap<String, (String, Vec<u32>)>,
}

impl Places {
    /// The new side's files.
    pub(super) fn of(zones: &[ZoneInput], store: &dyn Store) -> Places {
        let mut places = Places::default();
        for source in zones.iter().flat_map(|zone| &zone.parsed.sources) {
            let shown = store.shown(std::path::Path::new(&*source.file));
            places.shown.insert(source.file.to_string(), shown);
        }
        places
    }

    /// Learns where the lines of an old file went.
    pub(super) fn follow(&mut self, old: &ZoneInput, new: &ZoneInput) {
        let (Some(before), Some(after)) = (old.parsed.sources.first(), new.parsed.sources.first()) else {
            return;
        };
        let lines = moved(&before.bytes, &after.bytes);
        self.moved.insert(before.file.to_string(), (after.file.to_string(), lines));
        // What an old file included has no lines of its own in the report.
        for source in old.parsed.sources.iter().skip(1) {
            self.moved.entry(source.file.to_string()).or_insert((after.file.to_string(), Vec::new()));
        }
    }

    /// The place in the files of now; `otherwise` where the old file has none.
    pub(super) fn place(&self, location: &Location, otherwise: &Location) -> Location {
        let now = match self.moved.get(&location.file) {
            Some((file, lines)) if !self.shown.contains_key(&location.file) || file != &location.file => {
                let index = usize::try_from(location.line.saturating_sub(1)).unwrap_or(usize::MAX);
                match lines.get(index) {
                    Some(line) => Location { file: file.clone(), line: *line },
                    None => otherwise.clone(),
                }
            }
            _ => location.clone(),
        };
        let file = self.shown.get(&now.file).cloned().unwrap_or(now.file);
        Location { file, line: now.line }
    }
}

/// For each line of the old text its line in the new one; for one that is gone, the line at
/// which the new text goes on.
fn moved(old: &[u8], new: &[u8]) -> Vec<u32> {
    let count = |bytes: &[u8]| bytes.split_inclusive(|byte| *byte == b'\n').count();
    let last = count(new).max(1);
    let mut lines = vec![1u32; count(old)];
    let old = String::from_utf8_lossy(old);
    let new = String::from_utf8_lossy(new);
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(&*old, &*new);
    let number = |at: usize| u32::try_from((at + 1).min(last)).unwrap_or(u32::MAX);
    let mut set = |at: usize, to: usize| {
        if let Some(line) = lines.get_mut(at) {
            *line = number(to);
        }
    };
    for op in diff.ops() {
        match *op {
            DiffOp::Equal { old_index, new_index, len } => {
                (0..len).for_each(|step| set(old_index + step, new_index + step));
            }
            DiffOp::Delete { old_index, old_len, new_index } => {
                (0..old_len).for_each(|step| set(old_index + step, new_index));
            }
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                (0..old_len)
                    .for_each(|step| set(old_index + step, new_index + step.min(new_len.saturating_sub(1))));
            }
            DiffOp::Insert { .. } => {}
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_gone_have_a_place() {
        assert_eq!(moved(b"a\nb\nc\n", b"a\nc\n"), [1, 2, 2]);
        assert_eq!(moved(b"a\nb\nc\n", b"x\na\nB\nc\n"), [2, 3, 4]);
        assert_eq!(moved(b"a\nb\n", b"a\n"), [1, 1]);
        assert_eq!(moved(b"a\n", b""), [1]);
    }
}
