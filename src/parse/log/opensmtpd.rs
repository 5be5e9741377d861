//! OpenSMTPD: `session mta delivery evpid=... result="Ok" stat="250 ..."`, old
//! form `mta event=delivery`. Source: `mta_session.c`, `smtp_session.c` of 7.5.

use memchr::memmem;

use super::event::{Event, Kind, Sink};
use super::syslog::Head;

pub(crate) fn is_opensmtpd(program: &[u8]) -> bool {
    program == b"smtpd"
}

pub(crate) fn line(head: &Head<'_>, text: &[u8], number: u32, batch: &mut dyn Sink) -> bool {
    let rest = head.body;
    let mut event = Event {
        at: head.at,
        line: number,
        text,
        log_host: head.host,
        agent: b"opensmtpd",
        ..Event::default()
    };
    let has = |word: &[u8]| memmem::find(rest, word).is_some();
    // The message is the first half of the envelope id.
    let envelope = value(rest, b"evpid=").unwrap_or_default();
    event.id = envelope.get(..8).or(value(rest, b"msgid=")).unwrap_or_default();
    event.sender = sender(value(rest, b"from=").unwrap_or_default());
    event.recipient = bare(value(rest, b"to=").unwrap_or_default());
    if old_form(rest, &mut event) {
        batch.push(&event);
        return true;
    }
    if (has(b"delivery ") || has(b"event=delivery")) && has(b"result=") {
        let result = value(rest, b"result=").unwrap_or_default();
        event.kind = match result {
            b"Ok" | b"ok" => Kind::Delivered,
            b"TempFail" => Kind::Deferred,
            b"PermFail" | b"Loop" => Kind::Bounced,
            b"Expired" => Kind::Expired,
            _ => Kind::Note,
        };
        event.reply = value(rest, b"stat=").unwrap_or_default();
        if event.kind == Kind::Bounced && event.reply == b"Envelope expired" {
            event.kind = Kind::Expired;
        }
        (event.host, event.ip) = relay(value(rest, b"relay=").unwrap_or_default());
        event.source = value(rest, b"source=").filter(|s| *s != b"-").unwrap_or_default();
        event.source =
            &event.source[..event.source.iter().position(|b| *b == b' ').unwrap_or(event.source.len())];
        event.agent = if has(b" mda ") { b"mda" } else { b"mta" };
    } else if has(b"failed-command") {
        event.kind = Kind::Rejected;
        event.reply = value(rest, b"result=").unwrap_or_default();
        if let Some(command) = value(rest, b"command=")
            && let Some(open) = memchr::memchr(b'<', command)
        {
            let close = memchr::memchr(b'>', &command[open..]).map_or(command.len(), |close| open + close);
            if command.len() > 4 && command[..4].eq_ignore_ascii_case(b"RCPT") {
                event.recipient = &command[open + 1..close];
            }
        }
        event.ip = value(rest, b"address=").unwrap_or_default();
    } else if has(b"mta error") || has(b"event=error") {
        event.kind = Kind::HostFailed;
        event.reply = value(rest, b"reason=").unwrap_or(rest);
    } else if has(b"smtp message") || has(b"event=message") {
        event.kind = Kind::Received;
        event.size = value(rest, b"size=")
            .and_then(|t| std::str::from_utf8(t).ok())
            .and_then(|t| t.parse().ok())
            .unwrap_or(0);
        event.ip = value(rest, b"address=").unwrap_or_default();
    } else if has(b"smtp envelope") {
        event.kind = Kind::Addressed;
    } else if rest.starts_with(b"[") {
        // Halon and others have a daemon of this name.
        return false;
    } else {
        event.reply = rest;
    }
    batch.push(&event);
    true
}

/// `192.0.2.5 (mx.example.net)`, or only one of the two: host and address.
fn relay(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|b| *b == b' ').unwrap_or(text.len());
    let first = &text[..end];
    let inner = first.strip_prefix(b"[").and_then(|t| t.strip_suffix(b"]")).unwrap_or(first);
    let inner = inner.strip_prefix(b"IPv6:").unwrap_or(inner);
    let is_address = std::str::from_utf8(inner).is_ok_and(|t| t.parse::<std::net::IpAddr>().is_ok());
    let ip = if is_address { inner } else { b"" };
    let host = text[end..].trim_ascii().strip_prefix(b"(").and_then(|h| h.strip_suffix(b")"));
    (host.unwrap_or(first), ip)
}

/// Before 6.0: `relay: Ok for 0a1b...: session=..., relay=192.0.2.5 (mx), delay=1s,
/// stat=250 ok` and `smtp-in: Accepted message 0a1b2c3d on session ...`.
fn old_form<'a>(rest: &'a [u8], event: &mut Event<'a>) -> bool {
    let Some(colon) = memmem::find(&rest[..rest.len().min(24)], b": ") else { return false };
    let (agent, said) = (&rest[..colon], &rest[colon + 2..]);
    if let Some(id) = said.strip_prefix(b"Accepted message ") {
        event.kind = Kind::Received;
        event.id = &id[..id.iter().position(|b| *b == b' ').unwrap_or(id.len())];
        event.size = value(rest, b"size=")
            .and_then(|t| std::str::from_utf8(t).ok())
            .and_then(|t| t.parse().ok())
            .unwrap_or(0);
        return true;
    }
    let Some(at) = memmem::find(&said[..said.len().min(24)], b" for ") else { return false };
    event.kind = match &said[..at] {
        b"Ok" | b"Delivered" => Kind::Delivered,
        b"TempFail" => Kind::Deferred,
        b"PermFail" | b"Loop" => Kind::Bounced,
        b"Expire" | b"Expired" => Kind::Expired,
        _ => return false,
    };
    let id = &said[at + 5..];
    event.id = id.get(..8).unwrap_or_default();
    event.agent = agent;
    // The status is the last field and may hold commas.
    event.reply = memmem::find(rest, b", stat=").map_or(b"", |at| &rest[at + 7..]);
    if event.kind == Kind::Bounced && event.reply.starts_with(b"Envelope expired") {
        event.kind = Kind::Expired;
    }
    if let Some(at) = memmem::find(rest, b", relay=") {
        let field = &rest[at + 8..];
        (event.host, event.ip) = relay(&field[..memchr::memchr(b',', field).unwrap_or(field.len())]);
    }
    true
}

/// ` key=value` or ` key="value with spaces"`.
fn value<'a>(text: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let mut from = 0;
    while let Some(at) = memmem::find(text.get(from..)?, key) {
        let start = from + at;
        from = start + key.len();
        if start > 0 && text[start - 1] != b' ' {
            continue;
        }
        let value = &text[from..];
        if let Some(quoted) = value.strip_prefix(b"\"") {
            let end =
                quoted.iter().enumerate().position(|(i, b)| *b == b'"' && (i == 0 || quoted[i - 1] != b'\\'));
            return Some(&quoted[..end.unwrap_or(quoted.len())]);
        }
        let end = value.iter().position(|b| matches!(b, b' ' | b',')).unwrap_or(value.len());
        return Some(&value[..end]);
    }
    None
}

fn bare(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"<").and_then(|t| t.strip_suffix(b">")).unwrap_or(text)
}

fn sender(text: &[u8]) -> &[u8] {
    if text == b"<>" { text } else { bare(text) }
}
