//! Postfix: every daemon's lines, short and long queue ids. Grammar from the
//! sources (`log_adhoc.c`, `smtpd.c`, `qmgr_active.c`, `bounce.c` of 3.10).
//! This is the hot path: no allocation, no regular expression.

pub(crate) mod amavis;
mod delivery;
pub mod fields;
mod inbound;
pub(crate) mod mailscanner;
#[cfg(test)]
mod tests;

pub(crate) use inbound::is_of_content;

use super::event::{Event, Kind, Sink};
use super::syslog::Head;

/// Which daemon wrote the line, as far as the grammar differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Daemon {
    /// smtp, lmtp, local, virtual, pipe, error, discard.
    Agent,
    /// smtpd, postscreen.
    Server,
    /// cleanup.
    Cleanup,
    /// qmgr, pickup, postsuper.
    Queue,
    /// bounce, defer, trace.
    Bounce,
    /// Moves no mail of itself.
    Other,
}

/// By the last part of `postfix/submission/smtpd`; `None` for other programs.
#[inline]
pub fn daemon(program: &[u8]) -> Option<Daemon> {
    let name = last_part(program);
    // A bare `smtpd` is OpenSMTPD's: Postfix always puts its syslog_name in front.
    if name.len() == program.len() && !program.starts_with(b"postfix") {
        return None;
    }
    Some(match name {
        b"smtp" | b"lmtp" | b"local" | b"virtual" | b"pipe" | b"error" | b"discard" | b"retry" => {
            Daemon::Agent
        }
        b"smtpd" | b"postscreen" | b"qmqpd" => Daemon::Server,
        b"qmgr" | b"nqmgr" | b"oqmgr" | b"postsuper" | b"pickup" => Daemon::Queue,
        b"cleanup" => Daemon::Cleanup,
        b"bounce" | b"defer" | b"trace" => Daemon::Bounce,
        b"anvil" | b"scache" | b"tlsproxy" | b"dnsblog" | b"verify" | b"master" | b"trivial-rewrite"
        | b"postdrop" | b"postmap" | b"postfix-script" | b"tlsmgr" | b"flush" | b"showq" | b"proxymap"
        | b"spawn" | b"postalias" | b"postqueue" | b"postlog" | b"postlogd" | b"postcat" | b"postkick"
        | b"postlock" | b"postmulti" | b"postconf" | b"posttls-finger" | b"proxywrite" => Daemon::Other,
        // A service under another name in master.cf: its lines tell.
        _ if program.starts_with(b"postfix") => Daemon::Agent,
        _ => return None,
    })
}

fn last_part(program: &[u8]) -> &[u8] {
    match program.iter().rposition(|b| *b == b'/') {
        Some(slash) => &program[slash + 1..],
        None => program,
    }
}

/// Whether `program` is one of Postfix's: for detection.
pub fn is_postfix(program: &[u8]) -> bool {
    daemon(program).is_some()
}

/// Reads one line whose head is known. False where it is torn.
#[inline]
pub fn line(daemon: Daemon, head: &Head<'_>, text: &[u8], number: u32, batch: &mut dyn Sink) -> bool {
    let named = queue_id(head.body);
    if named.is_none() && says_nothing(daemon, head.body) {
        return true;
    }
    let mut event = Event {
        at: head.at,
        line: number,
        text,
        log_host: head.host,
        agent: last_part(head.program),
        ..Event::default()
    };
    let Some((id, rest)) = named else {
        if without_id(daemon, head.body, &mut event).is_some() {
            batch.push(&event);
            return true;
        }
        // A delivery agent begins with a queue id or with words; others' agents have its name.
        return daemon != Daemon::Agent
            || !head.body.first().is_some_and(|b| b.is_ascii_digit() || *b == b'[');
    };
    event.id = if id == b"NOQUEUE" { b"" } else { id };
    let known = match daemon {
        Daemon::Agent => delivery::line(rest, &mut event),
        Daemon::Cleanup | Daemon::Server => inbound::line(rest, &mut event),
        Daemon::Queue => queue(rest, &mut event),
        Daemon::Bounce => notification(rest, &mut event),
        Daemon::Other => None,
    };
    if known.is_none() {
        // A daemon that speaks another's grammar, or a note about the message.
        let any = inbound::line(rest, &mut event)
            .or_else(|| queue(rest, &mut event))
            .or_else(|| delivery::line(rest, &mut event))
            .or_else(|| notification(rest, &mut event));
        if any.is_none() {
            event.kind = Kind::Note;
            event.reply = rest;
            batch.push(&event);
            return !rest.starts_with(b"to=");
        }
    }
    batch.push(&event);
    true
}

/// By far the most frequent lines without a queue id, which move no mail.
#[inline]
fn says_nothing(daemon: Daemon, body: &[u8]) -> bool {
    match daemon {
        Daemon::Server => body.starts_with(b"connect from ") || body.starts_with(b"Anonymous TLS conn"),
        Daemon::Agent => false,
        _ => true,
    }
}

/// `4104E3D: rest` or `3pNyfh0fLdzJ12q: rest`; a word such as `warning` is none.
#[inline]
pub fn queue_id(body: &[u8]) -> Option<(&[u8], &[u8])> {
    let (mut digit, mut lower, mut vowel) = (false, false, false);
    for (index, byte) in body.iter().take(33).enumerate() {
        match byte {
            b'0'..=b'9' => digit = true,
            b'a' | b'e' | b'i' | b'o' | b'u' => (lower, vowel) = (true, true),
            b'a'..=b'z' => lower = true,
            b'A'..=b'Z' => {}
            b':' => {
                // Long ids know no vowels, so no word of a notice looks like one.
                let named = digit || !lower || (index >= 10 && !vowel);
                return (index >= 5 && named && body.get(index + 1) == Some(&b' '))
                    .then(|| (&body[..index], &body[index + 2..]));
            }
            _ => return None,
        }
    }
    None
}

/// Whether the whole text could be a queue id.
pub fn looks_like_id(text: &str) -> bool {
    let mut line = text.as_bytes().to_vec();
    line.extend_from_slice(b": ");
    queue_id(&line).is_some()
}

/// `sender non-delivery notification: ADD2F8052`
fn notification<'a>(rest: &'a [u8], event: &mut Event<'a>) -> Option<()> {
    let at = memchr::memmem::find(rest, b" notification: ")?;
    event.kind = Kind::Notified;
    event.reply = &rest[..at];
    event.next_id = &rest[at + 15..];
    Some(())
}

/// qmgr, pickup and postsuper.
fn queue<'a>(rest: &'a [u8], event: &mut Event<'a>) -> Option<()> {
    if rest == b"removed" {
        // postsuper -d takes a message out; the queue manager drops what is done.
        event.kind = if event.agent == b"postsuper" { Kind::Deleted } else { Kind::Removed };
        return Some(());
    }
    if event.agent == b"postsuper" {
        event.kind = match rest {
            b"placed on hold" => Kind::Held,
            b"released from hold" => Kind::Released,
            _ => Kind::Note,
        };
        event.reply = rest;
        return Some(());
    }
    if rest.starts_with(b"uid=") {
        event.kind = Kind::Received;
        event.sender = value(rest, b"from=").unwrap_or_default();
        event.reply = rest;
        return Some(());
    }
    let (sender, rest) = address(rest.strip_prefix(b"from=")?)?;
    event.sender = sender;
    if let Some(size) = rest.strip_prefix(b", size=") {
        event.kind = Kind::Queued;
        event.size = size
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .take(18)
            .fold(0, |sum, b| sum * 10 + u64::from(b - b'0'));
    } else if rest.starts_with(b", status=expired") || rest.starts_with(b", status=force-expired") {
        event.kind = Kind::Expired;
        event.reply = rest.strip_prefix(b", status=").unwrap_or_default();
    } else {
        event.kind = Kind::Note;
        event.reply = rest;
    }
    Some(())
}

/// `<a@b>` (or `a@b` up to a comma or space), `<>` kept as such, and the rest.
#[inline]
pub(super) fn address(text: &[u8]) -> Option<(&[u8], &[u8])> {
    if text.first() != Some(&b'<') {
        let end = text.iter().position(|b| matches!(b, b',' | b' ')).unwrap_or(text.len());
        return Some((&text[..end], &text[end..]));
    }
    let mut end = memchr::memchr(b'>', text)?;
    // A quoted local part may hold the closing bracket: it ends the field or the line.
    while !matches!(text.get(end + 1), None | Some(b',' | b' ' | b':' | b';' | b')')) {
        end += 1 + memchr::memchr(b'>', &text[end + 1..])?;
    }
    if end == 1 { Some((&text[..2], &text[2..])) } else { Some((&text[1..end], &text[end + 1..])) }
}

/// The address after ` key=` anywhere in the text.
pub(super) fn value<'a>(text: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let mut from = 0;
    while let Some(at) = memchr::memmem::find(text.get(from..)?, key) {
        let start = from + at;
        if start == 0 || matches!(text[start - 1], b' ' | b',') {
            return address(&text[start + key.len()..]).map(|(value, _)| value);
        }
        from = start + key.len();
    }
    None
}

/// `host[1.2.3.4]:25 ...` into host, address and what follows.
pub(super) fn peer(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let open = memchr::memchr(b'[', text)?;
    let close = open + memchr::memchr(b']', &text[open..])?;
    let mut rest = &text[close + 1..];
    if let Some(port) = rest.strip_prefix(b":") {
        let digits = port.iter().take_while(|b| b.is_ascii_digit()).count();
        if digits > 0 {
            rest = &port[digits..];
        }
    }
    let host = &text[..open];
    (!host.contains(&b' ')).then(|| (host, &text[open + 1..close], rest))
}

/// Lines about no message.
fn without_id<'a>(daemon: Daemon, body: &'a [u8], event: &mut Event<'a>) -> Option<()> {
    match daemon {
        Daemon::Agent => delivery::without_id(body, event),
        Daemon::Server => inbound::without_id(body, event),
        _ => None,
    }
}
