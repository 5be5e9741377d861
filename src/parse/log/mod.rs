//! Mail logs to delivery events: one file per dialect, all of them read into
//! [`event::Event`]. Blocks of whole lines in, events into a [`Sink`] (such as
//! [`Batch`]) out; pure, no files, no clock. Lines no rule understands are counted, never dropped.

pub mod batch;
pub mod courier;
pub mod csv;
pub mod detect;
pub mod dialogue;
pub mod event;
pub mod events_json;
pub mod exchange;
pub mod exim;
pub mod journald;
pub mod opensmtpd;
pub mod place;
pub mod postfix;
pub mod provider;
pub mod qmail;
pub mod qzmf;
pub mod record;
pub mod sendmail;
pub mod stamp;
pub mod syslog;
pub mod trace365;

pub use batch::Batch;
pub use event::{Event, Kind, Sink};

use syslog::{Head, Syslog};

macro_rules! dialects {
    ($($variant:ident $name:literal,)*) => {
        /// A grammar of log lines.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Dialect { $($variant,)* }

        impl Dialect {
            pub const ALL: &'static [Dialect] = &[$(Dialect::$variant,)*];

            /// As `--dialect` takes it and JSON shows it.
            pub fn name(self) -> &'static str {
                match self { $(Dialect::$variant => $name,)* }
            }
        }
    };
}

dialects! {
    Postfix "postfix",
    Exim "exim",
    Sendmail "sendmail",
    Qmail "qmail",
    Opensmtpd "opensmtpd",
    Courier "courier",
    ExchangeTracking "exchange-tracking",
    ExchangeProtocol "exchange-protocol",
    MessageTrace "microsoft-365-trace",
    Qzmf "ibmi-qzmf",
    Imail "ibmi-imail",
    Ses "amazon-ses",
    Sendgrid "sendgrid",
    Journald "journald",
}

impl Dialect {
    pub fn from_name(name: &str) -> Option<Dialect> {
        let aliases = [
            ("exchange", Dialect::ExchangeTracking),
            ("message-trace", Dialect::MessageTrace),
            ("office365", Dialect::MessageTrace),
            ("qzmf", Dialect::Qzmf),
            ("imail", Dialect::Imail),
            ("dialogue", Dialect::Imail),
            ("ses", Dialect::Ses),
        ];
        let known = Dialect::ALL.iter().map(|dialect| (dialect.name(), *dialect));
        known.chain(aliases).find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, dialect)| dialect)
    }

    /// Whether a line can only be understood after those before it, so that
    /// blocks must be parsed in order by one [`Parser`].
    pub fn sequential(self) -> bool {
        matches!(
            self,
            Dialect::Qmail
                | Dialect::ExchangeTracking
                | Dialect::ExchangeProtocol
                | Dialect::MessageTrace
                | Dialect::Qzmf
                | Dialect::Imail
        )
    }
}

/// Longer lines are read to their end but only this much of them is parsed.
const LINE_BYTES: usize = 1 << 20;

/// Reads blocks of one log.
#[derive(Clone, Debug)]
pub struct Parser {
    dialect: Dialect,
    year: i32,
    qmail: qmail::State,
    exchange: exchange::State,
    trace: trace365::State,
    dialogue: dialogue::State,
    qzmf: qzmf::State,
    calendar: Option<stamp::Calendar>,
    /// The last program met that moves no mail: a filter writes every tenth line.
    other: Vec<u8>,
}

impl Parser {
    /// `year` is assumed for the first stamp without one.
    pub fn new(dialect: Dialect, year: i32) -> Parser {
        Parser {
            dialect,
            year,
            qmail: qmail::State::default(),
            exchange: exchange::State::default(),
            trace: trace365::State::default(),
            dialogue: dialogue::State::default(),
            qzmf: qzmf::State::default(),
            calendar: None,
            other: Vec::new(),
        }
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
        if matches!(self.dialect, Dialect::Ses | Dialect::Sendgrid) {
            return events_json::block(block, first, sink);
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
    fn line(&mut self, text: &[u8], number: u32, syslog: &mut Syslog, batch: &mut dyn Sink) -> bool {
        match self.dialect {
            Dialect::Postfix => match syslog.head(text) {
                Some(head) => match postfix::daemon(head.program) {
                    Some(daemon) => postfix::line(daemon, &head, text, number, batch),
                    None => self.program(&head, text, number, batch),
                },
                None => text.trim_ascii().is_empty(),
            },
            Dialect::Sendmail | Dialect::Opensmtpd | Dialect::Courier => match syslog.head(text) {
                Some(head) => self.program(&head, text, number, batch),
                None => text.trim_ascii().is_empty(),
            },
            Dialect::Exim => {
                // Its own files begin with its own stamp; through syslog, with syslog's.
                let own = text.first().is_some_and(u8::is_ascii_digit);
                if own && exim::line(text, number, batch) {
                    return true;
                }
                match syslog.head(text) {
                    Some(head) => self.program(&head, text, number, batch),
                    None => !own && exim::line(text, number, batch) || text.trim_ascii().is_empty(),
                }
            }
            Dialect::Qmail => match syslog.head(text) {
                Some(head) if !head.program.is_empty() => self.program(&head, text, number, batch),
                _ => {
                    let head = Head { at: event::NO_TIME, host: b"", program: b"", body: text };
                    qmail::line(&head, text, number, &mut self.qmail, batch)
                }
            },
            Dialect::ExchangeTracking => exchange::line(text, number, &mut self.exchange, batch),
            Dialect::MessageTrace => trace365::line(text, number, &mut self.trace, batch),
            Dialect::ExchangeProtocol | Dialect::Imail => {
                dialogue::line(text, number, &mut self.dialogue, batch)
            }
            Dialect::Qzmf => qzmf::line(text, number, &mut self.qzmf, batch),
            Dialect::Ses | Dialect::Sendgrid => false,
            Dialect::Journald => match journald::record(text) {
                Some(record) => {
                    let head = Head {
                        at: record.at,
                        host: &record.host,
                        program: &record.program,
                        body: &record.message,
                    };
                    self.program(&head, text, number, batch)
                }
                None => text.trim_ascii().is_empty(),
            },
        }
    }

    /// A line with a syslog head, by the program that wrote it.
    fn program(&mut self, head: &Head<'_>, text: &[u8], number: u32, batch: &mut dyn Sink) -> bool {
        let program = head.program;
        if !self.other.is_empty() && program == self.other {
            batch.other_program();
            true
        } else if let Some(daemon) = postfix::daemon(program) {
            postfix::line(daemon, head, text, number, batch)
        } else if sendmail::is_sendmail(program) {
            sendmail::line(head, text, number, batch)
        } else if opensmtpd::is_opensmtpd(program) {
            opensmtpd::line(head, text, number, batch)
        } else if courier::is_courier(program) {
            courier::line(head, text, number, batch)
        } else if qmail::is_qmail(program) {
            qmail::line(head, text, number, &mut self.qmail, batch)
        } else if program.starts_with(b"exim") {
            exim::body(head.at, head.host, exim::without_stamp(head.body), text, number, batch)
        } else {
            self.other.clear();
            self.other.extend_from_slice(&program[..program.len().min(64)]);
            batch.other_program();
            true
        }
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
