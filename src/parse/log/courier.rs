//! Courier: `started,id=...`, `id=...,from=<>,addr=<>,status=...`, refusals by
//! courieresmtpd. Source: courier's `logmsgstart`, `submit`.

use memchr::memmem;

use super::event::{Event, Kind, Sink};
use super::syslog::Head;

pub(crate) fn is_courier(program: &[u8]) -> bool {
    program.starts_with(b"courier") || program == b"esmtpd"
}

pub(crate) fn line(head: &Head<'_>, text: &[u8], number: u32, batch: &mut dyn Sink) -> bool {
    let rest = head.body;
    let mut event =
        Event { at: head.at, line: number, text, log_host: head.host, agent: b"courier", ..Event::default() };
    event.reply = rest;
    let id = value(rest, b"id=").unwrap_or_default();
    // `newmsg,id=0002A1B0.4B9.1: dns; app (app [192.0.2.10])`
    event.id = &id[..memmem::find(id, b": ").unwrap_or(id.len())];
    event.sender = value(rest, b"from=").unwrap_or_default();
    event.recipient = value(rest, b"addr=").or(value(rest, b"to=")).unwrap_or_default();
    let ip = value(rest, b"relay=").unwrap_or_default();
    event.ip = ip.strip_prefix(b"::ffff:").unwrap_or(ip);
    if rest.starts_with(b"error,relay=") {
        event.kind = Kind::Rejected;
        if let Some(at) = memmem::find(rest, b">: ") {
            event.reply = &rest[at + 3..];
        } else if let Some(said) = value(rest, b"msg=") {
            event.kind = Kind::SessionRefused;
            event.reply = said;
        }
    } else if let Some(status) = memmem::find(rest, b"status:").or_else(|| memmem::find(rest, b"status=")) {
        event.reply = value(rest, b"success: ").unwrap_or(&rest[status + 7..]);
        let status = rest[status + 7..].trim_ascii_start();
        event.kind = match () {
            () if status.starts_with(b"success") || memmem::find(rest, b"success: ").is_some() => {
                Kind::Delivered
            }
            () if status.starts_with(b"deferred") => Kind::Deferred,
            () if status.starts_with(b"failure") || status.starts_with(b"failed") => Kind::Bounced,
            () => Kind::Note,
        };
        if matches!(event.reply.trim_ascii(), b"failure" | b"failed" | b"deferred") {
            // The line before it says why.
            event.reply = b"";
        }
    } else if let Some(said) = said(rest) {
        (event.kind, event.reply) = (Kind::HostFailed, said);
    } else if rest.starts_with(b"newmsg,") {
        event.kind = Kind::Received;
    } else if rest.starts_with(b"completed,") {
        event.kind = Kind::Removed;
    }
    batch.push(&event);
    true
}

/// `id=...,from=<>,addr=<a@b>: 550 5.1.1 User unknown`: the reply that the status follows.
fn said(rest: &[u8]) -> Option<&[u8]> {
    let after = &rest[memmem::find(rest, b",addr=<")?..];
    let said = &after[memmem::find(after, b">: ")? + 3..];
    let is_reply =
        said.len() > 3 && matches!(said[0], b'4' | b'5') && said[..3].iter().all(u8::is_ascii_digit);
    (rest.starts_with(b"id=") && is_reply).then_some(said)
}

/// `key=<a@b>`, `key="text"` or `key=word`, up to a comma.
fn value<'a>(text: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let mut from = 0;
    while let Some(at) = memmem::find(text.get(from..)?, key) {
        let start = from + at;
        from = start + key.len();
        if start > 0 && !matches!(text[start - 1], b',' | b' ') {
            continue;
        }
        let value = &text[from..];
        let (value, end) = match value.first() {
            Some(b'<') => (&value[1..], b'>'),
            Some(b'"') => (&value[1..], b'"'),
            _ => (value, b','),
        };
        let end = memchr::memchr(end, value).unwrap_or(value.len());
        return Some(value[..end].trim_ascii());
    }
    None
}
