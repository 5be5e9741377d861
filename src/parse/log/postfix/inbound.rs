//! The lines of smtpd, postscreen and cleanup: how a message came, or why not.

use std::sync::LazyLock;

use memchr::memmem;

use super::super::event::{Event, Kind};
use super::{peer, value};

/// After the queue id (or `NOQUEUE`).
#[inline]
pub(super) fn line<'a>(rest: &'a [u8], event: &mut Event<'a>) -> Option<()> {
    if let Some(client) = rest.strip_prefix(b"client=") {
        event.kind = Kind::Received;
        (event.host, event.ip, _) = peer(client)?;
        return Some(());
    }
    if let Some(id) = rest.strip_prefix(b"message-id=").or_else(|| rest.strip_prefix(b"resent-message-id=")) {
        event.kind = Kind::Identified;
        event.message_id = id.strip_prefix(b"<").and_then(|id| id.strip_suffix(b">")).unwrap_or(id);
        return Some(());
    }
    if rest.starts_with(b"lost connection after ") || rest.starts_with(b"timeout after ") {
        return without_id(rest, event);
    }
    let colon = rest.iter().take(24).position(|b| *b == b':')?;
    let (action, after) = (&rest[..colon], rest[colon + 1..].trim_ascii_start());
    event.kind = match action {
        b"reject" | b"milter-reject" | b"proxy-reject" => Kind::Rejected,
        b"discard" | b"milter-discard" => Kind::Discarded,
        b"hold" | b"milter-hold" => Kind::Held,
        b"redirect" | b"milter-header-redirect" => Kind::Redirected,
        b"quarantine" | b"milter-quarantine" => Kind::Quarantined,
        b"reject_warning" | b"warn" | b"filter" | b"prepend" | b"info" | b"bcc" | b"replace"
        | b"proxy-accept" | b"warning" => Kind::Note,
        _ => return None,
    };
    verdict(after, event);
    Some(())
}

/// `RCPT from host[ip]: 550 5.1.1 <x>: text; from=<a> to=<b> proto=ESMTP helo=<h>`
fn verdict<'a>(text: &'a [u8], event: &mut Event<'a>) {
    // The trailer is the last `; ` before a key; texts may hold semicolons.
    let trailer =
        [&b"; from=<"[..], b"; to=<", b"; proto="].iter().filter_map(|key| memmem::rfind(text, key)).min();
    let (said, trailer) = match trailer {
        Some(at) => (&text[..at], &text[at + 2..]),
        None => (text, &b""[..]),
    };
    event.sender = value(trailer, b"from=").unwrap_or_default();
    event.recipient = match value(trailer, b"to=") {
        Some(b"<>") | None => b"",
        Some(to) => to,
    };
    event.reply = said;
    // A header or line of the body is quoted before the client, and its author may write a client into it.
    let client =
        if is_of_content(said) { memmem::rfind(said, b" from ") } else { memmem::find(said, b" from ") };
    if let Some(at) = client
        && let Some((host, ip, rest)) = peer(&said[at + 6..])
    {
        (event.host, event.ip) = (host, ip);
        event.reply = rest.strip_prefix(b":").unwrap_or(rest).trim_ascii_start();
    }
    if event.reply.is_empty()
        && let Some(at) = memmem::find(trailer, b">: ")
    {
        // header_checks and their kin: what is said stands behind the trailer.
        event.reply = &trailer[at + 3..];
    }
    event.enhanced = enhanced(event.reply);
}

/// Whether a verdict is that of `header_checks` and their kin, by what follows its action.
pub(crate) fn is_of_content(verdict: &[u8]) -> bool {
    [&b"header "[..], b"mime_header ", b"nested_header ", b"body "]
        .iter()
        .any(|what| verdict.starts_with(what))
}

/// The `x.y.z` after a reply code.
fn enhanced(reply: &[u8]) -> &[u8] {
    let Some(text) = reply.get(4..) else { return b"" };
    if !reply[..3].iter().all(u8::is_ascii_digit) {
        return b"";
    }
    let end = text.iter().position(|b| !(b.is_ascii_digit() || *b == b'.')).unwrap_or(text.len());
    let code = &text[..end];
    if code.iter().filter(|b| **b == b'.').count() == 2 && code.len() >= 5 { code } else { b"" }
}

/// Sessions refused: failed authentication, protocol abuse, connections cut.
pub(super) fn without_id<'a>(body: &'a [u8], event: &mut Event<'a>) -> Option<()> {
    let body = body.strip_prefix(b"info: ").unwrap_or(body);
    // By far the most frequent lines say nothing here.
    if body.starts_with(b"connect from ") || body.starts_with(b"CONNECT ") {
        return None;
    }
    if let Some(client) = body.strip_prefix(b"disconnect from ") {
        // Authentication tried and never accepted.
        static NEVER: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(b" auth=0/"));
        NEVER.find(client)?;
        (event.host, event.ip, _) = peer(client)?;
        event.kind = Kind::SessionRefused;
        event.reply = body;
        return Some(());
    }
    if let Some(warning) = body.strip_prefix(b"warning: ") {
        event.kind = Kind::SessionRefused;
        event.reply = warning;
        if let Some(at) = memmem::find(warning, b"limit exceeded: ") {
            let from = memmem::find(&warning[at..], b" from ")?;
            (event.host, event.ip, _) = peer(&warning[at + from + 6..])?;
            return Some(());
        }
        if warning.starts_with(b"hostname ")
            && let Some(at) = memmem::find(warning, b" does not resolve to address ")
        {
            let ip = &warning[at + 29..];
            let end = ip.iter().position(|b| *b == b' ').unwrap_or(ip.len());
            event.ip = ip[..end].strip_suffix(b":").unwrap_or(&ip[..end]);
            return Some(());
        }
        memmem::find(warning, b"authentication failed")
            .or_else(|| memmem::find(warning, b"authentication aborted"))?;
        let (host, ip, rest) = peer(warning)?;
        event.kind = Kind::SessionRefused;
        (event.host, event.ip) = (host, ip);
        event.reply = rest.strip_prefix(b":").unwrap_or(rest).trim_ascii_start();
        return Some(());
    }
    let verdict = [b"reject: ".as_slice(), b"proxy-reject: ", b"milter-reject: "];
    if let Some(rest) = verdict.iter().find_map(|prefix| body.strip_prefix(*prefix)) {
        event.kind = Kind::Rejected;
        self::verdict(rest, event);
        return Some(());
    }
    const ABUSE: [&[u8]; 12] = [
        b"improper command pipelining",
        b"too many errors",
        b"lost connection after ",
        b"timeout after ",
        b"SSL_accept error from ",
        b"PREGREET",
        b"HANGUP",
        b"DNSBL rank",
        b"COMMAND ",
        b"NON-SMTP COMMAND",
        b"BARE NEWLINE",
        b"bare <LF> received",
    ];
    ABUSE.iter().find(|start| body.starts_with(start))?;
    let at = [&b" from "[..], b" for "]
        .iter()
        .filter_map(|word| memmem::find(body, word).map(|at| at + word.len()))
        .min()?;
    let (host, ip, _) = peer(&body[at..])?;
    event.kind = Kind::SessionRefused;
    (event.host, event.ip) = (host, ip);
    event.reply = body;
    Some(())
}
