//! Cisco Secure Email (IronPort) `mail_logs`: `MID` is the message, `ICID` the session it
//! came in by, `DCID` the connection it goes out by, `RID` one recipient. Source: Cisco's
//! user guide for AsyncOS, "Logging", "Using text mail logs".

use std::collections::{BTreeMap, HashMap, VecDeque};

use memchr::memmem;

use super::event::{Event, Kind, Millis, Sink};
use super::stamp::{self, DAY};
use super::syslog::Head;

/// Messages and connections remembered; a busy appliance has some thousands at once.
const REMEMBERED: usize = 50_000;

/// What lines say once and later lines refer to by number.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    messages: Table<Message>,
    incoming: Table<Peer>,
    outgoing: Table<Peer>,
}

#[derive(Clone, Debug, Default)]
struct Message {
    sender: Vec<u8>,
    /// By RID.
    recipients: BTreeMap<usize, Vec<u8>>,
}

#[derive(Clone, Debug, Default)]
struct Peer {
    ip: Vec<u8>,
    host: Vec<u8>,
}

/// The newest entries by number.
#[derive(Clone, Debug)]
struct Table<T> {
    known: HashMap<u64, T>,
    order: VecDeque<u64>,
}

impl<T> Default for Table<T> {
    fn default() -> Table<T> {
        Table { known: HashMap::new(), order: VecDeque::new() }
    }
}

impl<T: Default> Table<T> {
    fn entry(&mut self, number: u64) -> &mut T {
        if !self.known.contains_key(&number) {
            if self.order.len() >= REMEMBERED
                && let Some(oldest) = self.order.pop_front()
            {
                self.known.remove(&oldest);
            }
            self.order.push_back(number);
        }
        self.known.entry(number).or_default()
    }

    fn get(&self, number: Option<u64>) -> Option<&T> {
        self.known.get(&number?)
    }
}

/// Recipients of one message that are told apart.
const RECIPIENTS: usize = 2000;

/// Whether the line is one of the appliance's own files: for detection.
pub(crate) fn looks_like(line: &[u8]) -> bool {
    headed(line).is_some_and(|(_, said)| is_said(said))
}

/// Whether a line through syslog is of a mail log.
pub(crate) fn is_logged(head: &Head<'_>) -> bool {
    level(head.body).is_some_and(is_said)
        && (head.program.starts_with(b"mail_log")
            || head.program.starts_with(b"mail-log")
            || head.program == b"ironport")
}

/// Speaks of a message or a connection by number.
fn is_said(said: &[u8]) -> bool {
    [&b"MID "[..], b"ICID ", b"DCID ", b"RPC ID "].iter().any(|word| {
        memmem::find(&said[..said.len().min(200)], word)
            .is_some_and(|at| said.get(at + word.len()).is_some_and(u8::is_ascii_digit))
    })
}

/// `Wed Jun 16 21:42:34 2004 Info: ...`: when, and what was said.
fn headed(line: &[u8]) -> Option<(Millis, &[u8])> {
    const DAYS: [&[u8]; 7] = [b"Mon ", b"Tue ", b"Wed ", b"Thu ", b"Fri ", b"Sat ", b"Sun "];
    if !DAYS.iter().any(|day| line.starts_with(day)) {
        return None;
    }
    let (month, day, millis, year, len) = stamp::bsd(&line[4..])?;
    let at = stamp::days(year?, month, day) * DAY + millis;
    Some((at, level(line.get(4 + len..)?.trim_ascii_start())?))
}

/// Without the level in front.
fn level(body: &[u8]) -> Option<&[u8]> {
    [&b"Info: "[..], b"Warning: ", b"Critical: ", b"Debug: ", b"Trace: "]
        .iter()
        .find_map(|level| body.strip_prefix(*level))
}

/// A line of the appliance's own files; `None`: none.
pub(crate) fn own(text: &[u8], number: u32, state: &mut State, sink: &mut dyn Sink) -> Option<bool> {
    let (at, said) = headed(text)?;
    let event = Event { at, line: number, text, agent: b"ironport", ..Event::default() };
    Some(read(said, event, state, sink))
}

pub(crate) fn logged(
    head: &Head<'_>,
    text: &[u8],
    number: u32,
    state: &mut State,
    sink: &mut dyn Sink,
) -> bool {
    let Some(said) = level(head.body) else { return false };
    let event = Event {
        at: head.at,
        line: number,
        text,
        log_host: head.host,
        agent: b"ironport",
        ..Event::default()
    };
    read(said, event, state, sink)
}

/// Lines are told apart by the words and numbers they begin with, in their one order:
/// behind them stands what strangers write (subjects, file names, replies, headers).
fn read(said: &[u8], event: Event<'_>, state: &mut State, sink: &mut dyn Sink) -> bool {
    if let Some(rest) = said.strip_prefix(b"New SMTP ") {
        connected(rest, state);
    } else if let Some((icid, told)) = count(said, b"ICID ") {
        if told.starts_with(b"REJECT ") {
            let Peer { host, ip } = &state.incoming.get(Some(icid)).cloned().unwrap_or_default();
            sink.push(&Event { kind: Kind::SessionRefused, reply: said, host, ip, ..event });
        }
    } else if let Some((mid, rest)) = count(said, b"MID ") {
        let id = mid.to_string();
        of_message(said, mid, &Numbered::of(rest), Event { id: id.as_bytes(), ..event }, state, sink);
    } else if let Some((mid, _)) = count(said, b"Message finished MID ") {
        sink.push(&Event { kind: Kind::Removed, id: mid.to_string().as_bytes(), reply: said, ..event });
    } else if let Some((mid, _)) = count(said, b"Message aborted MID ") {
        all(Kind::Discarded, said, mid, Event { id: mid.to_string().as_bytes(), ..event }, state, sink);
    } else if let Some((mid, _)) = count(said, b"Start MID ") {
        sink.push(&Event { id: mid.to_string().as_bytes(), reply: said, ..event });
    } else if let Some(attempt) = Attempt::of(said) {
        attempt.push(said, event, state, sink);
    }
    true
}

/// What stands behind `MID 7`: `ICID 5 RID 0 To: ...`.
struct Numbered<'t> {
    /// The words behind the numbers.
    told: &'t [u8],
    session: Option<u64>,
    rid: Option<usize>,
}

impl<'t> Numbered<'t> {
    fn of(told: &'t [u8]) -> Numbered<'t> {
        let mut numbered = Numbered { told, session: None, rid: None };
        if let Some((session, rest)) = count(numbered.told, b"ICID ") {
            (numbered.session, numbered.told) = (Some(session), rest);
        }
        if let Some(rest) = numbered.told.strip_prefix(b"RID ") {
            let (rids, rest) = listed(rest);
            (numbered.rid, numbered.told) = (rids_of(rids).first().copied(), rest);
        }
        numbered
    }
}

/// `Message done DCID 8 MID 6 to RID [0, 1]`, `Bounced: DCID 8 MID 6 to RID 0 - ...`.
struct Attempt<'t> {
    kind: Kind,
    connection: Option<u64>,
    mid: u64,
    rids: &'t [u8],
    /// Behind the numbers and ` - `.
    reason: &'t [u8],
}

impl<'t> Attempt<'t> {
    fn of(said: &'t [u8]) -> Option<Attempt<'t>> {
        const HEADS: [(&[u8], Kind); 4] = [
            (b"Message done ", Kind::Delivered),
            (b"Bounced: ", Kind::Bounced),
            (b"Delayed: ", Kind::Deferred),
            (b"Delivery start ", Kind::Note),
        ];
        let (rest, kind) =
            HEADS.iter().find_map(|(head, kind)| said.strip_prefix(*head).map(|rest| (rest, *kind)))?;
        let (connection, rest) = match count(rest, b"DCID ") {
            Some((dcid, rest)) => (Some(dcid), rest),
            None => (None, rest),
        };
        let (mid, rest) = count(rest, b"MID ")?;
        let (rids, rest) = rest.strip_prefix(b"to RID ").map(listed).unwrap_or_default();
        let reason = match kind {
            Kind::Bounced | Kind::Deferred => rest.strip_prefix(b"- ").unwrap_or(rest),
            _ => b"",
        };
        Some(Attempt { kind, connection, mid, rids, reason })
    }

    /// An event for each of the recipients; of a beginning, one of the message.
    fn push(&self, said: &[u8], event: Event<'_>, state: &State, sink: &mut dyn Sink) {
        let id = self.mid.to_string();
        let event = Event { kind: self.kind, id: id.as_bytes(), ..event };
        if self.kind == Kind::Note {
            sink.push(&Event { reply: said, ..event });
            return;
        }
        let reply = reply(self.reason);
        let none = Peer::default();
        let peer = state.outgoing.get(self.connection).unwrap_or(&none);
        let unknown = Message::default();
        let message = state.messages.get(Some(self.mid)).unwrap_or(&unknown);
        for rid in rids_of(self.rids) {
            let recipient = message.recipients.get(&rid).map(Vec::as_slice).unwrap_or_default();
            sink.push(&Event {
                recipient,
                sender: &message.sender,
                // A log names addresses only: no host is known to be the recipient's.
                host: b"none",
                ip: &peer.ip,
                reply: reply.as_bytes(),
                enhanced: enhanced(self.reason),
                ..event
            });
        }
    }
}

/// `MID 7 ICID 5 RID 0 To: ...`: what becomes known of a message before it is delivered.
fn of_message(
    said: &[u8],
    mid: u64,
    numbered: &Numbered<'_>,
    event: Event<'_>,
    state: &mut State,
    sink: &mut dyn Sink,
) {
    let Numbered { told, session, rid } = *numbered;
    let peer = |state: &State| state.incoming.get(session).cloned().unwrap_or_default();
    if let Some((recipient, rest)) = addressed(told, b"To: ") {
        if rest.starts_with(b" Rejected by ") {
            let Peer { host, ip } = &peer(state);
            sink.push(&Event { kind: Kind::Rejected, recipient, reply: said, host, ip, ..event });
            return;
        }
        if let Some(rid) = rid.filter(|rid| *rid < RECIPIENTS) {
            state.messages.entry(mid).recipients.insert(rid, recipient.to_vec());
        }
        sink.push(&Event { kind: Kind::Addressed, recipient, ..event });
    } else if let Some((sender, _)) = addressed(told, b"From: ") {
        let sender = if sender.is_empty() { b"<>" } else { sender };
        state.messages.entry(mid).sender = sender.to_vec();
        let Peer { host, ip } = &peer(state);
        sink.push(&Event { kind: Kind::Received, sender, host, ip, ..event });
    } else if let Some(quoted) = told.strip_prefix(b"Message-ID '") {
        let id = quoted.strip_suffix(b"'").unwrap_or(quoted);
        let id = id.strip_prefix(b"<").and_then(|id| id.strip_suffix(b">")).unwrap_or(id);
        sink.push(&Event { kind: Kind::Identified, message_id: id, ..event });
    } else if let Some((size, _)) = count(told, b"ready ") {
        let sender = state.messages.get(Some(mid)).map(|known| known.sender.clone()).unwrap_or_default();
        sink.push(&Event { kind: Kind::Queued, size, sender: &sender, ..event });
    } else if told.starts_with(b"quarantined to ")
        || told.starts_with(b"enqueued for transfer to centralized quarantine")
    {
        all(Kind::Quarantined, said, mid, event, state, sink);
    } else if told.starts_with(b"released from all") {
        // Of one quarantine of several it says nothing for the message.
        all(Kind::Released, said, mid, event, state, sink);
    } else if told.starts_with(b"deleted from all") {
        all(Kind::Discarded, said, mid, event, state, sink);
    } else {
        linked(told, said, mid, event, state, sink);
    }
}

/// What ties this message to another: a notice, a copy, the id at the next hop.
fn linked(told: &[u8], said: &[u8], mid: u64, event: Event<'_>, state: &mut State, sink: &mut dyn Sink) {
    let told = told.strip_prefix(b"was ").unwrap_or(told);
    let copy = || [&b"rewritten to MID "[..], b"split creating MID "].iter().find_map(|key| count(told, key));
    if let Some((about, rest)) = count(told, b"generated based on MID ") {
        // "MID 14 was generated based on MID 13 by bounce": 14 is the notice about 13.
        let about = about.to_string();
        let kind = if rest.starts_with(b"by bounce") { Kind::Notified } else { Kind::Linked };
        sink.push(&Event { kind, id: about.as_bytes(), next_id: event.id, ..event });
    } else if let Some((next, _)) = copy() {
        // A message that was rewritten has the recipients of the one it stands for, by their numbers.
        if let Some(known) = state.messages.get(Some(mid)).cloned() {
            let copy = state.messages.entry(next);
            if copy.recipients.is_empty() {
                *copy = known;
            }
        }
        let next = next.to_string();
        sink.push(&Event { kind: Kind::Linked, next_id: next.as_bytes(), ..event });
    } else if let Some(reply) = told.strip_prefix(b"Response ") {
        // Comes behind "Message done", which has counted the delivery.
        let next = super::record::queued_as(&String::from_utf8_lossy(reply)).unwrap_or_default().to_owned();
        let kind = if next.is_empty() { Kind::Note } else { Kind::Linked };
        sink.push(&Event { kind, reply, next_id: next.as_bytes(), ..event });
    } else {
        sink.push(&Event { reply: said, ..event });
    }
}

/// The address in angle brackets behind `key`, and what follows. The last bracket ends
/// it: a quoted local part may hold others (RFC 5321 section 4.1.2), the appliance's own
/// words hold none.
fn addressed<'t>(told: &'t [u8], key: &[u8]) -> Option<(&'t [u8], &'t [u8])> {
    let rest = told.strip_prefix(key)?.strip_prefix(b"<")?;
    let end = memchr::memrchr(b'>', rest)?;
    Some((&rest[..end], &rest[end + 1..]))
}

/// `ICID 5 interface Management (10.1.1.1) address 10.1.1.209 reverse dns host x verified yes`
fn connected(rest: &[u8], state: &mut State) {
    let address = after_word(rest, b" address ").map(word).unwrap_or_default();
    let host = after_word(rest, b" reverse dns host ").map(word).unwrap_or_default();
    let host = if host == b"unknown" { b"" } else { host };
    let peer = Peer { ip: address.to_vec(), host: host.to_vec() };
    if let Some((icid, _)) = count(rest, b"ICID ") {
        *state.incoming.entry(icid) = peer;
    } else if let Some((dcid, _)) = count(rest, b"DCID ") {
        *state.outgoing.entry(dcid) = peer;
    }
}

/// What befell the message befell each of its recipients.
fn all(kind: Kind, said: &[u8], mid: u64, event: Event<'_>, state: &State, sink: &mut dyn Sink) {
    let unknown = Message::default();
    let recipients = &state.messages.get(Some(mid)).unwrap_or(&unknown).recipients;
    for recipient in recipients.values() {
        sink.push(&Event { kind, recipient, reply: said, ..event });
    }
    if recipients.is_empty() {
        sink.push(&Event { kind, reply: said, ..event });
    }
}

/// `[0, 1]` or `0` in front, and what follows.
fn listed(text: &[u8]) -> (&[u8], &[u8]) {
    let end = match text.first() {
        Some(b'[') => memchr::memchr(b']', text).map_or(text.len(), |at| at + 1),
        _ => text.iter().position(|b| !b.is_ascii_digit()).unwrap_or(text.len()),
    };
    (&text[..end], text[end..].trim_ascii_start())
}

/// The numbers of a list, bounded.
fn rids_of(text: &[u8]) -> Vec<usize> {
    text.split(|b| !b.is_ascii_digit())
        .filter_map(|digits| std::str::from_utf8(digits).ok()?.parse().ok())
        .take(RECIPIENTS)
        .collect()
}

fn enhanced(reason: &[u8]) -> &[u8] {
    let first = word(reason);
    let dotted = first.iter().all(|b| b.is_ascii_digit() || *b == b'.') && first.len() >= 5;
    if dotted { first } else { b"" }
}

/// The peer's own words, `('550', ['line', 'line'])`, else the appliance's.
fn reply(reason: &[u8]) -> String {
    let text = String::from_utf8_lossy(reason);
    let quoted = text.find("('").and_then(|at| text.get(at + 2..));
    let Some((code, rest)) = quoted.and_then(|rest| rest.split_once('\'')) else { return text.into_owned() };
    let lines: Vec<&str> = rest
        .split_once('[')
        .map(|(_, lines)| lines.rsplit_once("])").map_or(lines, |(lines, _)| lines))
        .unwrap_or_default()
        .split("', '")
        .map(|line| line.trim_matches(['\'', '"', ' ']))
        .filter(|line| !line.is_empty())
        .collect();
    match (code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit()), lines.is_empty()) {
        (true, false) => format!("{code} {}", lines.join(" ")),
        _ => text.into_owned(),
    }
}

fn word(text: &[u8]) -> &[u8] {
    &text[..text.iter().position(|b| matches!(b, b' ' | b',' | b')')).unwrap_or(text.len())]
}

fn after_word<'t>(text: &'t [u8], key: &[u8]) -> Option<&'t [u8]> {
    memmem::find(text, key).map(|at| &text[at + key.len()..])
}

/// The number right behind `key`, which the text begins with, and what follows.
fn count<'t>(text: &'t [u8], key: &[u8]) -> Option<(u64, &'t [u8])> {
    let rest = text.strip_prefix(key)?;
    let (digits, rest) = rest.split_at(rest.iter().position(|b| !b.is_ascii_digit()).unwrap_or(rest.len()));
    let number = std::str::from_utf8(digits).ok()?.parse().ok()?;
    matches!(rest.first(), None | Some(b' ')).then(|| (number, rest.trim_ascii_start()))
}
