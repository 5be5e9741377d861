//! A record remedy as an edit of the file: the data of what it replaces is written anew, the rest
//! of the entry stays; what has no place yet is added as a line of its own.

use super::{Change, Edit, Fix, text};
use crate::model::remedy::{Remedy, data, line};
use crate::model::{Location, Name, Rdata, RecordType};
use crate::parse::zone::{Parsed, ZoneRecord};

/// The fix; `None` where the remedy is about no record of this file, or about one that a
/// directive made.
pub(super) fn fix(parsed: &Parsed, remedy: &Remedy) -> Option<Fix> {
    let (owner, rtype) = subject(remedy)?;
    let zone = &parsed.zone;
    if !zone.origin().is_some_and(|origin| owner.is_within(origin)) || zone.is_delegated(&owner) {
        return None;
    }
    let standing: Vec<(usize, &ZoneRecord)> = (zone.records().iter().enumerate())
        .filter(|(_, record)| record.owner == owner && record.rdata.record_type() == rtype)
        .collect();
    let named = |lines: &[String]| -> Vec<(usize, &ZoneRecord)> {
        let shown = |record: &ZoneRecord| lines.contains(&line(&owner, rtype, &record.rdata));
        standing.iter().filter(|(_, record)| shown(record)).copied().collect()
    };
    let (replaced, mut gone) = (named(&remedy.replaces), named(&remedy.deletes));
    if replaced.len() < remedy.replaces.len() || gone.len() < remedy.deletes.len() {
        return None;
    }
    if replaced.iter().chain(&gone).any(|(_, record)| is_cut(parsed, record)) {
        return None;
    }
    let values = remedy.record.as_ref().map(|set| set.values.as_slice()).unwrap_or_default();
    let (mut edits, mut changes) = (Vec::new(), Vec::new());
    for ((index, record), value) in replaced.iter().zip(values) {
        let range = text::data(parsed, record)?;
        edits.push(Edit { file: record.place.file.clone(), range, text: data(value).into_bytes() });
        changes.push(Change::Replace(*index, owner.clone(), value.clone()));
    }
    gone.extend(replaced.iter().skip(values.len()));
    let indexes: Vec<usize> = gone.iter().map(|(index, _)| *index).collect();
    edits.extend(text::deleted(parsed, &indexes)?);
    changes.extend(indexes.iter().map(|index| Change::Remove(*index)));
    let added = values.get(replaced.len()..).unwrap_or_default();
    let beside = replaced.first().or(standing.first()).map(|(_, record)| *record);
    if !added.is_empty() {
        let ttl = beside.map_or_else(|| usual_ttl(parsed), |record| record.ttl);
        edits.push(inserted(parsed, beside, &owner, rtype, ttl, added)?);
        changes.extend(added.iter().map(|value| Change::Add(owner.clone(), ttl, value.clone())));
    }
    let place = replaced.first().or(gone.first()).map(|(_, record)| record.location());
    let location = place.or(beside.map(ZoneRecord::location)).or_else(|| {
        let main = parsed.sources.first()?;
        Some(Location { file: main.file.to_string(), line: 1 })
    })?;
    Some(Fix {
        remedy: remedy.id.clone(),
        codes: Vec::new(),
        what: remedy.sentence(),
        is_safe: remedy.safe,
        location,
        edits,
        changes,
    })
}

/// Whether a semicolon stands behind words without quotes: what the record was to say is not known,
/// and what replaces the part that was read would be a guess.
fn is_cut(parsed: &Parsed, record: &ZoneRecord) -> bool {
    let Some(source) = text::source(parsed, record) else { return false };
    record.place.data.iter().filter(|token| !token.quoted).any(|token| {
        let rest = source.bytes.get(token.span.range().end..).unwrap_or_default();
        rest.first() == Some(&b';')
    })
}

/// Name and type of a record remedy, by its identity (`record:NAME:TYPE`).
fn subject(remedy: &Remedy) -> Option<(Name, RecordType)> {
    if let Some(set) = &remedy.record {
        return Some((set.name.clone(), set.rtype));
    }
    let rest = remedy.id.strip_prefix("record:")?;
    let (name, rtype) = rest.rsplit_once(':')?;
    let rtype = match rtype {
        "TXT" => RecordType::Txt,
        "MX" => RecordType::Mx,
        "SPF" => RecordType::Spf,
        _ => return None,
    };
    Some((Name::parse(name).ok()?, rtype))
}

/// The TTL that most records of the file have.
fn usual_ttl(parsed: &Parsed) -> u32 {
    let mut counts: std::collections::BTreeMap<u32, usize> = std::collections::BTreeMap::new();
    for record in parsed.zone.records() {
        *counts.entry(record.ttl).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map_or(3600, |(ttl, _)| ttl)
}

/// New lines behind the record of the same owner, else at the end of the file.
fn inserted(
    parsed: &Parsed,
    beside: Option<&ZoneRecord>,
    owner: &Name,
    rtype: RecordType,
    ttl: u32,
    values: &[Rdata],
) -> Option<Edit> {
    let (source, at) = match beside {
        Some(record) => (text::source(parsed, record)?, text::entry(parsed, record)?.end),
        None => {
            let main = parsed.sources.first()?;
            (main, main.bytes.len())
        }
    };
    let end = text::line_end(&source.bytes);
    let mut written = String::new();
    if at > 0 && source.bytes.get(at - 1) != Some(&b'\n') {
        written.push_str(end);
    }
    for value in values {
        written.push_str(&format!("{owner}. {ttl} IN {rtype} {}{end}", data(value)));
    }
    Some(Edit { file: source.file.clone(), range: at..at, text: written.into_bytes() })
}
