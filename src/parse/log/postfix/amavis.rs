//! amavis: what it put into its quarantine. Its answer to Postfix says "discarded" then, as if no copy were left.
//! Source: the default `$log_templ` of amavisd-new 2.11 and later, which names Postfix's queue id.

use memchr::memmem;

use super::super::event::{Event, Kind, Sink};
use super::super::syslog::Head;

/// Recipients of one line; more say nothing new of the message.
const MOST_RECIPIENTS: usize = 1000;

pub(crate) fn is_amavis(program: &[u8]) -> bool {
    matches!(super::last_part(program), b"amavis" | b"amavisd" | b"amavisd-new")
}

/// The events of a line whose message was blocked and kept; `None` for every other line.
pub(crate) fn line(head: &Head<'_>, text: &[u8], number: u32, sink: &mut dyn Sink) -> Option<bool> {
    let blocked = memmem::find(head.body, b") Blocked ")? + 2;
    let verdict = &head.body[blocked..];
    // The actions stand before the addresses, which a sender writes; of the names of files before them, which a sender
    // writes too, none can follow the policy bank and the client's address.
    let client = memmem::find(verdict, b" [")?;
    let arrow = client + memmem::find(&verdict[client..], b"> -> <")?;
    let end = verdict[..client].iter().rposition(|byte| *byte == b'}')?;
    let actions = verdict[..end].iter().rposition(|byte| *byte == b'{')?;
    memmem::find(&verdict[actions..end], b"Quarantined")?;
    let rest = &verdict[arrow + 5..];
    let listed = memmem::find(rest, b">, ").unwrap_or(rest.len().saturating_sub(1));
    let recipients = rest[..=listed.min(rest.len() - 1)].split(|byte| *byte == b',');
    let tail = &rest[listed..];
    let at = memmem::find(tail, b", Queue-ID: ")? + 12;
    let id = &tail[at..];
    let id = &id[..id.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(id.len())];
    if id.is_empty() {
        return None;
    }
    for recipient in recipients.take(MOST_RECIPIENTS) {
        let Some(recipient) = recipient.strip_prefix(b"<").and_then(|it| it.strip_suffix(b">")) else {
            continue;
        };
        sink.push(&Event {
            kind: Kind::Quarantined,
            at: head.at,
            line: number,
            text,
            log_host: head.host,
            agent: b"amavis",
            id,
            recipient,
            reply: &verdict[..=end],
            ..Event::default()
        });
    }
    Some(true)
}

/// The name that amavis keeps a message under, for `amavisd-release`.
pub(crate) fn kept_as(line: &str) -> Option<&str> {
    // What follows the queue id is the sender's: a Message-ID may say anything.
    let (before, _) = line.split_once(", Queue-ID: ")?;
    let (_, name) = before.rsplit_once(", quarantine: ")?;
    let safe = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    (!name.is_empty() && name.chars().all(safe)).then_some(name)
}
