//! Ranges of a zone file's text: a record's data, its whole entry, the place behind it.

use std::ops::Range;

use super::Edit;
use crate::parse::zone::{Parsed, Source, ZoneRecord};

/// The source that a record was written in; `None` for what a directive made.
pub(super) fn source<'p>(parsed: &'p Parsed, record: &ZoneRecord) -> Option<&'p Source> {
    let source = parsed.sources.iter().find(|source| source.file == record.place.file)?;
    let first = source.bytes.get(record.place.span.range())?.first()?;
    (*first != b'$').then_some(source)
}

/// From the first word of the data to its last, parentheses that open between them closed.
pub(super) fn data(parsed: &Parsed, record: &ZoneRecord) -> Option<Range<usize>> {
    let source = source(parsed, record)?;
    let (first, last) = (record.place.data.first()?, record.place.data.last()?);
    let start = first.span.range().start;
    Some(start..closed(&source.bytes, start, last.span.range().end)?)
}

/// The whole lines of the entry, with the comment behind it.
pub(super) fn entry(parsed: &Parsed, record: &ZoneRecord) -> Option<Range<usize>> {
    let bytes = &source(parsed, record)?.bytes;
    let span = record.place.span.range();
    let start = bytes[..span.start].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    // Only blanks before the owner: the entry begins where its line does.
    let end = closed(bytes, start, span.end)?;
    let end = bytes[end..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| end + at + 1);
    Some(start..end)
}

/// The end of a text whose parentheses are closed; `None` where one closes that was not opened.
fn closed(bytes: &[u8], start: usize, end: usize) -> Option<usize> {
    let (mut depth, mut at, mut quoted) = (0i32, start, false);
    while at < bytes.len() {
        if at >= end && depth == 0 && !quoted {
            return Some(at);
        }
        match bytes[at] {
            b'\\' => at += 1,
            b'"' => quoted = !quoted,
            b'(' if !quoted => depth += 1,
            b')' if !quoted => depth -= 1,
            b';' if !quoted => {
                let rest = bytes[at..].iter().position(|byte| *byte == b'\n');
                at = rest.map_or(bytes.len(), |length| at + length);
                continue;
            }
            _ => {}
        }
        if depth < 0 {
            return None;
        }
        at += 1;
    }
    (depth == 0 && !quoted).then_some(bytes.len())
}

/// Line ends as the file has them.
pub(super) fn line_end(bytes: &[u8]) -> &'static str {
    match memchr::memchr(b'\n', bytes) {
        Some(at) if at > 0 && bytes[at - 1] == b'\r' => "\r\n",
        _ => "\n",
    }
}

/// The entries of these records go. One that follows and leaves out its owner gets the owner that
/// it had by the entry before.
pub(super) fn deleted(parsed: &Parsed, indexes: &[usize]) -> Option<Vec<Edit>> {
    let records = parsed.zone.records();
    // Records stand in the order of reading, so what follows in the file follows here.
    let mut edits: Vec<Edit> = Vec::new();
    for index in indexes {
        let record = records.get(*index)?;
        let file = record.place.file.clone();
        edits.push(Edit { file: file.clone(), range: entry(parsed, record)?, text: Vec::new() });
        let Some(owner) = record.place.owner else { continue };
        let behind = |other: &(usize, &ZoneRecord)| {
            other.1.place.file == file
                && other.1.place.span.start >= record.place.span.end
                && !indexes.contains(&other.0)
        };
        let next = records.iter().enumerate().skip(index + 1).find(behind);
        if let Some((_, next)) = next.filter(|(_, next)| next.place.owner.is_none()) {
            let bytes = &source(parsed, next)?.bytes;
            let start = entry(parsed, next)?.start;
            edits.push(Edit { file, range: start..start, text: owner.span.of(bytes).to_vec() });
        }
    }
    Some(edits)
}
