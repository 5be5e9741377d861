//! From remedies and the reader's doubts to edits of a zone file: byte ranges, and the records
//! that the file must hold afterwards. Who applies them reads the result again and keeps an edit
//! only where exactly those records came out.

mod doubts;
mod records;
mod text;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::model::remedy::Remedy;
use crate::model::{Location, Name, Rdata};
use crate::parse::zone::{Parsed, ZoneRecord};

/// New bytes in place of a range of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    pub file: Arc<str>,
    pub range: Range<usize>,
    pub text: Vec<u8>,
}

/// What becomes of a record of the zone, by its index.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Change {
    Remove(usize),
    Replace(usize, Name, Rdata),
    Add(Name, u32, Rdata),
}

/// One fix: edits that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fix {
    /// The remedy's; empty for a doubt of the reader.
    pub remedy: String,
    /// The checks whose findings it settles; of a remedy, whoever has the findings knows them.
    pub codes: Vec<String>,
    /// What it does, in words.
    pub what: String,
    /// False where it may cost somebody something, or is a guess.
    pub is_safe: bool,
    pub location: Location,
    pub edits: Vec<Edit>,
    changes: Vec<Change>,
}

/// Records with how often each stands there.
type Counted = BTreeMap<(Name, u32, Rdata), usize>;

/// What the reader doubts and the text settles. Made first: records read wrongly make wrong remedies.
pub(crate) fn doubts(parsed: &Parsed) -> Vec<Fix> {
    doubts::fixes(parsed)
}

/// The record remedies that are about records of this file.
pub(crate) fn remedies<'r>(parsed: &Parsed, remedies: impl IntoIterator<Item = &'r Remedy>) -> Vec<Fix> {
    remedies.into_iter().filter_map(|remedy| records::fix(parsed, remedy)).collect()
}

/// Fixes that can be made together: those whose edits no earlier one touches.
pub(crate) fn compatible(fixes: Vec<Fix>) -> Vec<Fix> {
    let mut taken: BTreeMap<Arc<str>, Vec<Range<usize>>> = BTreeMap::new();
    let mut kept = Vec::new();
    let mut changed = std::collections::BTreeSet::new();
    for fix in fixes {
        let free = |edit: &Edit| {
            taken.get(&edit.file).is_none_or(|ranges| {
                ranges.iter().all(|range| edit.range.end <= range.start || range.end <= edit.range.start)
            })
        };
        let fresh = fix.changes.iter().all(|change| match change {
            Change::Remove(index) | Change::Replace(index, ..) => !changed.contains(index),
            Change::Add(..) => true,
        });
        if !fresh || !fix.edits.iter().all(free) {
            continue;
        }
        for edit in &fix.edits {
            taken.entry(edit.file.clone()).or_default().push(edit.range.clone());
        }
        for change in &fix.changes {
            if let Change::Remove(index) | Change::Replace(index, ..) = change {
                changed.insert(*index);
            }
        }
        kept.push(fix);
    }
    kept
}

/// The source with the edits of one file made; they do not overlap.
pub(crate) fn edited(source: &[u8], edits: &[&Edit]) -> Vec<u8> {
    let mut edits = edits.to_vec();
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let mut out = Vec::with_capacity(source.len() + 256);
    let mut at = 0;
    for edit in edits {
        out.extend_from_slice(source.get(at..edit.range.start).unwrap_or_default());
        out.extend_from_slice(&edit.text);
        at = edit.range.end.max(at);
    }
    out.extend_from_slice(source.get(at..).unwrap_or_default());
    out
}

/// Whether `after`, read from the edited files, holds exactly the records that `before` held,
/// with the changes of these fixes, and nothing that cannot be read besides what could not before.
pub(crate) fn hold(before: &Parsed, after: &Parsed, fixes: &[Fix]) -> bool {
    let mut records: Vec<Option<(Name, u32, Rdata)>> =
        before.zone.records().iter().map(|record| Some(key(record))).collect();
    for change in fixes.iter().flat_map(|fix| &fix.changes) {
        match change {
            Change::Remove(index) => records[*index] = None,
            Change::Replace(index, owner, rdata) => {
                let ttl = records[*index].as_ref().map_or(0, |(_, ttl, _)| *ttl);
                records[*index] = Some((owner.clone(), ttl, rdata.clone()));
            }
            Change::Add(owner, ttl, rdata) => records.push(Some((owner.clone(), *ttl, rdata.clone()))),
        }
    }
    let wanted = counted(records.into_iter().flatten());
    wanted == counted(after.zone.records().iter().map(key))
        && after.zone.origin() == before.zone.origin()
        && after.errors().count() <= before.errors().count()
}

fn key(record: &ZoneRecord) -> (Name, u32, Rdata) {
    (record.owner.clone(), record.ttl, record.rdata.clone())
}

fn counted(records: impl Iterator<Item = (Name, u32, Rdata)>) -> Counted {
    let mut counted = Counted::new();
    for record in records {
        *counted.entry(record).or_default() += 1;
    }
    counted
}
