//! What is in a queue, as the mail systems list it: `postqueue -j`, `postqueue
//! -p` and `mailq` of Postfix, `mailq` of sendmail, `exim -bp`, `qmail-qread`,
//! and the CSV of Exchange's `Get-Message` and `Get-Queue`. Grammar: their manuals.

mod exchange;
mod json;
mod listing;

use super::csv::{Columns, Open};
use super::event::{Event, Kind, Millis, Sink};

/// What is remembered between lines.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    /// Of stamps without one.
    year: i32,
    entry: Entry,
    columns: Columns,
    open: Open,
}

impl State {
    pub(crate) fn new(year: i32) -> State {
        State { year, ..State::default() }
    }
}

/// The message whose recipients follow.
#[derive(Clone, Debug, Default)]
struct Entry {
    /// The line it began with.
    head: Vec<u8>,
    id: Vec<u8>,
    sender: Vec<u8>,
    at: Millis,
    size: u64,
    agent: &'static str,
    held: bool,
    /// Why the recipients that follow wait.
    reason: Vec<u8>,
    /// The reason goes on in the next line.
    in_reason: bool,
}

impl Entry {
    fn event(&self, line: u32) -> Event<'_> {
        Event {
            at: self.at,
            line,
            text: &self.head,
            id: &self.id,
            sender: &self.sender,
            size: self.size,
            agent: self.agent.as_bytes(),
            ..Event::default()
        }
    }

    /// One recipient that waits, for the reason given.
    fn waits(&self, recipient: &[u8], line: u32, sink: &mut dyn Sink) {
        let kind = match (self.held, self.reason.is_empty()) {
            (true, _) => Kind::Held,
            (false, false) => Kind::Deferred,
            (false, true) => Kind::Addressed,
        };
        let (host, ip) = peer(&self.reason);
        let event = Event { kind, recipient, reply: &self.reason, host, ip, ..self.event(line) };
        sink.push(&event);
    }
}

/// Whether a whole log begins so.
pub(crate) fn is_listing(head: &[u8]) -> bool {
    let first = head.split(|b| *b == b'\n').map(<[u8]>::trim_ascii).find(|line| !line.is_empty());
    first
        .is_some_and(|line| json::looks_like(line) || listing::looks_like(line) || exchange::looks_like(line))
}

/// One line of any of them.
pub(crate) fn line(text: &[u8], number: u32, state: &mut State, sink: &mut dyn Sink) -> bool {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    if text.first() == Some(&b'{') {
        return json::line(text, number, sink);
    }
    if exchange::looks_like(text) || !state.columns.is_empty() {
        return exchange::line(text, number, state, sink);
    }
    listing::line(text, number, state, sink)
}

/// The server a reason names: `connect to mx.example.net[192.0.2.1]:25: ...`.
fn peer(reason: &[u8]) -> (&[u8], &[u8]) {
    let nowhere = (&b""[..], &b""[..]);
    let Some(open) = memchr::memchr(b'[', reason) else { return nowhere };
    let Some(close) = memchr::memchr(b']', &reason[open..]) else { return nowhere };
    let ip = &reason[open + 1..open + close];
    let host = reason[..open].rsplit(|b| *b == b' ').next().unwrap_or_default();
    let is_ip = std::str::from_utf8(ip).is_ok_and(|ip| ip.parse::<std::net::IpAddr>().is_ok());
    let is_name =
        host.contains(&b'.') && host.iter().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(b));
    if is_ip && is_name { (host, ip) } else { nowhere }
}

/// Without the angle brackets; `<>` stays.
fn bare(address: &[u8]) -> &[u8] {
    match address.strip_prefix(b"<").and_then(|rest| rest.strip_suffix(b">")) {
        Some([]) | None => address,
        Some(inner) => inner,
    }
}

#[cfg(test)]
mod tests;
