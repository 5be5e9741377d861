//! Dovecot's LMTP and local delivery with Sieve: the last hop, which says into which
//! folder a message was filed. The lines are by memory of Dovecot's defaults
//! (`mail_deliver_log_format`), and of no server that ran here.

use memchr::memmem;

use super::event::{Event, Kind, Sink};
use super::syslog::Head;

pub(crate) fn is_dovecot(program: &[u8]) -> bool {
    program == b"dovecot"
}

/// Whether the line is about a message that is filed: other lines are of people who read mail.
pub(crate) fn files(body: &[u8]) -> bool {
    [&b"lmtp("[..], b"lda(", b"deliver("].iter().any(|word| body.starts_with(word))
        && memmem::find(body, b"msgid=").is_some()
}

pub(crate) fn line(head: &Head<'_>, text: &[u8], number: u32, sink: &mut dyn Sink) -> bool {
    let body = head.body;
    let Some(open) = memchr::memchr(b'(', body) else { return false };
    let Some(close) = memchr::memchr(b')', body) else { return false };
    if close < open {
        return false;
    }
    // `lmtp(1234, jane@example.org)` before 2.3, `lmtp(jane@example.org)<1234><session>` since.
    let inside = &body[open + 1..close];
    let user = memmem::find(inside, b", ").map_or(inside, |at| &inside[at + 2..]);
    let rest = &body[close + 1..];
    let Some(at) = memmem::find(body, b"msgid=") else { return false };
    let told = &body[at + 6..];
    let (message_id, said) = match told.strip_prefix(b"<").map(|id| (id, memmem::find(id, b">: "))) {
        Some((id, Some(end))) => (&id[..end], &id[end + 3..]),
        _ => (&b""[..], memmem::find(told, b": ").map_or(told, |end| &told[end + 2..])),
    };
    let kind = kind_of(without_action(said.strip_prefix(b"sieve: ").unwrap_or(said)));
    let session = session(rest);
    // Where no session joins it to the mail server's line, the Message-ID does.
    let made_up = match session.is_empty() && !message_id.is_empty() {
        true => [b"DOVECOT-", message_id, b"-", user].concat(),
        false => Vec::new(),
    };
    sink.push(&Event {
        kind,
        at: head.at,
        line: number,
        text,
        log_host: head.host,
        id: if made_up.is_empty() { session } else { &made_up },
        message_id,
        recipient: user,
        reply: said,
        agent: b"dovecot",
        ..Event::default()
    });
    true
}

/// By how the words begin, in any letter case: folders and addresses behind them are
/// named as people please.
fn kind_of(said: &[u8]) -> Kind {
    let is = |word: &str| {
        said.get(..word.len()).is_some_and(|begins| begins.eq_ignore_ascii_case(word.as_bytes()))
    };
    match () {
        () if is("stored mail into mailbox ") || is("saved mail to ") => Kind::Filed,
        () if is("marked message to be discarded") || is("discarded") => Kind::Discarded,
        () if is("forwarded to <") => Kind::Redirected,
        // The sender gets a notice, though the mail server was told that it was taken.
        () if is("rejected message from ") || is("sent reject") => Kind::Bounced,
        () => Kind::Note,
    }
}

/// Pigeonhole since 0.5.15 names the rule first: `redirect action: forwarded to <...>`.
fn without_action(said: &[u8]) -> &[u8] {
    const ACTION: &[u8] = b" action: ";
    let word = said.iter().take(24).take_while(|b| b.is_ascii_alphabetic()).count();
    match said[word..].strip_prefix(ACTION) {
        Some(rest) if word > 0 => rest,
        _ => said,
    }
}

/// `<1234><session>:` since 2.3, `: session: msgid=` before.
fn session(rest: &[u8]) -> &[u8] {
    if let Some(at) = memmem::find(rest, b"><") {
        let id = &rest[at + 2..];
        return &id[..id.iter().position(|b| matches!(b, b'>' | b':')).unwrap_or(id.len())];
    }
    let word = rest.strip_prefix(b": ").unwrap_or(rest);
    let end = memmem::find(word, b": ").unwrap_or(0);
    let id = &word[..end];
    if id.contains(&b'=') || id == b"sieve" { b"" } else { id }
}
