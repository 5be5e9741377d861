//! PowerMTA's accounting files: CSV with a heading, the first column the type of the record
//! (`d`, `b`, `t`, `tq`, `r`, `rb`, `rs`, `f`). Source: PowerMTA user's guide, "Accounting records".

use std::collections::{BTreeMap, VecDeque};

use super::csv::{Columns, fields};
use super::event::{Event, Kind, Millis, NO_DELAY, NO_TIME, Sink};
use super::feedback::complaint;
use super::stamp;

/// What is remembered between records.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    /// The columns of the file so far.
    columns: Columns,
    delivered: Delivered,
}

/// Deliveries of late, by sender, recipient and job: a bounce or complaint that comes
/// back later (`rb`, `rs`, `f`) does not say when its message was queued.
#[derive(Clone, Debug, Default)]
struct Delivered {
    by_key: BTreeMap<String, VecDeque<(Millis, String)>>,
    /// The keys in the order they came, for the bound.
    order: VecDeque<String>,
}

const KEYS_BOUND: usize = 100_000;
const OF_ONE_KEY: usize = 8;

impl Delivered {
    fn add(&mut self, key: String, at: Millis, id: &[u8]) {
        if !self.by_key.contains_key(&key) {
            if self.order.len() >= KEYS_BOUND
                && let Some(oldest) = self.order.pop_front()
            {
                self.by_key.remove(&oldest);
            }
            self.order.push_back(key.clone());
        }
        let of = self.by_key.entry(key).or_default();
        if of.len() >= OF_ONE_KEY {
            of.pop_front();
        }
        of.push_back((at, String::from_utf8_lossy(id).into_owned()));
    }

    /// The id of the nearest one that was earlier.
    fn before(&self, key: &str, at: Millis) -> Option<String> {
        let earlier = self.by_key.get(key)?.iter().filter(|(known, _)| at == NO_TIME || *known <= at);
        earlier.max_by_key(|(known, _)| *known).map(|(_, id)| id.clone())
    }
}

/// Whether the line is such a heading: for detection.
pub(crate) fn looks_like(line: &[u8]) -> bool {
    let head = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let plain: Vec<u8> = head.iter().filter(|b| **b != b'"').copied().collect();
    plain.starts_with(b"type,timeLogged")
        || plain.starts_with(b"type,") && memchr::memmem::find(&plain, b",rcpt").is_some()
}

pub(crate) fn line(text: &[u8], number: u32, state: &mut State, sink: &mut dyn Sink) -> bool {
    if text.trim_ascii().is_empty() {
        return true;
    }
    if looks_like(text) {
        state.columns = Columns::of(text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text));
        return true;
    }
    let row = fields(text);
    let Some(event) = record(&row, &state.columns) else { return false };
    let get = |names: &[&str]| state.columns.value(&row, names);
    let parts = [get(&["orig"]), event.recipient, get(&["jobid"])];
    // Records of one message have no id of their own in common but these.
    let made_up = id_of(&[&[get(&["timequeued"])][..], &parts].concat());
    let key = id_of(&parts);
    let before = match get(&["type"]) {
        b"rb" | b"rs" | b"f" | b"feedback" => state.delivered.before(&key, event.at),
        _ => None,
    };
    let id = match (get(&["envid"]), event.message_id) {
        (b"", b"") => before.as_ref().unwrap_or(&made_up).as_bytes(),
        (b"", id) | (id, _) => id,
    };
    let queued = time(get(&["timequeued"]));
    // Records of one message that stand in files of their own are joined by their job.
    let job = get(&["jobid"]);
    // A remote bounce: the message came back after it was taken.
    let returned = get(&["type"]) == b"rb";
    let delay = between(queued, event.at);
    let event = Event { line: number, text, id, next_id: job, delay, returned, ..event };
    sink.push(&event);
    if event.kind == Kind::Received && !event.recipient.is_empty() {
        sink.push(&Event { kind: Kind::Addressed, ..event });
    }
    if event.kind == Kind::Delivered {
        state.delivered.add(key, event.at, event.id);
    }
    true
}

/// The event of one record, without its place and id.
fn record<'r>(row: &'r [Vec<u8>], columns: &Columns) -> Option<Event<'r>> {
    let get = |names: &[&str]| columns.value(row, names);
    let kind = match get(&["type"]) {
        // `discard` is the way out that leads nowhere.
        b"d" | b"delivery" if get(&["dlvtype"]).eq_ignore_ascii_case(b"discard") => Kind::Discarded,
        b"d" | b"delivery" => Kind::Delivered,
        b"b" | b"bounce" if get(&["bouncecat"]) == b"message-expired" => Kind::Expired,
        b"b" | b"bounce" | b"rb" => Kind::Bounced,
        b"t" | b"transient" => Kind::Deferred,
        b"r" | b"receipt" | b"received" => Kind::Received,
        b"f" | b"feedback" => complaint(&String::from_utf8_lossy(get(&["feedbacktype"]))),
        b"tq" | b"rs" | b"s" => Kind::Note,
        _ => return None,
    };
    let recipient = get(&["rcpt"]);
    if recipient.is_empty()
        && matches!(kind, Kind::Delivered | Kind::Discarded | Kind::Bounced | Kind::Deferred | Kind::Expired)
    {
        return None;
    }
    let diagnostic = get(&["dsndiag"]);
    let reply = diagnostic.strip_prefix(b"smtp;").unwrap_or(diagnostic).trim_ascii();
    let reply = if reply.is_empty() { get(&["dsnstatus"]) } else { reply };
    let status = get(&["dsnstatus"]);
    let (host, ip) = peer(get(&["dsnmta"]));
    let message_id = get(&["headermessageid", "messageid"]);
    Some(Event {
        kind,
        at: time(get(&["timelogged"])),
        message_id: message_id.strip_prefix(b"<").and_then(|id| id.strip_suffix(b">")).unwrap_or(message_id),
        sender: get(&["orig"]),
        recipient,
        reply,
        enhanced: &status[..status.iter().position(|b| *b == b' ').unwrap_or(status.len())],
        host: if host.is_empty() { b"none" } else { host },
        ip: if ip.is_empty() { get(&["dlvdestinationip"]) } else { ip },
        source: get(&["dlvsourceip"]),
        agent: b"powermta",
        size: std::str::from_utf8(get(&["dlvsize"])).ok().and_then(|size| size.parse().ok()).unwrap_or(0),
        ..Event::default()
    })
}

/// `mx.example.org (192.0.2.1)`.
fn peer(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|b| *b == b' ').unwrap_or(text.len());
    let rest = text.get(end..).unwrap_or_default().trim_ascii();
    let ip = rest.strip_prefix(b"(").and_then(|rest| rest.strip_suffix(b")")).unwrap_or_default();
    (&text[..end], ip)
}

/// `2026-03-10 09:00:00+0100`, or seconds since 1970.
fn time(text: &[u8]) -> Millis {
    if let Some((at, _)) = stamp::iso(text) {
        return at;
    }
    let seconds = std::str::from_utf8(text).ok().and_then(|text| text.parse::<i64>().ok());
    seconds
        .filter(|seconds| (1..1 << 36).contains(seconds))
        .map_or(NO_TIME, |seconds| seconds * stamp::SECOND)
}

/// Milliseconds in the queue.
fn between(queued: Millis, logged: Millis) -> u32 {
    match (queued, logged) {
        (NO_TIME, _) | (_, NO_TIME) => NO_DELAY,
        (queued, logged) => u32::try_from(logged.saturating_sub(queued)).unwrap_or(NO_DELAY),
    }
}

/// FNV-1a of the parts: names the message within the file, the same in every run.
fn id_of(parts: &[&[u8]]) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in parts.iter().flat_map(|part| part.iter().chain(b"\0")) {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("PMTA-{hash:016x}")
}
