//! Sendmail: `QID: from=..., size=...`, `QID: to=..., stat=...`, refusals.
//! Grammar: Sendmail Installation and Operation Guide 8.18, section 2.1.1.

use memchr::memmem;

use super::event::{Event, Kind, NO_DELAY, Sink};
use super::syslog::Head;

/// Whether `program` is one of sendmail's.
pub(crate) fn is_sendmail(program: &[u8]) -> bool {
    program == b"sendmail" || program.starts_with(b"sm-") || program.starts_with(b"sendmail-")
}

/// One line whose head is known.
pub(crate) fn line(head: &Head<'_>, text: &[u8], number: u32, batch: &mut dyn Sink) -> bool {
    let mut event = Event {
        at: head.at,
        line: number,
        text,
        log_host: head.host,
        agent: b"sendmail",
        ..Event::default()
    };
    let mut rest = head.body;
    if let Some((id, said)) = id_of(rest) {
        (event.id, rest) = (id, said);
    }
    if rest.starts_with(b"to=") {
        return deliveries(rest, &mut event, batch);
    }
    if rest.starts_with(b"from=") {
        received(rest, &mut event);
    } else if refused_command(rest, &mut event) || refused_recipient(rest, &mut event) {
        // Both say it in the event.
    } else if let Some(clone) = rest.strip_prefix(b"clone ") {
        event.kind = Kind::Linked;
        event.next_id = clone.split(|b| matches!(b, b' ' | b',')).next().unwrap_or_default();
    } else if let Some((next, _)) = id_of(rest).filter(|(_, said)| said.starts_with(b"clone: ")) {
        // `QID: QID2: clone: owner=owner-list`: the list's own envelope, under the second id.
        (event.kind, event.next_id) = (Kind::Linked, next);
    } else if let Some((next, said)) = id_of(rest).filter(|_| !event.id.is_empty()) {
        // `QID: QID2: DSN: User unknown`, `QID: QID2: return to sender: ...`
        (event.kind, event.next_id, event.reply) = (Kind::Notified, next, said);
        if is_given_up(said) {
            batch.push(&Event { kind: Kind::Expired, next_id: b"", ..event });
        }
    } else if !event.id.is_empty() && milter(rest, &mut event) {
        // The event says it.
    } else {
        session(rest, &mut event);
    }
    batch.push(&event);
    true
}

/// `QID: rest`
fn id_of(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = text.iter().take(24).position(|b| *b == b':')?;
    let id = colon >= 10 && text[..colon].iter().all(u8::is_ascii_alphanumeric);
    id.then(|| (&text[..colon], text[colon + 1..].trim_ascii_start()))
}

/// `from=<a>, size=1, nrcpts=1, msgid=<b>, relay=c [192.0.2.1]`
fn received<'a>(rest: &'a [u8], event: &mut Event<'a>) {
    event.kind = Kind::Received;
    event.sender = bare(key(rest, b"from=").unwrap_or_default());
    event.size = number_of(key(rest, b"size=").unwrap_or_default());
    event.message_id = match bare(key(rest, b"msgid=").unwrap_or_default()) {
        b"<>" => b"",
        id => id,
    };
    (event.host, event.ip) = relay(key(rest, b"relay=").unwrap_or_default());
    if key(rest, b"nrcpts=") == Some(b"0") {
        // Nothing was taken: every recipient had been refused.
        event.kind = Kind::SessionRefused;
        event.reply = rest;
    }
}

/// `ruleset=check_rcpt, arg1=<a>, relay=b, reject=550 5.7.1 ...`
fn refused_command<'a>(rest: &'a [u8], event: &mut Event<'a>) -> bool {
    let Some(at) = memmem::find(rest, b"reject=") else { return false };
    event.kind = Kind::Rejected;
    event.reply = &rest[at + 7..];
    (event.host, event.ip) = relay(key(rest, b"relay=").unwrap_or_default());
    let argument = bare(key(rest, b"arg1=").unwrap_or_default());
    if memmem::find(rest, b"check_rcpt").is_some() {
        event.recipient = argument;
    } else if memmem::find(rest, b"check_mail").is_some() {
        event.sender = argument;
    }
    true
}

/// `<a>... User unknown`
fn refused_recipient<'a>(rest: &'a [u8], event: &mut Event<'a>) -> bool {
    let Some(dots) = memmem::find(rest, b">... ").filter(|_| rest.starts_with(b"<")) else { return false };
    event.kind = Kind::Rejected;
    event.recipient = &rest[1..dots];
    event.reply = &rest[dots + 5..];
    true
}

/// `sender notify: Cannot send message for 5 days`; `... within 4 hours` is a warning.
fn is_given_up(said: &[u8]) -> bool {
    memmem::find(said, b"annot send message for ").is_some()
}

/// `Milter: data, discard`, `Milter: to=<a>, discard`, `discarded`,
/// `milter=clamav-milter, quarantine=infected`: a milter decided over the whole message,
/// whichever recipient it was asked about.
fn milter<'a>(rest: &'a [u8], event: &mut Event<'a>) -> bool {
    let asked = rest.starts_with(b"Milter: ") || rest.starts_with(b"Milter (");
    let discards = asked && rest.ends_with(b", discard");
    event.kind = match () {
        () if rest == b"discarded" || discards => Kind::Discarded,
        () if rest.starts_with(b"milter=") && memmem::find(rest, b", quarantine=").is_some() => {
            Kind::Quarantined
        }
        () => return false,
    };
    event.recipient = bare(key(rest, b"to=").unwrap_or_default());
    event.reply = memmem::find(rest, b", quarantine=").map_or(rest, |at| &rest[at + 2..]);
    true
}

/// What is said of a session, refusals above all.
fn session<'a>(rest: &'a [u8], event: &mut Event<'a>) {
    const REFUSED: [&[u8]; 8] = [
        b"rejecting commands from",
        b"AUTH failure",
        b"possible SMTP attack",
        b"[rejected]",
        b"did not issue MAIL",
        b"lost input channel",
        b"authentication failure",
        b"rejecting connections",
    ];
    event.reply = rest;
    if REFUSED.iter().any(|word| memmem::find(rest, word).is_some()) {
        event.kind = Kind::SessionRefused;
        let from = memmem::rfind(rest, b"relay=").map_or(0, |at| at + 6);
        let mut near = &rest[from..];
        // `[rejected]` and `(may be forged)` are no addresses.
        if let Some(at) = memmem::rfind(near, b"[rejected]") {
            near = &near[..at];
        }
        event.ip = address(near);
    }
}

/// `to=<a>,<b>, ctladdr=..., delay=00:00:01, ..., dsn=2.0.0, stat=Sent (250 ok)`
fn deliveries<'a>(rest: &'a [u8], event: &mut Event<'a>, batch: &mut dyn Sink) -> bool {
    let Some(stat) = memmem::find(rest, b", stat=").or_else(|| memmem::find(rest, b" stat=")) else {
        return false;
    };
    let fields = &rest[..stat];
    let text = rest[stat..].trim_ascii_start();
    let text = text.strip_prefix(b", ").unwrap_or(text).strip_prefix(b"stat=").unwrap_or(text);
    event.reply = text;
    event.enhanced = key(fields, b"dsn=").unwrap_or_default();
    (event.host, event.ip) = relay(key(fields, b"relay=").unwrap_or_default());
    event.agent = key(fields, b"mailer=").unwrap_or(event.agent);
    event.delay = key(fields, b"delay=").and_then(delay).unwrap_or(NO_DELAY);
    event.kind = if text.starts_with(b"Sent") {
        Kind::Delivered
    } else if text.starts_with(b"quarantined") {
        event.reply = key(fields, b"quarantine=").unwrap_or(text);
        Kind::Quarantined
    } else if text.starts_with(b"queued") {
        Kind::Note
    } else if text.starts_with(b"Deferred") || event.enhanced.starts_with(b"4") {
        Kind::Deferred
    } else if is_given_up(text) {
        Kind::Expired
    } else {
        Kind::Bounced
    };
    if event.kind == Kind::Delivered
        && let Some(open) = memchr::memchr(b'(', text)
    {
        event.reply = text[open + 1..].strip_suffix(b")").unwrap_or(&text[open + 1..]);
    }
    // The peer's own words, where the log has them: `stat=` is sendmail's word for their code.
    if matches!(event.kind, Kind::Bounced | Kind::Deferred)
        && let Some(at) = memmem::find(fields, b", reply=")
        && fields.get(at + 8).is_some_and(u8::is_ascii_digit)
    {
        event.reply = &fields[at + 8..];
    }
    let end = [&b", ctladdr="[..], b", delay=", b", xdelay=", b", mailer="]
        .iter()
        .filter_map(|key| memmem::find(fields, key))
        .min()
        .unwrap_or(fields.len());
    let control = key(fields, b"ctladdr=").unwrap_or_default();
    let control = control.split(|b| *b == b' ').next().unwrap_or_default();
    event.original = bare(control);
    let to_file = event.agent == b"*file*";
    for recipient in fields[3..end.max(3)].split(|b| *b == b',').take(1000) {
        event.recipient = bare(recipient.trim_ascii());
        if event.recipient == b"/dev/null" && to_file && event.kind == Kind::Delivered {
            batch.push(&Event { kind: Kind::Discarded, reply: event.recipient, ..*event });
        } else if !event.recipient.is_empty() {
            batch.push(event);
        }
    }
    true
}

fn bare(text: &[u8]) -> &[u8] {
    match text {
        b"<>" => text,
        _ => text.strip_prefix(b"<").and_then(|t| t.strip_suffix(b">")).unwrap_or(text),
    }
}

/// The value of `key=` up to a comma.
fn key<'a>(text: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let mut from = 0;
    while let Some(at) = memmem::find(text.get(from..)?, key) {
        let start = from + at;
        if start == 0 || text[start - 1] == b' ' {
            let value = &text[start + key.len()..];
            let end = memmem::find(value, b", ").unwrap_or(value.len());
            return Some(&value[..end]);
        }
        from = start + key.len();
    }
    None
}

fn number_of(text: &[u8]) -> u64 {
    text.iter().take(18).take_while(|b| b.is_ascii_digit()).fold(0, |sum, b| sum * 10 + u64::from(b - b'0'))
}

/// `host. [1.2.3.4] (may be forged)`
fn relay(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|b| matches!(b, b' ' | b'[')).unwrap_or(text.len());
    (text[..end].strip_suffix(b".").unwrap_or(&text[..end]), address(text))
}

/// The last address in brackets.
fn address(text: &[u8]) -> &[u8] {
    let Some(open) = memchr::memrchr(b'[', text) else { return b"" };
    let close = memchr::memchr(b']', &text[open..]).map_or(text.len(), |close| open + close);
    let inside = &text[open + 1..close];
    inside.strip_prefix(b"IPv6:").unwrap_or(inside)
}

/// `[days+]HH:MM:SS` in milliseconds.
fn delay(text: &[u8]) -> Option<u32> {
    let (days, clock) = match memchr::memchr(b'+', text) {
        Some(plus) => (number_of(&text[..plus]), &text[plus + 1..]),
        None => (0, text),
    };
    let mut seconds = days.checked_mul(86_400)?;
    let mut unit = 3600;
    for part in clock.split(|b| *b == b':').take(3) {
        seconds = seconds.checked_add(number_of(part).checked_mul(unit)?)?;
        unit /= 60;
    }
    u32::try_from(seconds.checked_mul(1000)?).ok()
}
