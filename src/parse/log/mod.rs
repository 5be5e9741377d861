//! Mail logs to delivery events: one file per dialect, all of them read into
//! [`event::Event`]. Blocks of whole lines in, [`event::Batch`] out; pure, no
//! files, no clock. Lines no rule understands are counted, never dropped.

pub mod aggregate;
pub mod detect;
pub mod event;
pub mod postfix;
pub mod provider;
pub mod stamp;
pub mod syslog;

pub use event::{Batch, Event, Kind};

use syslog::Syslog;

/// A grammar of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    Postfix,
}

impl Dialect {
    pub const ALL: &'static [Dialect] = &[Dialect::Postfix];

    /// As `--dialect` takes it and JSON shows it.
    pub fn name(self) -> &'static str {
        match self {
            Dialect::Postfix => "postfix",
        }
    }

    pub fn from_name(name: &str) -> Option<Dialect> {
        Dialect::ALL.iter().copied().find(|dialect| dialect.name().eq_ignore_ascii_case(name))
    }
}

/// Longer lines are read to their end but only this much of them is parsed.
const LINE_BYTES: usize = 1 << 20;

/// Reads a block of whole lines; `year` is assumed for stamps without one.
pub fn parse_block(dialect: Dialect, block: &[u8], year: i32) -> Batch<'_> {
    let mut batch = Batch::new(block);
    let mut syslog = Syslog::new(year);
    let mut number = 0u32;
    each_line(block, |line| {
        let text = clean(line);
        let known = match dialect {
            Dialect::Postfix => match syslog.head(text) {
                Some(head) => postfix::line(&head, text, number, &mut batch),
                None => text.is_empty(),
            },
        };
        if !known {
            batch.unparsed(number, text);
        }
        number = number.saturating_add(1);
    });
    batch.lines = number;
    batch.calendar = syslog.calendar;
    batch
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
