//! MailScanner: it takes messages out of Postfix's hold queue, and puts those that pass
//! back under another queue id. Source: `Message.pm` and `Postfix.pm` of MailScanner 5.

use memchr::memmem;

use super::super::event::{Event, Kind, Sink};
use super::super::syslog::Head;

pub(crate) fn is_mailscanner(program: &[u8]) -> bool {
    program == b"MailScanner"
}

/// One line whose head is known. Most tell of batches and of scores.
pub(crate) fn line(head: &Head<'_>, text: &[u8], number: u32, sink: &mut dyn Sink) -> bool {
    let event = Event {
        at: head.at,
        line: number,
        text,
        log_host: head.host,
        agent: b"mailscanner",
        ..Event::default()
    };
    match requeued(head.body).map(|(id, next_id)| Event { kind: Kind::Linked, id, next_id, ..event }) {
        Some(event) => sink.push(&event),
        None => match done(head.body) {
            Some((id, kind)) => sink.push(&Event { kind, id, reply: head.body, ..event }),
            None => sink.other_program(),
        },
    }
    true
}

/// `Requeue: AA15111111.A1F3C to BB15222222`
fn requeued(body: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = body.strip_prefix(b"Requeue: ")?;
    let at = memmem::find(rest, b" to ")?;
    let next = rest[at + 4..].trim_ascii();
    let plain = |id: &[u8]| !id.is_empty() && id.iter().all(u8::is_ascii_alphanumeric);
    let id = queue_id(&rest[..at]);
    (plain(id) && plain(next)).then_some((id, next))
}

/// `Spam Actions: message AA16111111.A1F3C actions are store,notify`; what is delivered
/// has a `Requeue` line.
fn done(body: &[u8]) -> Option<(&[u8], Kind)> {
    let at = memmem::find(body, b" Actions: message ")?;
    let about = [&b"Spam"[..], b"High Scoring Spam", b"High Spam", b"Non-Spam", b"Virus", b"Content", b"MCP"];
    if !about.iter().any(|word| body[..at].eq_ignore_ascii_case(word)) {
        return None;
    }
    let rest = &body[at + 18..];
    let are = memmem::find(rest, b" actions are ")?;
    let mut actions = rest[are + 13..].split(|b| !(b.is_ascii_alphabetic() || *b == b'-'));
    let does = |name: &str| actions.clone().any(|action| action.eq_ignore_ascii_case(name.as_bytes()));
    let kind = match () {
        () if does("deliver") || does("forward") => Kind::Note,
        () if does("store") => Kind::Quarantined,
        () if does("bounce") => Kind::Bounced,
        () if does("delete") => Kind::Discarded,
        () => Kind::Note,
    };
    actions.next()?;
    Some((queue_id(&rest[..are]), kind))
}

/// Without what MailScanner adds to tell used ids apart.
fn queue_id(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii();
    &text[..text.iter().position(|b| *b == b'.').unwrap_or(text.len())]
}
