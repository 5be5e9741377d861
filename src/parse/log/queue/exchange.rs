//! The CSV of Exchange's `Get-Message` (a message a record) and `Get-Queue` (a
//! queue a record, its messages only counted).

use super::super::csv::{Columns, fields};
use super::super::event::{Event, Kind, NO_TIME, Sink};
use super::super::stamp;
use super::{Entry, State};

pub(super) fn looks_like(line: &[u8]) -> bool {
    if memchr::memchr(b',', line).is_none() {
        return false;
    }
    let columns = Columns::of(line);
    columns.has("lasterror") && (columns.has("fromaddress") || columns.has("nexthopdomain"))
}

pub(super) fn line(text: &[u8], number: u32, state: &mut State, sink: &mut dyn Sink) -> bool {
    if let Some(torn) = state.open.torn(false) {
        sink.unparsed(number, &torn);
    }
    let Some(whole) = state.open.whole(text) else { return true };
    let line = whole.as_ref();
    if line.trim_ascii().is_empty() || line.starts_with(b"#TYPE") {
        return true;
    }
    if looks_like(line) {
        state.columns = Columns::of(line);
        return true;
    }
    let fields = fields(line);
    let get = |names: &[&str]| state.columns.value(&fields, names);
    let entry = Entry {
        head: line.to_vec(),
        id: get(&["internetmessageid", "identity"]).to_vec(),
        sender: get(&["fromaddress"]).to_vec(),
        at: stamp::iso(get(&["datereceived"])).map_or(NO_TIME, |(at, _)| at),
        size: std::str::from_utf8(get(&["size"])).ok().and_then(exact).unwrap_or(0),
        agent: "exchange",
        held: get(&["status"]).eq_ignore_ascii_case(b"suspended"),
        reason: error(get(&["lasterror"])).to_vec(),
        ..Entry::default()
    };
    if entry.id.is_empty() {
        return false;
    }
    let waiting = std::str::from_utf8(get(&["messagecount"])).ok().and_then(|text| text.parse::<u64>().ok());
    if state.columns.has("nexthopdomain") && !state.columns.has("fromaddress") {
        if waiting == Some(0) || entry.reason.is_empty() {
            return true;
        }
        let host = get(&["nexthopdomain"]);
        sink.push(&Event { kind: Kind::Deferred, reply: &entry.reason, host, ..entry.event(number) });
        return true;
    }
    sink.push(&Event { kind: Kind::Queued, ..entry.event(number) });
    let recipients = get(&["recipients"]);
    let addresses = recipients.split(|b| b" ,;|{}".contains(b)).filter(|word| word.contains(&b'@'));
    for address in addresses {
        entry.waits(address, number, sink);
    }
    true
}

/// `12.5 KB (12,800 bytes)`.
fn exact(text: &str) -> Option<u64> {
    let inner = text.split_once('(').map_or(text, |(_, inner)| inner);
    let digits: String = inner.split(' ').next()?.chars().filter(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// `[{LED=451 4.4.0 ...};{MSG=...}]`: the error itself.
fn error(text: &[u8]) -> &[u8] {
    let Some(at) = memchr::memmem::find(text, b"{LED=") else { return text };
    let rest = &text[at + 5..];
    &rest[..memchr::memchr(b'}', rest).unwrap_or(rest.len())]
}
