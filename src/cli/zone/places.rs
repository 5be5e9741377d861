//! Where a finding stands in the files as they are now: a line that is gone has its place where
//! the change took it out.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use similar::{DiffOp, TextDiff};

use super::files::{Store, ZoneInput};
use crate::model::Location;
use crate::parse::zone::Source;

/// How long a comparison of two files may look for the shortest edit.
const PATIENCE: Duration = Duration::from_secs(2);

/// Places of the new side's files, as reports show them.
#[derive(Default)]
pub(super) struct Places {
    /// Path as read to path as shown.
    shown: BTreeMap<String, String>,
    /// Path of the old side to the new path, and the new line of each old line.
    moved: BTreeMap<String, (String, Vec<u32>)>,
    /// Lines of the new side's files, by path as read, that the old side does not have.
    fresh: BTreeMap<String, BTreeSet<u32>>,
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
        self.pair(before, after);
        // A file beside the first one by its name; one that is gone has no lines in the report.
        let named = |file: &str| file.rsplit(['/', ':']).next().unwrap_or_default().to_owned();
        let mut others: BTreeMap<String, Option<&Source>> = BTreeMap::new();
        for source in new.parsed.sources.iter().skip(1) {
            let twin = others.insert(named(&source.file), Some(source));
            if twin.is_some() {
                others.insert(named(&source.file), None);
            }
        }
        for source in old.parsed.sources.iter().skip(1) {
            if self.moved.contains_key(&*source.file) {
                continue;
            }
            match others.get(&named(&source.file)).copied().flatten() {
                Some(now) => self.pair(source, now),
                None => {
                    drop(self.moved.insert(source.file.to_string(), (after.file.to_string(), Vec::new())))
                }
            }
        }
    }

    fn pair(&mut self, before: &Source, after: &Source) {
        let (lines, fresh) = moved(&before.bytes, &after.bytes);
        self.fresh.insert(after.file.to_string(), fresh);
        self.moved.insert(before.file.to_string(), (after.file.to_string(), lines));
    }

    /// Whether the change wrote one of the lines.
    pub(super) fn is_fresh(&self, file: &str, first: u32, last: u32) -> bool {
        self.fresh.get(file).is_some_and(|lines| lines.range(first..=last.max(first)).next().is_some())
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
/// which the new text goes on. Then the lines that only the new text has.
fn moved(old: &[u8], new: &[u8]) -> (Vec<u32>, BTreeSet<u32>) {
    let count = |bytes: &[u8]| bytes.split_inclusive(|byte| *byte == b'\n').count();
    let last = count(new).max(1);
    let mut lines = vec![1u32; count(old)];
    let old = String::from_utf8_lossy(old);
    let new = String::from_utf8_lossy(new);
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(&*old, &*new);
    let number = |at: usize| u32::try_from((at + 1).min(last)).unwrap_or(u32::MAX);
    let mut fresh = BTreeSet::new();
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
                fresh.extend((0..new_len).map(|step| number(new_index + step)));
            }
            DiffOp::Insert { new_index, new_len, .. } => {
                fresh.extend((0..new_len).map(|step| number(new_index + step)));
            }
        }
    }
    (lines, fresh)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_gone_have_a_place() {
        assert_eq!(moved(b"a\nb\nc\n", b"a\nc\n"), (vec![1, 2, 2], [].into()));
        assert_eq!(moved(b"a\nb\nc\n", b"x\na\nB\nc\n"), (vec![2, 3, 4], [1, 3].into()));
        assert_eq!(moved(b"a\nb\n", b"a\n"), (vec![1, 1], [].into()));
        assert_eq!(moved(b"a\n", b""), (vec![1], [].into()));
    }
}
