//! What the reader and the linter of zones doubt, where the text alone says what was meant.

use std::collections::BTreeMap;

use super::{Change, Edit, Fix, text};
use crate::model::remedy::data;
use crate::model::untrusted::Width;
use crate::model::{Location, Name, Rdata};
use crate::parse::bimi::{BimiRecord, is_bimi};
use crate::parse::dkim::key::{KeyRecord, PublicKey};
use crate::parse::dmarc::DmarcRecord;
use crate::parse::transport::mta_sts;
use crate::parse::zone::{Diagnostic, Parsed, Token, ZoneRecord, check_of, doubts};

pub(super) fn fixes(parsed: &Parsed) -> Vec<Fix> {
    let places = Places::of(parsed);
    let mut found = Vec::new();
    for doubt in doubts(parsed) {
        let Some((index, record)) = places.record(parsed, &doubt) else { continue };
        let fix = match doubt.code {
            "missing-dot" => dotted(parsed, &doubt, index, record),
            "duplicate-record" => single(parsed, &doubt, index),
            "comment-cuts-text" | "unquoted-text" => quoted(parsed, &doubt, index, record),
            _ => None,
        };
        found.extend(fix);
    }
    found
}

/// The records by where they are written.
struct Places<'p>(BTreeMap<(&'p str, usize), usize>);

impl<'p> Places<'p> {
    fn of(parsed: &'p Parsed) -> Places<'p> {
        let at = |(index, record): (usize, &'p ZoneRecord)| {
            ((&*record.place.file, record.place.span.range().start), index)
        };
        Places(parsed.zone.records().iter().enumerate().map(at).collect())
    }

    /// The record whose entry holds the doubt's span.
    fn record(&self, parsed: &'p Parsed, doubt: &Diagnostic) -> Option<(usize, &'p ZoneRecord)> {
        let before = self.0.range(..=(&*doubt.file, doubt.span.start)).next_back();
        let ((file, _), index) = before.filter(|((file, _), _)| *file == &*doubt.file)?;
        let record = parsed.zone.records().get(*index)?;
        let inside = *file == &*record.place.file && doubt.span.end <= record.place.span.range().end;
        inside.then_some((*index, record))
    }
}

fn fix(doubt: &Diagnostic, what: String, edits: Vec<Edit>, changes: Vec<Change>) -> Fix {
    Fix {
        remedy: String::new(),
        codes: vec![check_of(doubt).to_owned()],
        what,
        is_safe: true,
        location: Location { file: doubt.file.to_string(), line: doubt.line },
        edits,
        changes,
    }
}

/// A name that has the zone's name twice ends with a dot.
fn dotted(parsed: &Parsed, doubt: &Diagnostic, index: usize, record: &ZoneRecord) -> Option<Fix> {
    let apex = parsed.zone.origin()?;
    let bytes = &text::source(parsed, record)?.bytes;
    let is_word = |token: &&Token| token.span.range() == doubt.span && !token.quoted;
    let token = record.place.owner.iter().chain(record.place.data.iter()).find(is_word)?;
    if token.span.of(bytes).ends_with(b".") {
        return None;
    }
    let meant = |name: &Name| -> Option<Name> {
        let labels: Vec<&str> = name.labels().collect();
        let kept = labels.len().checked_sub(apex.label_count())?;
        Some(Name::lenient(&labels[..kept].join(".")))
    };
    let is_owner = record.place.owner.as_ref().is_some_and(|owner| owner.span == token.span);
    let file = record.place.file.clone();
    let at = doubt.span.end;
    let edit = Edit { file: file.clone(), range: at..at, text: b".".to_vec() };
    let changes = if is_owner {
        // Entries below that leave out their owner follow.
        let owner = meant(&record.owner)?;
        let records = parsed.zone.records().iter().enumerate();
        let mut following = vec![Change::Replace(index, owner.clone(), record.rdata.clone())];
        for (other, next) in records.skip(index + 1) {
            if next.place.owner.is_some() || next.owner != record.owner || next.place.file != file {
                break;
            }
            following.push(Change::Replace(other, owner.clone(), next.rdata.clone()));
        }
        following
    } else {
        let rdata = match &record.rdata {
            Rdata::Mx { preference, exchange } => {
                Rdata::Mx { preference: *preference, exchange: meant(exchange)? }
            }
            Rdata::Ns(name) => Rdata::Ns(meant(name)?),
            Rdata::Cname(name) => Rdata::Cname(meant(name)?),
            // One label is no complete name.
            Rdata::Ptr(name) => Rdata::Ptr(meant(name).filter(|name| name.label_count() > 1)?),
            _ => return None,
        };
        vec![Change::Replace(index, record.owner.clone(), rdata)]
    };
    let word = String::from_utf8_lossy(token.span.of(bytes)).into_owned();
    let what = format!("End {} with a dot", crate::model::untrusted::plain(&word, Width::Line));
    Some(fix(doubt, what, vec![edit], changes))
}

/// Of two equal records one goes.
fn single(parsed: &Parsed, doubt: &Diagnostic, index: usize) -> Option<Fix> {
    let edits = text::deleted(parsed, &[index])?;
    Some(fix(doubt, "Remove the same record written twice".to_owned(), edits, vec![Change::Remove(index)]))
}

/// “ ” „
const CURLY: [char; 3] = ['\u{201c}', '\u{201d}', '\u{201e}'];

/// A text without quotes gets them, with what a `;` had cut off, where the whole is a sound record.
fn quoted(parsed: &Parsed, doubt: &Diagnostic, index: usize, record: &ZoneRecord) -> Option<Fix> {
    let bytes = &text::source(parsed, record)?.bytes;
    let (first, last) = (record.place.data.first()?, record.place.data.last()?);
    if record.place.data.iter().any(|token| token.quoted) || first.line != last.line {
        return None;
    }
    let start = first.span.range().start;
    let line_end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at);
    let whole = bytes.get(start..line_end)?.trim_ascii_end();
    let end = match doubt.code {
        "comment-cuts-text" => start + tags_of(whole),
        _ => last.span.range().end,
    };
    let written = std::str::from_utf8(bytes.get(start..end)?).ok()?;
    // Quotes of a word processor are no quotes here.
    let written = written.strip_prefix(CURLY).and_then(|rest| rest.strip_suffix(CURLY)).unwrap_or(written);
    let is_plain = written.bytes().all(|byte| (0x20..0x7f).contains(&byte) && !b"\"\\()".contains(&byte));
    if !is_plain || !is_sound(written) {
        return None;
    }
    let rdata = super::super::draft::txt(written);
    let edit = Edit { file: record.place.file.clone(), range: start..end, text: data(&rdata).into_bytes() };
    let changes = vec![Change::Replace(index, record.owner.clone(), rdata)];
    Some(fix(doubt, "Put the whole text in quotes".to_owned(), vec![edit], changes))
}

/// The length of the parts between semicolons that are tags with values; what follows the last of
/// them is a comment.
fn tags_of(line: &[u8]) -> usize {
    let is_tag = |part: &[u8]| {
        let name = part.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii();
        part.contains(&b'=')
            && !name.is_empty()
            && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    };
    // A quote of a word processor stands before the first name.
    let open = line.iter().position(u8::is_ascii_alphanumeric).unwrap_or(0);
    let (mut end, mut at) = (0, 0);
    for (index, part) in line.split(|byte| *byte == b';').enumerate() {
        let own = if index == 0 { part.get(open..).unwrap_or_default() } else { part };
        if is_tag(own) {
            end = at + part.trim_ascii_end().len();
        } else if !own.trim_ascii().is_empty() {
            break;
        }
        at += part.len() + 1;
    }
    // The semicolon behind the last tag is the record's where nothing but blanks follows.
    if line[end..].iter().all(|byte| *byte == b';' || byte.is_ascii_whitespace()) { line.len() } else { end }
}

/// Whether the text is a record that receivers read without a fault.
fn is_sound(text: &str) -> bool {
    if crate::parse::spf::is_spf(text.as_bytes()) {
        return !text.contains(';');
    }
    if let Some(record) = DmarcRecord::parse(text) {
        return record.faults.is_empty() && record.p.is_some();
    }
    if mta_sts::announces(text.as_bytes(), "TLSRPTv1") {
        return mta_sts::report_uris(text.as_bytes()).is_ok();
    }
    if mta_sts::announces(text.as_bytes(), "STSv1") {
        return mta_sts::policy_id(text.as_bytes()).is_ok();
    }
    if is_bimi(text) {
        let record = BimiRecord::parse(text);
        return record.faults.is_empty() && record.location.is_some();
    }
    text.to_ascii_lowercase().contains("p=")
        && matches!(KeyRecord::parse(text).key, PublicKey::Rsa(_) | PublicKey::Ed25519(_))
}
