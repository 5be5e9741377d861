//! Exim's main log. Grammar: Exim specification, chapter 53 "Log files" (4.98);
//! old and new message ids, `log_selector` extras, syslog prefixes.

use memchr::memmem;

use super::event::{Event, Kind, Millis, NO_TIME, Sink};
use super::{stamp, syslog};

/// `1RB9bA-000000005vi-0000` (23) or `1Ai79e-0000Dq-8i` (16).
fn message_id(text: &[u8]) -> Option<(&[u8], &[u8])> {
    for (len, dashes) in [(23, [6, 18]), (16, [6, 13])] {
        if let Some(id) = text.get(..len)
            && matches!(text.get(len), None | Some(b' '))
            && id.iter().enumerate().all(|(index, byte)| {
                if dashes.contains(&index) { *byte == b'-' } else { byte.is_ascii_alphanumeric() }
            })
        {
            return Some((id, text[len..].trim_ascii_start()));
        }
    }
    None
}

/// True of a deferral that says only that no host is due yet: Exim looked at the message and connected nowhere.
pub(crate) fn tried_nothing(reply: &str) -> bool {
    reply.contains("retry time not reached") && !reply.contains("long failure period")
}

/// Whether a line could stand in a main log: for detection.
pub(crate) fn looks_like(line: &[u8]) -> bool {
    let Some((_, rest)) = start(line) else { return false };
    match message_id(rest) {
        Some((_, rest)) => [&b"<= "[..], b"=> ", b"-> ", b">> ", b"== ", b"** ", b"*> ", b"Completed"]
            .iter()
            .any(|s| rest.starts_with(s)),
        None => {
            [&b"Start queue run"[..], b"End queue run", b"exim "].iter().any(|s| rest.starts_with(s))
                || memmem::find(line, b"exim[").is_some()
                || memmem::find(rest, b" rejected ").is_some_and(|_| memmem::find(rest, b"H=").is_some())
                || memmem::find(rest, b" authenticator failed for ").is_some()
                || [
                    &b"no host name found for IP address"[..],
                    b"no IP address found for host",
                    b"SMTP call from ",
                    b"SMTP protocol ",
                ]
                .iter()
                .any(|s| rest.starts_with(s))
        }
    }
}

/// The stamp and what follows it and a process id.
fn start(line: &[u8]) -> Option<(Millis, &[u8])> {
    let line = syslog::unwrapped(line);
    let (at, mut rest) = match stamp::iso(line) {
        Some((at, len)) => (at, line.get(len..)?.trim_ascii_start()),
        None => (NO_TIME, line),
    };
    // Behind syslog or a container: `host exim[123]: 2021-07-17 23:20:49 ...`.
    let near = &rest[..rest.len().min(80)];
    if let Some(tag) = memmem::find(near, b"exim[").or_else(|| memmem::find(near, b"exim4["))
        && let Some(colon) = memmem::find(&rest[tag..], b"]: ")
    {
        rest = &rest[tag + colon + 3..];
        if let Some((inner, len)) = stamp::iso(rest) {
            let (_, rest) = strip_process(inner, rest.get(len..)?.trim_ascii_start());
            return Some((inner, rest));
        }
    } else if at == NO_TIME {
        return None;
    }
    Some(strip_process(at, rest))
}

fn strip_process(at: Millis, rest: &[u8]) -> (Millis, &[u8]) {
    if rest.first() == Some(&b'[')
        && let Some(close) = rest.iter().take(14).position(|b| *b == b']')
        && rest[1..close].iter().all(|b| b.is_ascii_digit())
    {
        return (at, rest[close + 1..].trim_ascii_start());
    }
    (at, rest)
}

/// Whether the line is of a file of Exim's own, also where a container's wrapping stands before it.
pub(crate) fn is_own(text: &[u8]) -> bool {
    let inner = syslog::unwrapped(text);
    inner.first().is_some_and(u8::is_ascii_digit) && (inner.len() == text.len() || looks_like(inner))
}

/// A whole line.
pub(crate) fn line(text: &[u8], number: u32, batch: &mut dyn Sink) -> bool {
    match start(text) {
        Some((at, rest)) => body(at, b"", rest, text, number, batch),
        None => text.is_empty(),
    }
}

/// Behind syslog Exim may write its own stamp too.
pub(crate) fn without_stamp(body: &[u8]) -> &[u8] {
    start(body).map_or(body, |(_, rest)| rest)
}

/// What follows the stamp.
pub(crate) fn body(
    at: Millis,
    host: &[u8],
    rest: &[u8],
    text: &[u8],
    number: u32,
    batch: &mut dyn Sink,
) -> bool {
    let mut event = Event { at, line: number, text, log_host: host, agent: b"exim", ..Event::default() };
    let Some((id, rest)) = message_id(rest) else {
        refusal(rest, &mut event);
        batch.push(&event);
        return true;
    };
    event.id = id;
    let sign = rest.iter().position(|b| *b == b' ').map_or(rest, |space| &rest[..space]);
    let after = rest[sign.len()..].trim_ascii_start();
    match sign {
        b"<=" => arrival(after, &mut event, batch),
        b"=>" | b"->" | b">>" => {
            delivery(after, &mut event);
            batch.push(&event);
        }
        b"==" => {
            event.kind = Kind::Deferred;
            outcome(after, &mut event);
            batch.push(&event);
        }
        b"**" => {
            event.kind = Kind::Bounced;
            outcome(after, &mut event);
            batch.push(&event);
        }
        b"*>" => {
            event.reply = rest;
            batch.push(&event);
        }
        b"Completed" => {
            event.kind = Kind::Removed;
            batch.push(&event);
        }
        b"Frozen" | b"frozen" => {
            (event.kind, event.reply) = (Kind::Held, rest);
            batch.push(&event);
        }
        b"Unfrozen" | b"unfrozen" => {
            (event.kind, event.reply) = (Kind::Released, rest);
            batch.push(&event);
        }
        b"removed" | b"cancelled" if after.starts_with(b"by ") => {
            (event.kind, event.reply) = (Kind::Deleted, rest);
            batch.push(&event);
        }
        _ => {
            refusal(rest, &mut event);
            batch.push(&event);
        }
    }
    true
}

/// What was delivered, thrown away or, for a note, answered.
fn delivery<'a>(after: &'a [u8], event: &mut Event<'a>) {
    if !is_to_somebody(after) {
        event.reply = after;
        if is_thrown_away(after) {
            event.kind = Kind::Discarded;
        }
        return;
    }
    event.kind = Kind::Delivered;
    outcome(after, event);
    // A router or a filter of the recipient's that throws away: `discarded <bob@example.org>`.
    let nowhere = [&b":blackhole:"[..], b"/dev/null ", b"discarded <"];
    if nowhere.iter().any(|begins| after.starts_with(begins)) {
        event.kind = Kind::Discarded;
        event.reply = after;
    }
}

/// Whether a delivery names an address, a file or a command, or else a transport:
/// `discarded (system filter)` names nobody, and `>ann@example.com <bob@example.org>`
/// is an answer to the sender and no delivery.
fn is_to_somebody(after: &[u8]) -> bool {
    let first = &after[..after.iter().position(|b| *b == b' ').unwrap_or(after.len())];
    let routed = [&b" R="[..], b" T=", b" <"].iter().any(|key| memmem::find(after, key).is_some());
    match first.first() {
        Some(b'>') => false,
        Some(b'|' | b'/') => true,
        _ => first.contains(&b'@') || routed,
    }
}

/// `discarded (system filter)`, `blackhole (DATA ACL discarded recipients): why`: the
/// message as a whole.
fn is_thrown_away(after: &[u8]) -> bool {
    let word = after.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let said = matches!(&after[word..], [b':', ..] | [b' ', b'(', ..]);
    word > 0 && said || matches!(&after[..word], b"blackhole" | b"discarded")
}

/// `sender H=host (helo) [ip] P=esmtp S=123 id=... for a b`
fn arrival<'a>(rest: &'a [u8], event: &mut Event<'a>, batch: &mut dyn Sink) {
    let end = rest.iter().position(|b| *b == b' ').unwrap_or(rest.len());
    event.sender = &rest[..end];
    event.kind = Kind::Received;
    event.size = field(rest, b" S=")
        .and_then(|t| std::str::from_utf8(t).ok())
        .and_then(|t| t.parse().ok())
        .unwrap_or(0);
    event.message_id = field(rest, b" id=").unwrap_or_default();
    (event.host, event.ip) = host(rest);
    batch.push(event);
    if let Some(parent) = field(rest, b" R=")
        && message_id(parent).is_some()
        && event.sender == b"<>"
    {
        batch.push(&Event { kind: Kind::Notified, id: parent, next_id: event.id, ..*event });
    }
    // Recipients come last and may be many; a subject in quotes may hold " for ".
    if let Some(at) = memmem::rfind(rest, b" for ")
        && !rest[at..].contains(&b'"')
    {
        for recipient in rest[at + 5..].split(|b| *b == b' ').filter(|r| r.contains(&b'@')).take(1000) {
            batch.push(&Event { kind: Kind::Addressed, recipient, ..*event });
        }
    }
}

/// The value of ` X=` up to a space.
fn field<'a>(text: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let at = memmem::find(text, key)? + key.len();
    let end = text[at..].iter().position(|b| *b == b' ').unwrap_or(text.len() - at);
    Some(&text[at..at + end])
}

/// ` H=name (helo) [ip]:port`
fn host(text: &[u8]) -> (&[u8], &[u8]) {
    let Some(at) = memmem::find(text, b"H=") else { return (b"", b"") };
    let after = &text[at + 2..];
    let name = &after[..after.iter().position(|b| *b == b' ').unwrap_or(after.len())];
    let Some(open) = memmem::find(after, b" [").map(|open| open + 2).or(after.starts_with(b"[").then_some(1))
    else {
        return (name, b"");
    };
    let close = memchr::memchr(b']', &after[open..]).map_or(after.len(), |close| open + close);
    let name = if name.starts_with(b"[") || name.starts_with(b"(") { b"" } else { name };
    (name, &after[open..close])
}

/// `addr`, `local <addr>`, `/file <addr>`, `|"pipe" <addr>` before the fields.
fn outcome<'a>(rest: &'a [u8], event: &mut Event<'a>) {
    let first = rest.iter().position(|b| *b == b' ').unwrap_or(rest.len());
    let head_end = [&b" R="[..], b" T=", b" H=", b" F=<", b" P=<", b" routing defer", b" defer (", b" : "]
        .iter()
        .filter_map(|key| memmem::find(rest, key))
        .min()
        .unwrap_or(rest.len());
    let head = &rest[..head_end];
    let mut from = first;
    event.recipient = rest[..first].strip_suffix(b":").unwrap_or(&rest[..first]);
    if let Some(open) = memmem::rfind(head, b" <")
        && let Some(close) = memchr::memchr(b'>', &head[open..])
        && close > 2
    {
        let written = &head[open + 2..open + close];
        // `kassier <team@example.org>` is a mailbox by its local part; `ann@example.net <team@example.org>`
        // is what an alias, a rule or a rewriting put in the place of what the sender wrote.
        let redirected =
            event.recipient.contains(&b'@') && !matches!(event.recipient.first(), Some(b'|' | b'/'));
        match redirected {
            true => event.original = written,
            false => (event.original, event.recipient) = (event.recipient, written),
        }
        from = open + close + 1;
    }
    let rest = &rest[from.min(rest.len())..];
    event.agent = field(rest, b" T=").unwrap_or(event.agent);
    let colon = text_start(rest);
    let fields = colon.map_or(rest, |at| &rest[..at]);
    (event.host, event.ip) = host(fields);
    if event.kind == Kind::Delivered {
        if let Some(at) = memmem::find(rest, b" C=\"") {
            let reply = &rest[at + 4..];
            let end =
                reply.iter().enumerate().position(|(i, b)| *b == b'"' && (i == 0 || reply[i - 1] != b'\\'));
            event.reply = &reply[..end.unwrap_or(reply.len())];
        }
        if let Some(delay) = field(rest, b" QT=").and_then(duration) {
            event.delay = delay;
        }
        return;
    }
    event.reply = colon.map_or(rest.trim_ascii_start(), |at| rest[at..].trim_ascii_start());
    if event.reply.starts_with(b":") {
        event.reply = event.reply[1..].trim_ascii_start();
    }
}

/// Where the diagnostic begins: after `defer (-44) H=x [y]:` or after ` :` / `:`.
fn text_start(rest: &[u8]) -> Option<usize> {
    let from = memmem::find(rest, b"defer (").unwrap_or(0);
    let bracket = memmem::find(&rest[from..], b"]: ").map(|at| at + 2);
    let paren = memmem::find(&rest[from..], b"): ").map(|at| at + 2);
    let spaced = memmem::find(&rest[from..], b" : ").map(|at| at + 2);
    let plain = memmem::find(&rest[from..], b": ").map(|at| at + 1);
    let at = if from > 0 {
        match (paren, bracket) {
            (Some(paren), _) => paren,
            (None, Some(bracket)) => bracket,
            _ => plain?,
        }
    } else {
        [spaced, plain].into_iter().flatten().min()?
    };
    Some(from + at)
}

/// `1d2h3m4s`, `4s`, `0.123s`
fn duration(text: &[u8]) -> Option<u32> {
    let (mut total, mut number, mut millis) = (0u64, 0u64, None);
    for byte in text.iter().take(24) {
        match (byte, &mut millis) {
            (b'0'..=b'9', None) => number = number.saturating_mul(10).saturating_add(u64::from(byte - b'0')),
            (b'0'..=b'9', Some((part, scale))) => {
                *scale /= 10;
                *part += u64::from(byte - b'0') * *scale;
            }
            (b'.', None) => millis = Some((0u64, 1000u64)),
            (unit, _) => {
                let seconds = match unit {
                    b'w' => 604_800,
                    b'd' => 86_400,
                    b'h' => 3600,
                    b'm' => 60,
                    b's' => 1,
                    _ => return None,
                };
                total = total
                    .saturating_add(number.saturating_mul(seconds * 1000))
                    .saturating_add(millis.map_or(0, |m| m.0));
                (number, millis) = (0, None);
            }
        }
    }
    u32::try_from(total).ok()
}

/// Lines that refuse a client; anything else stays a note.
fn refusal<'a>(rest: &'a [u8], event: &mut Event<'a>) {
    event.reply = rest;
    let rejected = memmem::find(rest, b" rejected ").or_else(|| rest.starts_with(b"rejected ").then_some(0));
    const SESSION: [&[u8]; 13] = [
        b" dropped by ",
        b" authenticator failed for ",
        b"SMTP call from ",
        b"SMTP protocol ",
        b"no MAIL in SMTP connection",
        b" closed by DROP in ACL",
        b" sender verify fail for ",
        b"no host name found for IP address ",
        b"no IP address found for host ",
        b"SA: Action: ",
        b"rejected connection",
        b"refused: too many connections",
        b"unexpected disconnection while reading SMTP command",
    ];
    let session = SESSION.iter().any(|word| memmem::find(rest, word).is_some());
    if rejected.is_none() && !session {
        return;
    }
    // The client stands before our own interface, the addresses and the texts.
    let mut cut = rest.len();
    for word in [
        &b" I=["[..],
        b" F=<",
        b" rejected RCPT",
        b" rejected MAIL",
        b" rejected after",
        b" rejected by",
        b": 535",
        b" input=\"",
        b" dropped by ",
    ] {
        if let Some(at) = memmem::find(rest, word)
            && rest[..at].contains(&b'[')
        {
            cut = cut.min(at);
        }
    }
    let near = &rest[..cut];
    let brackets = memmem::rfind(near, b"[")
        .and_then(|open| memchr::memchr(b']', &near[open..]).map(|close| &near[open + 1..open + close]));
    event.ip = match brackets {
        Some(ip) => ip,
        None => memmem::find(rest, b"IP address ").map_or(&b""[..], |at| {
            let after = &rest[at + 11..];
            &after[..after.iter().position(|b| *b == b' ').unwrap_or(after.len())]
        }),
    };
    event.kind = Kind::SessionRefused;
    if let Some(at) = rejected
        && !session
    {
        event.kind = Kind::Rejected;
        event.sender = field(rest, b" F=").map_or(&b""[..], |sender| match sender {
            b"<>" => sender,
            _ => sender.strip_prefix(b"<").and_then(|s| s.strip_suffix(b">")).unwrap_or(sender),
        });
        event.permanent = finality(rest);
        let after = &rest[at..];
        if let Some(rcpt) = memmem::find(after, b"RCPT ") {
            let to = &after[rcpt + 5..];
            let end = to.iter().position(|b| matches!(b, b' ' | b':')).unwrap_or(to.len());
            let to = &to[..end];
            event.recipient = to.strip_prefix(b"<").and_then(|t| t.strip_suffix(b">")).unwrap_or(to);
        }
        if let Some(colon) = memmem::find(after, b": ") {
            event.reply = &after[colon + 2..];
        }
    }
}

/// Exim writes `temporarily rejected` where its answer was 4xx, and `rejected` alone where it was 5xx.
fn finality(rest: &[u8]) -> Option<bool> {
    let refused = |word: &[u8]| memmem::find(rest, word).is_some();
    if refused(b" temporarily rejected ") {
        return Some(false);
    }
    (refused(b" rejected RCPT ") || refused(b" rejected after DATA")).then_some(true)
}
