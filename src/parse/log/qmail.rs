//! qmail-send, qmail-smtpd and rblsmtpd, behind multilog (TAI64N), splogger or
//! plain epoch stamps. Grammar: qmail-log(5). Deliveries are numbered, so the
//! lines must come in order.

use std::collections::BTreeMap;

use memchr::memmem;

use super::event::{Event, Kind, Millis, NO_TIME, Sink};
use super::stamp;
use super::syslog::Head;

/// Deliveries begun and not ended: number to message and recipient.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    running: BTreeMap<u64, (Vec<u8>, Vec<u8>)>,
    /// Messages taken into the queue: number of the process that queued them to id and time.
    queued: BTreeMap<u64, (Vec<u8>, Millis)>,
    /// Forwarded, where the message that came of it was not seen yet: process to id,
    /// recipient and time.
    forwarded: BTreeMap<u64, (Vec<u8>, Vec<u8>, Millis)>,
}

const RUNNING_BOUND: usize = 10_000;

/// Whether a line could be qmail's: for detection.
pub(crate) fn looks_like(line: &[u8]) -> bool {
    let (_, rest) = start(NO_TIME, line);
    const STARTS: [&[u8]; 7] = [
        b"new msg ",
        b"info msg ",
        b"starting delivery ",
        b"end msg ",
        b"status: local ",
        b"bounce msg ",
        b"rblsmtpd: ",
    ];
    STARTS.iter().any(|s| rest.starts_with(s))
        || rest.starts_with(b"delivery ") && memmem::find(rest, b": ").is_some()
}

pub(crate) fn is_qmail(program: &[u8]) -> bool {
    program.starts_with(b"qmail") || program == b"rblsmtpd"
}

/// A stamp of either kind in front.
fn start(at: Millis, line: &[u8]) -> (Millis, &[u8]) {
    if let Some((at, len)) = stamp::tai64n(line) {
        return (at, line[len..].trim_ascii_start());
    }
    if let Some((at, len)) = stamp::iso(line) {
        return (at, line[len..].trim_ascii_start());
    }
    let digits = line.iter().take(12).take_while(|b| b.is_ascii_digit()).count();
    if (9..=11).contains(&digits)
        && line.get(digits) == Some(&b'.')
        && let Some(space) = line.iter().take(24).position(|b| *b == b' ')
        && let Some(seconds) = std::str::from_utf8(&line[..digits]).ok().and_then(|t| t.parse::<i64>().ok())
    {
        return (seconds * stamp::SECOND, line[space..].trim_ascii_start());
    }
    (at, line)
}

/// One line; `head.program` is empty where no syslog wrote it.
pub(crate) fn line(
    head: &Head<'_>,
    text: &[u8],
    number: u32,
    state: &mut State,
    batch: &mut dyn Sink,
) -> bool {
    let (at, rest) = start(head.at, head.body);
    let program = head.program;
    let event = Event { at, line: number, text, log_host: head.host, agent: b"qmail", ..Event::default() };
    let id_of = |rest: &[u8]| rest.iter().take_while(|b| b.is_ascii_digit()).count();
    if let Some(rest) = rest.strip_prefix(b"new msg ") {
        batch.push(&Event { kind: Kind::Received, id: &rest[..id_of(rest)], ..event });
    } else if let Some(rest) = rest.strip_prefix(b"info msg ") {
        let end = id_of(rest);
        let sender = memmem::find(rest, b" from <").map_or(&b""[..], |at| {
            let sender = &rest[at + 7..];
            &sender[..memchr::memchr(b'>', sender).unwrap_or(sender.len())]
        });
        let sender = if sender.is_empty() { &b"<>"[..] } else { sender };
        let size = memmem::find(rest, b"bytes ").map_or(0, |at| decimal(&rest[at + 6..]));
        let event = Event { kind: Kind::Queued, id: &rest[..end], sender, size, ..event };
        batch.push(&event);
        if let Some(process) = memmem::find(rest, b" qp ").map(|at| decimal(&rest[at + 4..])) {
            state.taken(process, &event, batch);
        }
    } else if let Some(rest) = rest.strip_prefix(b"starting delivery ") {
        let delivery = decimal(rest);
        let message = memmem::find(rest, b": msg ").map_or(&b""[..], |at| &rest[at + 6..]);
        let id = &message[..id_of(message)];
        let recipient = memmem::find(message, b" to ").map_or(&b""[..], |at| &message[at + 4..]);
        let recipient =
            recipient.strip_prefix(b"remote ").or(recipient.strip_prefix(b"local ")).unwrap_or(recipient);
        if state.running.len() >= RUNNING_BOUND {
            state.running.pop_first();
        }
        state.running.insert(delivery, (id.to_vec(), recipient.to_vec()));
        batch.push(&Event { kind: Kind::Addressed, id, recipient, ..event });
    } else if let Some(rest) = rest.strip_prefix(b"delivery ") {
        let Some((message, recipient)) = state.running.remove(&decimal(rest)) else {
            // It began before this log.
            return outcome(rest, event, state, batch);
        };
        return outcome(rest, Event { id: &message, recipient: &recipient, ..event }, state, batch);
    } else if let Some(rest) = rest.strip_prefix(b"end msg ") {
        batch.push(&Event { kind: Kind::Removed, id: &rest[..id_of(rest)], ..event });
    } else if let Some(rest) = rest.strip_prefix(b"bounce msg ") {
        batch.push(&Event { kind: Kind::Notified, id: &rest[..id_of(rest)], ..event });
    } else {
        refused(program, rest, event, batch);
    }
    true
}

impl State {
    /// A message came into the queue: from a forward told before, or of one told later.
    fn taken(&mut self, process: u64, event: &Event<'_>, batch: &mut dyn Sink) {
        if let Some((id, recipient, at)) = self.forwarded.remove(&process)
            && is_soon(at, event.at)
        {
            let (kind, next_id) = (Kind::Linked, event.id);
            batch.push(&Event {
                kind,
                id: &id,
                recipient: &recipient,
                next_id,
                sender: b"",
                size: 0,
                ..*event
            });
            return;
        }
        if self.queued.len() >= RUNNING_BOUND {
            self.queued.pop_first();
        }
        self.queued.insert(process, (event.id.to_vec(), event.at));
    }

    /// A delivery that only forwarded goes on under the id of the message that came of it.
    fn forward(&mut self, process: u64, event: &Event<'_>, batch: &mut dyn Sink) {
        match self.queued.remove(&process) {
            Some((next, at)) if is_soon(at, event.at) => {
                batch.push(&Event { kind: Kind::Linked, next_id: &next, reply: b"", ..*event });
            }
            _ => {
                if self.forwarded.len() >= RUNNING_BOUND {
                    self.forwarded.pop_first();
                }
                self.forwarded.insert(process, (event.id.to_vec(), event.recipient.to_vec(), event.at));
            }
        }
    }
}

/// Numbers of processes come again.
fn is_soon(one: Millis, other: Millis) -> bool {
    one == NO_TIME || other == NO_TIME || one.saturating_sub(other).saturating_abs() <= 600 * stamp::SECOND
}

/// `did_0+1+0/qp_2224/`: into files, forwarded, to programs; and the queueing process.
fn did(text: &[u8]) -> Option<([u64; 3], Option<u64>)> {
    let rest = text.trim_ascii().strip_prefix(b"did_")?;
    let end = memchr::memchr(b'/', rest)?;
    let mut counts = rest[..end].split(|b| *b == b'+').map(decimal);
    let all = [counts.next()?, counts.next()?, counts.next()?];
    Some((all, memmem::find(&rest[end..], b"/qp_").map(|at| decimal(&rest[end + at + 4..]))))
}

/// `5: success: 192.0.2.1_accepted_message./Remote_host_said:_250_ok/`
fn outcome(rest: &[u8], event: Event<'_>, state: &mut State, batch: &mut dyn Sink) -> bool {
    let Some(colon) = memmem::find(rest, b": ") else { return false };
    let after = &rest[colon + 2..];
    let (kind, text) = match after.iter().position(|b| *b == b':') {
        Some(end) => match &after[..end] {
            b"success" => (Kind::Delivered, &after[end + 1..]),
            b"deferral" => (Kind::Deferred, &after[end + 1..]),
            b"failure" => (Kind::Bounced, &after[end + 1..]),
            _ => return false,
        },
        None => return false,
    };
    let reply: Vec<u8> = text
        .trim_ascii()
        .iter()
        .map(|b| match b {
            b'_' | b'/' => b' ',
            other => *other,
        })
        .collect();
    let reply = reply.trim_ascii();
    let first = reply.split(|b| *b == b' ').next().unwrap_or_default();
    let is_ip = |text: &[u8]| std::str::from_utf8(text).is_ok_and(|t| t.parse::<std::net::IpAddr>().is_ok());
    let ip = if is_ip(first) { first } else { b"" };
    let local = did(text).filter(|_| kind == Kind::Delivered);
    // Nothing was done with it: the rules of the mailbox threw it away.
    let kind = if local.is_some_and(|(counts, _)| counts == [0, 0, 0]) { Kind::Discarded } else { kind };
    let event = Event { kind, ip, reply, ..event };
    batch.push(&event);
    if let Some(([0, forwards, 0], Some(process))) = local
        && forwards > 0
    {
        state.forward(process, &event, batch);
    }
    true
}

/// rblsmtpd and patched qmail-smtpd: any address in the line is the client.
fn refused(program: &[u8], rest: &[u8], event: Event<'_>, batch: &mut dyn Sink) {
    let about = program == b"rblsmtpd"
        || rest.starts_with(b"rblsmtpd:")
        || (rest.starts_with(b"qmail-smtpd:") || program.starts_with(b"qmail-smtpd"))
            && [&b" 4"[..], b" 5", b"reject", b"denied", b"rbl"]
                .iter()
                .any(|word| memmem::find(rest, word).is_some());
    if !about {
        batch.push(&Event { reply: rest, ..event });
        return;
    }
    let ip = rest
        .split(|b| matches!(b, b' ' | b',' | b';' | b'[' | b']' | b'='))
        .find(|word| std::str::from_utf8(word).is_ok_and(|t| t.parse::<std::net::IpAddr>().is_ok()))
        .unwrap_or_default();
    batch.push(&Event { kind: Kind::Rejected, ip, reply: rest, ..event });
}

fn decimal(text: &[u8]) -> u64 {
    text.iter().take(18).take_while(|b| b.is_ascii_digit()).fold(0, |sum, b| sum * 10 + u64::from(b - b'0'))
}
