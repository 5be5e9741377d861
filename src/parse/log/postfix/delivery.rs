//! The lines of Postfix's delivery agents.

use memchr::{memchr, memmem};

use super::super::event::{Event, Kind, NO_DELAY};
use super::{address, peer};

/// `to=<>, relay=, delay=, delays=, dsn=, status=sent (text)` and the notices
/// about a message before it.
#[inline]
pub(super) fn line<'a>(rest: &'a [u8], event: &mut Event<'a>) -> Option<()> {
    match rest.strip_prefix(b"to=") {
        Some(to) => attempt(to, event),
        None => notice(rest, event),
    }
}

fn attempt<'a>(to: &'a [u8], event: &mut Event<'a>) -> Option<()> {
    let (recipient, mut rest) = address(to)?;
    event.recipient = recipient;
    loop {
        rest = rest.strip_prefix(b", ").or_else(|| rest.strip_prefix(b","))?;
        if let Some(status) = rest.strip_prefix(b"status=") {
            return outcome(status, event);
        }
        let equals = rest.iter().take(24).position(|b| *b == b'=')?;
        let (key, after) = (&rest[..equals], &rest[equals + 1..]);
        if key == b"orig_to" {
            (event.original, rest) = address(after)?;
            continue;
        }
        let end = memchr(b',', after)?;
        let text = &after[..end];
        match key {
            b"relay" => match peer(text) {
                Some((host, ip, _)) => (event.host, event.ip) = (host, ip),
                None => event.host = text,
            },
            b"delay" => event.delay = millis(text),
            b"delays" => {
                for (slot, part) in event.delays.iter_mut().zip(text.split(|b| *b == b'/')) {
                    *slot = millis(part);
                }
            }
            b"dsn" => event.enhanced = text,
            _ => {}
        }
        rest = &after[end..];
    }
}

/// `sent (text)`
fn outcome<'a>(status: &'a [u8], event: &mut Event<'a>) -> Option<()> {
    let end = status.iter().position(|b| matches!(b, b' ' | b'(' | b',')).unwrap_or(status.len());
    let mut reply = status[end..].trim_ascii_start();
    reply = reply.strip_prefix(b"(").unwrap_or(reply);
    event.reply = reply.strip_suffix(b")").unwrap_or(reply);
    event.kind = match &status[..end] {
        b"sent" if event.agent == b"discard" || is_thrown_away(event.reply) => Kind::Discarded,
        b"sent" => Kind::Delivered,
        b"deferred" | b"SOFTBOUNCE" | b"softbounce" => Kind::Deferred,
        b"bounced" => Kind::Bounced,
        b"expired" => Kind::Expired,
        // Address probes move no mail: nothing is tried beyond the name.
        b"deliverable" | b"undeliverable" => Kind::Addressed,
        _ => Kind::Note,
    };
    let no_peer = event.ip.is_empty() && (event.host.is_empty() || event.host == b"none");
    if no_peer && let Some((host, ip)) = peer_in_diagnostic(event.reply) {
        (event.host, event.ip) = (host, ip);
    }
    Some(())
}

/// A filter's `250 2.7.0 Ok, discarded, id=...`, and mail for `/dev/null`.
#[inline]
fn is_thrown_away(reply: &[u8]) -> bool {
    reply.starts_with(b"250 2.7.") && memmem::find(reply, b"discarded").is_some()
        || reply.starts_with(b"delivered to file: /dev/null")
}

/// The host a diagnostic is about: `connect to mx[ip]:25: ...`,
/// `host mx[ip] said: ...`, `lost connection with mx[ip] while ...`.
pub(super) fn peer_in_diagnostic(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.strip_prefix(b"delivery temporarily suspended: ").unwrap_or(text);
    const BEFORE: [&[u8]; 6] = [
        b"host ",
        b"connect to ",
        b"lost connection with ",
        b"conversation with ",
        b"server ",
        b"TLS is required, but was not offered by host ",
    ];
    let after = BEFORE.iter().find_map(|before| text.strip_prefix(*before))?;
    peer(after).map(|(host, ip, _)| (host, ip))
}

/// `host mx[ip] said: 450 ...`, `host mx[ip] refused to talk to me: 421 ...`,
/// `lost connection with mx[ip] while ...`: one host of several failed.
fn notice<'a>(rest: &'a [u8], event: &mut Event<'a>) -> Option<()> {
    if let Some((host, ip)) = peer_in_diagnostic(rest) {
        event.kind = Kind::HostFailed;
        (event.host, event.ip) = (host, ip);
        event.reply = rest;
        return Some(());
    }
    if rest.starts_with(b"SASL authentication failed") || rest.starts_with(b"Cannot start TLS") {
        event.kind = Kind::HostFailed;
        event.reply = rest;
        if let Some(at) = memmem::find(rest, b"server ")
            && let Some((host, ip, _)) = peer(&rest[at + 7..])
        {
            (event.host, event.ip) = (host, ip);
        }
        return Some(());
    }
    None
}

/// Lines of an agent about a connection, not a message.
pub(super) fn without_id<'a>(body: &'a [u8], event: &mut Event<'a>) -> Option<()> {
    const ESTABLISHED: &[u8] = b" TLS connection established to ";
    if body.len() > 40
        && let Some(at) = memmem::find(&body[..40], ESTABLISHED)
    {
        let (host, ip, _) = peer(&body[at + ESTABLISHED.len()..])?;
        event.kind = Kind::TlsOut;
        (event.host, event.ip) = (host, ip);
        return Some(());
    }
    let after = body.strip_prefix(b"connect to ").or_else(|| body.strip_prefix(b"SSL_connect error to "))?;
    let (host, ip, _) = peer(after)?;
    event.kind = Kind::HostFailed;
    (event.host, event.ip) = (host, ip);
    event.reply = body;
    Some(())
}

/// Seconds with a fraction, as milliseconds.
pub(super) fn millis(text: &[u8]) -> u32 {
    let (mut whole, mut part, mut scale, mut seen) = (0u64, 0u64, 1000u64, false);
    for byte in text.iter().take(20) {
        match byte {
            b'0'..=b'9' if scale == 1000 && !seen => whole = whole * 10 + u64::from(byte - b'0'),
            b'0'..=b'9' => {
                scale /= 10;
                part += u64::from(byte - b'0') * scale;
            }
            b'.' if !seen => seen = true,
            _ => return NO_DELAY,
        }
        if whole > 4_000_000 {
            return NO_DELAY - 1;
        }
    }
    if text.is_empty() { NO_DELAY } else { u32::try_from(whole * 1000 + part).unwrap_or(NO_DELAY - 1) }
}
