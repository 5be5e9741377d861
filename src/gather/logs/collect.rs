//! The events of chosen messages out of logs of any size: lines are searched as
//! bytes, only those found are parsed, and the ids they name are searched in
//! turn, across all files, until no new one appears.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};
use jiff::Timestamp;
use memchr::memmem;

use super::blocks::Waves;
use super::open::{LogError, LogFile};
use super::rotation::Rotation;
use super::summary::{years_ahead, years_of};
use crate::model::Location;
use crate::parse::log::event::NO_TIME;
use crate::parse::log::record::{LogEvent, queued_as};
use crate::parse::log::{Dialect, Kind, Parser, stamp};

/// What to look for at first.
#[derive(Clone, Debug, Default)]
pub struct Seek {
    /// Literal texts, any of which makes a line interesting; empty: all lines.
    pub literals: Vec<String>,
    /// Search without regard to ASCII case.
    pub any_case: bool,
    /// Go on from what was found to its queue ids and next hops.
    pub follow: bool,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Collected {
    /// In the order of files and lines.
    pub events: Vec<LogEvent>,
    /// The last event with a stamp of each log, whether or not it was sought.
    pub ends: Vec<LogEvent>,
    /// Bounds reached, in words.
    pub notes: BTreeSet<String>,
}

const ROUNDS: usize = 8;
const IDS_BOUND: usize = 5_000;
/// Bytes of lines held for one log and round.
const FOUND_BOUND: usize = 48 << 20;
const EVENTS_BOUND: usize = 400_000;

pub(super) enum Needle {
    All,
    One(Box<memmem::Finder<'static>>),
    Many(AhoCorasick),
}

impl Needle {
    pub(super) fn of(literals: &[String], any_case: bool) -> Needle {
        match literals {
            [] => Needle::All,
            [one] if !any_case => Needle::One(Box::new(memmem::Finder::new(one.as_bytes()).into_owned())),
            many => {
                let built = AhoCorasickBuilder::new()
                    .ascii_case_insensitive(any_case)
                    .match_kind(MatchKind::LeftmostFirst)
                    .build(many);
                built.map_or(Needle::All, Needle::Many)
            }
        }
    }

    fn find(&self, text: &[u8]) -> Option<usize> {
        match self {
            Needle::All => (!text.is_empty()).then_some(0),
            Needle::One(finder) => finder.find(text),
            Needle::Many(many) => many.find(text).map(|found| found.start()),
        }
    }
}

/// Lines of a block that match: number in the block and text.
pub(super) struct Found {
    pub(super) lines: u64,
    pub(super) hits: Vec<(u64, Vec<u8>)>,
    cut: bool,
    /// The last lines, whole.
    tail: Vec<u8>,
}

/// Bytes at the end of a log that tell when it ends.
const TAIL: usize = 8 << 10;

/// The last whole lines of a block.
fn tail(block: &[u8]) -> Vec<u8> {
    let cut = block.len().saturating_sub(TAIL);
    let start = if cut == 0 {
        0
    } else {
        memchr::memchr(b'\n', &block[cut..]).map_or(block.len(), |end| cut + end + 1)
    };
    block[start..].to_vec()
}

pub(super) fn search(block: &[u8], needle: &Needle) -> Found {
    let (mut at, mut line, mut bytes) = (0, 0u64, 0);
    let mut found = Found { lines: 0, hits: Vec::new(), cut: false, tail: tail(block) };
    while let Some(hit) = block.get(at..).and_then(|rest| needle.find(rest)) {
        let hit = at + hit;
        let start = memchr::memrchr(b'\n', &block[..hit]).map_or(0, |end| end + 1);
        let end = memchr::memchr(b'\n', &block[hit..]).map_or(block.len(), |end| hit + end);
        line += memchr::memchr_iter(b'\n', block.get(at..start).unwrap_or_default()).count() as u64;
        bytes += end - start;
        if bytes > FOUND_BOUND / 4 {
            found.cut = true;
            break;
        }
        found.hits.push((line, block[start..end].to_vec()));
        at = end + 1;
        line += 1;
    }
    found.lines = memchr::memchr_iter(b'\n', block).count() as u64
        + u64::from(block.last().is_some_and(|last| *last != b'\n'));
    found
}

/// Collects the events of all messages any line of which is sought.
///
/// # Errors
/// Where a log cannot be read to its end.
pub fn collect(logs: &[LogFile], seek: &Seek, now: Timestamp) -> Result<Collected, LogError> {
    let mut search = Search::of(logs, now)?;
    let mut literals = seek.literals.clone();
    let mut searched: BTreeSet<String> = literals.iter().cloned().collect();
    let mut any_case = seek.any_case;
    for round in 0..ROUNDS {
        let needle = Needle::of(&literals, any_case);
        let mut next: BTreeSet<String> = BTreeSet::new();
        for (place, event) in search.matching(&needle)? {
            if seek.follow {
                next.extend(ids_of(&event).filter(|id| !searched.contains(*id)).map(str::to_owned));
            }
            if !search.keep(place, event) {
                break;
            }
        }
        if next.is_empty() || literals.is_empty() {
            break;
        }
        if searched.len() + next.len() > IDS_BOUND {
            let room = IDS_BOUND.saturating_sub(searched.len());
            next = next.into_iter().take(room).collect();
            search
                .notes
                .insert(format!("more than {IDS_BOUND} messages match; narrow the search to see all"));
        }
        if round + 1 == ROUNDS {
            search.notes.insert("the message goes over more hops than are followed".to_owned());
        }
        searched.extend(next.iter().cloned());
        literals = next.into_iter().collect();
        any_case = false;
        if literals.is_empty() {
            break;
        }
    }
    Ok(search.finish(logs, now))
}

/// Where an event stands: log, line, and which of the line's it is.
type Place = (usize, u32, u32);

/// A search under way.
struct Search<'l> {
    logs: &'l [LogFile],
    /// The year each log begins in.
    years: Vec<i32>,
    /// The events of dialects whose lines depend on each other: parsed whole, once.
    whole: Vec<(usize, Vec<LogEvent>)>,
    found: BTreeMap<Place, LogEvent>,
    /// The last event with a stamp, by log.
    ends: BTreeMap<usize, LogEvent>,
    notes: BTreeSet<String>,
}

impl Search<'_> {
    fn of(logs: &[LogFile], now: Timestamp) -> Result<Search<'_>, LogError> {
        let mut search = Search {
            logs,
            years: years_of(logs, now),
            whole: Vec::new(),
            found: BTreeMap::new(),
            ends: BTreeMap::new(),
            notes: BTreeSet::new(),
        };
        let mut rotation = Rotation::default();
        for (index, log) in logs.iter().enumerate() {
            let Some(dialect) = log.dialect.filter(|dialect| dialect.parsed_whole()) else { continue };
            let mut parser = rotation.parser(log, dialect, search.years[index]);
            let parsed = parse_all(log, dialect, &mut parser, &mut search.notes)?;
            let stamped = parsed.iter().filter(|event| event.at != NO_TIME);
            if let Some(end) = stamped.max_by_key(|event| event.at) {
                search.ends.insert(index, end.clone());
            }
            search.whole.push((index, parsed));
            rotation.keep(log, parser);
        }
        Ok(search)
    }

    /// The events that concern what is sought now.
    fn matching(&mut self, needle: &Needle) -> Result<Vec<(Place, LogEvent)>, LogError> {
        let mut matching = Vec::new();
        for (index, log) in self.logs.iter().enumerate() {
            let Some(dialect) = log.dialect.filter(|dialect| !dialect.parsed_whole()) else { continue };
            let (found, end) = found_events(log, dialect, self.years[index], needle, &mut self.notes)?;
            if let Some(end) = end {
                self.ends.entry(index).or_insert(end);
            }
            for (order, event) in found.into_iter().enumerate() {
                matching.push(((index, event.location.line, order_in_line(order)), event));
            }
        }
        for (index, parsed) in &self.whole {
            for (order, event) in parsed.iter().enumerate().filter(|(_, event)| concerns(event, needle)) {
                matching.push(((*index, event.location.line, order_in_line(order)), event.clone()));
            }
        }
        Ok(matching)
    }

    /// Keeps an event, at its place where it was found before; false where there is no room for it.
    fn keep(&mut self, place: Place, event: LogEvent) -> bool {
        // `order` may differ between rounds.
        let same_line = (place.0, place.1, 0)..=(place.0, place.1, u32::MAX);
        if self.found.range(same_line).any(|(_, known)| *known == event) {
            return true;
        }
        if self.found.len() >= EVENTS_BOUND {
            self.notes.insert(format!("more than {EVENTS_BOUND} events match; the rest is left out"));
            return false;
        }
        self.found.insert(place, event);
        true
    }

    /// What was found, no stamp of it in the future.
    fn finish(self, logs: &[LogFile], now: Timestamp) -> Collected {
        let mut all = Collected {
            events: self.found.into_values().collect(),
            ends: self.ends.into_values().collect(),
            notes: self.notes,
        };
        let stamps = all.events.iter().chain(&all.ends).map(|event| event.at);
        let years = years_ahead(logs, stamps.filter(|at| *at != NO_TIME).max(), now);
        for event in all.events.iter_mut().chain(&mut all.ends) {
            event.at = stamp::shift_years(event.at, years);
        }
        all
    }
}

/// Ids that lead to more events of the message, or to it at the next hop.
fn ids_of(event: &LogEvent) -> impl Iterator<Item = &str> {
    // PowerMTA's is the job, which thousands of messages share.
    let next = if event.dialect == "powermta" { "" } else { event.next_id.as_str() };
    let ids =
        [event.id.as_str(), next, event.message_id.as_str(), queued_as(&event.reply).unwrap_or_default()];
    // A notification belongs to another message of its own.
    let count = if event.kind == Kind::Notified { 1 } else { ids.len() };
    ids.into_iter().take(count).filter(|id| {
        let synthetic = id.starts_with("dialogue-") || id.starts_with("QZMF-");
        id.len() >= 5 || id.len() >= 2 && event.dialect == "qmail" || synthetic
    })
}

fn order_in_line(order: usize) -> u32 {
    u32::try_from(order).unwrap_or(u32::MAX)
}

fn concerns(event: &LogEvent, needle: &Needle) -> bool {
    let fields = [
        &event.id,
        &event.line,
        &event.recipient,
        &event.sender,
        &event.message_id,
        &event.reply,
        &event.next_id,
    ];
    fields.iter().any(|field| needle.find(field.as_bytes()).is_some())
}

/// The events of the lines found, parsed in order so that years carry over, and
/// the last event with a stamp in the whole log.
fn found_events(
    log: &LogFile,
    dialect: Dialect,
    year: i32,
    needle: &Needle,
    notes: &mut BTreeSet<String>,
) -> Result<(Vec<LogEvent>, Option<LogEvent>), LogError> {
    let mut found: Vec<(u64, Vec<u8>)> = Vec::new();
    let mut tail = Vec::new();
    let (mut before, mut bytes) = (0u64, 0usize);
    let mut waves = Waves::of(log)?;
    while let Some(blocks) = waves.next(|block| search(block, needle)) {
        for block in blocks {
            for (line, text) in block.hits {
                bytes += text.len();
                if bytes < FOUND_BOUND {
                    found.push((before + line, text));
                }
            }
            if block.cut || bytes >= FOUND_BOUND {
                notes.insert(format!("{}: too many lines match; the later ones are left out", log.name));
            }
            before += block.lines;
            tail = block.tail;
        }
    }
    let mut text: Vec<u8> = Vec::with_capacity(bytes + found.len());
    for (_, line) in &found {
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    let mut parser = Parser::new(dialect, year);
    parser.begin_after(log.head());
    let place =
        |line: u64| Location { file: log.name.clone(), line: u32::try_from(line).unwrap_or(u32::MAX) };
    let batch = parser.block(&text);
    let events = batch
        .iter()
        .filter_map(|event| {
            let line = found.get(event.line as usize)?.0 + 1;
            Some(LogEvent::of(&event, place(line), dialect.name()))
        })
        .collect();
    let batch = parser.block(&tail);
    let end = batch.iter().filter(|event| event.at != NO_TIME).max_by_key(|event| event.at);
    Ok((events, end.map(|event| LogEvent::of(&event, place(before), dialect.name()))))
}

/// Every event of a log whose lines depend on each other.
fn parse_all(
    log: &LogFile,
    dialect: Dialect,
    parser: &mut Parser,
    notes: &mut BTreeSet<String>,
) -> Result<Vec<LogEvent>, LogError> {
    let mut out = Vec::new();
    let mut before = 0u64;
    let mut waves = Waves::of(log)?;
    while let Some(blocks) = waves.next(<[u8]>::to_vec) {
        for block in blocks {
            let batch = parser.block(&block);
            for event in batch.iter() {
                if out.len() >= EVENTS_BOUND {
                    notes.insert(format!(
                        "{}: more than {EVENTS_BOUND} events; the rest is left out",
                        log.name
                    ));
                    break;
                }
                let line = before + u64::from(event.line) + 1;
                let location =
                    Location { file: log.name.clone(), line: u32::try_from(line).unwrap_or(u32::MAX) };
                out.push(LogEvent::of(&event, location, dialect.name()));
            }
            before += u64::from(batch.lines);
        }
    }
    Ok(out)
}
