//! Mail logs to delivery events: one file per dialect, all of them read into
//! [`event::Event`]. Blocks of whole lines in, events into a [`Sink`] (such as
//! [`Batch`]) out; pure, no files, no clock. Lines no rule understands are counted, never dropped.

pub(crate) mod batch;
pub(crate) mod courier;
pub(crate) mod csv;
pub mod detect;
pub(crate) mod dialect;
pub(crate) mod dialogue;
pub(crate) mod dovecot;
mod esp;
pub(crate) mod event;
pub(crate) mod events_json;
pub(crate) mod exchange;
mod exchange_detail;
pub(crate) mod exim;
mod feedback;
pub(crate) mod ironport;
pub(crate) mod journald;
pub(crate) mod kumomta;
pub(crate) mod opensmtpd;
mod own_word;
pub(crate) mod place;
pub mod postfix;
pub(crate) mod powermta;
pub(crate) mod provider;
pub(crate) mod qmail;
pub(crate) mod queue;
pub(crate) mod qzmf;
pub(crate) mod record;
pub(crate) mod sendmail;
pub(crate) mod stamp;
pub(crate) mod stated;
pub(crate) mod syslog;
pub(crate) mod trace365;
pub(crate) mod unread;

pub use batch::Batch;
pub use dialect::Dialect;
pub use event::{Event, Kind, Sink};

use dialect::State;
use syslog::{Head, Syslog, within};

/// Longer lines are read to their end but only this much of them is parsed.
const LINE_BYTES: usize = 1 << 20;

/// Reads blocks of one log.
#[derive(Clone, Debug)]
pub struct Parser {
    dialect: Dialect,
    year: i32,
    state: State,
    calendar: Option<stamp::Calendar>,
    /// The last program met that moves no mail: a filter writes every tenth line.
    other: Vec<u8>,
}

impl Parser {
    /// `year` is assumed for the first stamp without one.
    pub fn new(dialect: Dialect, year: i32) -> Parser {
        Parser { dialect, year, state: State::new(year), calendar: None, other: Vec::new() }
    }

    /// Stamps without a year follow the first one of `head`, the log's beginning.
    pub fn begin_after(&mut self, head: &[u8]) {
        let mut syslog = Syslog::new(self.year);
        let first = head.split(|b| *b == b'\n').take(100).find(|line| syslog.head(clean(line)).is_some());
        if first.is_some() {
            self.calendar = syslog.calendar;
        }
    }

    /// The events of a block of whole lines, shorter than 4 GiB.
    pub fn block<'a>(&mut self, block: &'a [u8]) -> Batch<'a> {
        let mut batch = Batch::new(block);
        batch.lines = self.read(block, 0, &mut batch);
        batch.calendar = self.calendar;
        batch
    }

    /// Where stamps have no year, how they run so far.
    pub fn calendar(&self) -> Option<stamp::Calendar> {
        self.calendar
    }

    /// Reads a block as [`Parser::block`] into any sink, its first line as
    /// number `first`; returns the number of the line after it.
    pub fn read(&mut self, block: &[u8], first: u32, sink: &mut dyn Sink) -> u32 {
        if let Some(read) = self.dialect.row().block {
            return read(block, first, sink);
        }
        let mut syslog = Syslog::new(self.year);
        syslog.calendar = self.calendar;
        let mut number = first;
        each_line(block, |line| {
            let text = clean(line);
            if !self.line(text, number, &mut syslog, sink) {
                sink.unparsed(number, text);
            }
            number = number.saturating_add(1);
        });
        self.calendar = syslog.calendar;
        number
    }

    #[inline]
    fn line(&mut self, text: &[u8], number: u32, syslog: &mut Syslog, sink: &mut dyn Sink) -> bool {
        let row = self.dialect.row();
        if let Some(own) = row.own
            && let Some(read) = own(text, number, &mut self.state, sink)
        {
            return read;
        }
        if let Some(unwrap) = row.wraps {
            return match unwrap(text) {
                Some(record) => self.program(&record.head(), text, number, sink),
                None => text.trim_ascii().is_empty(),
            };
        }
        match syslog.head(text) {
            Some(head) if !head.program.is_empty() || row.headless.is_none() || row.own.is_some() => {
                let head = within(&head).and_then(|line| syslog.head(line)).unwrap_or(head);
                self.program(&head, text, number, sink)
            }
            _ => {
                let read = row.headless.and_then(|read| read(text, number, &mut self.state, sink));
                read.unwrap_or_else(|| text.trim_ascii().is_empty())
            }
        }
    }

    /// A line with a syslog head, by the program that wrote it.
    fn program(&mut self, head: &Head<'_>, text: &[u8], number: u32, sink: &mut dyn Sink) -> bool {
        let program = head.program;
        if !self.other.is_empty() && program == self.other {
            sink.other_program();
            return true;
        }
        for dialect in Dialect::ALL {
            if let Some(reads) = dialect.row().logged
                && let Some(read) = reads(head, text, number, &mut self.state, sink)
            {
                return read;
            }
        }
        // Some of Dovecot's lines file mail, most do not.
        if !dovecot::is_dovecot(program) {
            self.other.clear();
            self.other.extend_from_slice(&program[..program.len().min(64)]);
        }
        sink.other_program();
        true
    }
}

/// One block on its own.
pub fn parse_block(dialect: Dialect, block: &[u8], year: i32) -> Batch<'_> {
    Parser::new(dialect, year).block(block)
}

/// Calls `act` for every line without its end; a last line without one counts.
#[inline]
pub fn each_line<'a>(block: &'a [u8], mut act: impl FnMut(&'a [u8])) {
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', block) {
        act(&block[start..end]);
        start = end + 1;
    }
    if start < block.len() {
        act(&block[start..]);
    }
}

/// Without a carriage return, without NULs a crash left in front, and bounded.
#[inline]
fn clean(line: &[u8]) -> &[u8] {
    let mut line = line;
    while let Some((0, rest)) = line.split_first() {
        line = rest;
    }
    line = line.strip_suffix(b"\r").unwrap_or(line);
    &line[..line.len().min(LINE_BYTES)]
}

#[cfg(test)]
mod tests;
