//! What one region of a log adds to the summary: its [`Tally`], and the events
//! to be joined by queue id as short records, sorted out by shard. Fed line by
//! line, so that no event is stored whole and the log's text can go at once.

use super::handed;
use super::hash;
use super::tally::Tally;
use crate::parse::log::Parser;
use crate::parse::log::event::{Event, Kind, Millis, Sink};
use crate::parse::log::stamp::{self, Calendar};

/// What the join needs of an event; `key` is the hash of machine and queue id.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record {
    pub key: u64,
    pub at: Millis,
    /// Hash of the recipient in lower case; 0 where none is named.
    pub recipient: u64,
    /// Mark of the recipient's provider; 0 where the event is no attempt.
    pub provider: u32,
    pub delay: u32,
    pub line: u32,
    pub kind: Kind,
    /// The end of a delivery told before.
    pub returned: bool,
    /// Ends of the texts in the arena, from `start`.
    start: u32,
    ends: [u16; TEXTS],
}

const TEXTS: usize = 5;
/// Bytes of each text that are kept.
const TEXT_KEPT: usize = 600;

/// What a region of a busy log needs, so that nothing grows.
const RECORDS: usize = 1200;
const ARENA: usize = 240 << 10;

/// The texts of a record. The recipient, host and reply of a delivery are not
/// kept, as it is settled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Texts<'a> {
    pub id: &'a [u8],
    pub sender: &'a [u8],
    pub host: &'a [u8],
    pub recipient: &'a [u8],
    pub reply: &'a [u8],
}

/// One region, parsed.
#[derive(Debug)]
pub(crate) struct Portion {
    parser: Parser,
    lines: u32,
    calendar: Option<Calendar>,
    pub(super) tally: Tally,
    join: Join,
}

#[derive(Debug)]
struct Join {
    seed: u64,
    /// The machine of the last event and the hash of its name.
    host: Vec<u8>,
    host_seed: u64,
    shards: Vec<Vec<Record>>,
    arena: Vec<u8>,
}

impl Portion {
    /// `seed` must be the same for all portions of a run.
    pub(crate) fn new(parser: Parser, shards: usize, seed: u64) -> Portion {
        Portion {
            parser,
            lines: 0,
            calendar: None,
            tally: Tally::default(),
            join: Join {
                seed,
                host: Vec::new(),
                host_seed: seed,
                shards: (0..shards.max(1)).map(|_| Vec::with_capacity(RECORDS)).collect(),
                arena: Vec::with_capacity(ARENA),
            },
        }
    }

    /// Adds a block of whole lines.
    pub(crate) fn read(&mut self, block: &[u8]) {
        let mut feed = Feed { tally: &mut self.tally, join: &mut self.join };
        self.lines = self.parser.read(block, self.lines, &mut feed);
    }

    /// To be called once, after the last block.
    pub(crate) fn close(&mut self) {
        self.calendar = self.parser.calendar();
        self.tally.close(self.lines);
    }

    pub(crate) fn parser(&self) -> &Parser {
        &self.parser
    }

    pub(crate) fn lines(&self) -> u32 {
        self.lines
    }

    pub(crate) fn calendar(&self) -> Option<Calendar> {
        self.calendar
    }

    /// Moves all stamps by whole years.
    pub(crate) fn shift_years(&mut self, years: i32) {
        if years == 0 {
            return;
        }
        self.tally.shift_years(years);
        if let Some(calendar) = &mut self.calendar {
            calendar.shift(years);
        }
        for record in self.join.shards.iter_mut().flatten() {
            record.at = stamp::shift_years(record.at, years);
        }
    }

    /// The records of one shard, in order.
    pub(super) fn records(&self, shard: usize) -> &[Record] {
        self.join.shards.get(shard).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn texts(&self, record: &Record) -> Texts<'_> {
        let mut from = record.start as usize;
        let [id, sender, host, recipient, reply] = record.ends.map(|len| {
            let start = from;
            from += usize::from(len);
            self.join.arena.get(start..from).unwrap_or_default()
        });
        Texts { id, sender, host, recipient, reply }
    }
}

impl Join {
    /// A filter took the message: it goes on under the id it comes back with.
    fn handed(&mut self, event: &Event<'_>) {
        self.push(&Event { kind: Kind::Linked, recipient: b"", ..*event }, 0);
        let next = handed::next_id(event);
        if !next.is_empty() {
            let log_host = event.log_host;
            let mark = Event { kind: Kind::Identified, id: next, at: event.at, log_host, ..Event::default() };
            self.record(&mark, false, 0);
        }
    }

    fn push(&mut self, event: &Event<'_>, provider: u32) {
        let ended = match event.kind {
            Kind::Received
            | Kind::Queued
            | Kind::Removed
            | Kind::Deleted
            | Kind::Delivered
            | Kind::Discarded
            | Kind::Linked => false,
            Kind::Deferred | Kind::Bounced | Kind::Expired => true,
            _ => return,
        };
        self.record(event, ended, provider);
    }

    /// Keeps what the join needs; of an Identified event, that a filter gave the id.
    fn record(&mut self, event: &Event<'_>, ended: bool, provider: u32) {
        // The arena of one region cannot outgrow this; a decoder's texts might.
        let Ok(start) = u32::try_from(self.arena.len()) else { return };
        if event.id.is_empty() {
            return;
        }
        if event.log_host != self.host {
            self.host.clear();
            self.host.extend_from_slice(event.log_host);
            self.host_seed = hash::bytes(self.seed, &self.host);
        }
        let key = hash::bytes(self.host_seed, event.id);
        let tried = ended || event.kind == Kind::Delivered;
        let unless = |wanted: bool, text| if wanted { text } else { &b""[..] };
        let texts: [&[u8]; TEXTS] = [
            unless(tried, event.id),
            event.sender,
            unless(tried, event.host),
            unless(ended, event.recipient),
            unless(ended, event.reply),
        ];
        let ends = texts.map(|text| {
            if text.is_empty() {
                return 0;
            }
            let kept = &text[..text.len().min(TEXT_KEPT)];
            self.arena.extend_from_slice(kept);
            kept.len() as u16
        });
        let recipient =
            if event.recipient.is_empty() { 0 } else { hash::lowercase(0, event.recipient).max(1) };
        let shard = (key >> 40) as usize % self.shards.len();
        self.shards[shard].push(Record {
            key,
            at: event.at,
            recipient,
            provider,
            delay: event.delay,
            line: event.line,
            kind: event.kind,
            returned: event.returned,
            start,
            ends,
        });
    }
}

struct Feed<'a> {
    tally: &'a mut Tally,
    join: &'a mut Join,
}

impl Sink for Feed<'_> {
    fn push(&mut self, event: &Event<'_>) {
        if handed::is_handed_over(event) {
            self.tally.seen(event);
            self.tally.handed_over += 1;
            self.join.handed(event);
            return;
        }
        let provider = self.tally.event(event);
        self.join.push(event, provider);
    }

    fn other_program(&mut self) {
        self.tally.other_programs += 1;
    }

    fn unparsed(&mut self, line: u32, text: &[u8]) {
        self.tally.torn(line, text);
    }
}
