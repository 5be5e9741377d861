//! Events kept beyond their block: owned, with the place of their line.

use serde::Serialize;

use super::event::{Event, Kind, Millis, NO_DELAY};
use crate::model::Location;

/// One event of a log, owned. Texts are as hostile as the log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogEvent {
    pub kind: Kind,
    pub at: Millis,
    pub location: Location,
    /// The line, cut at 2,000 bytes.
    pub line: String,
    pub dialect: &'static str,
    pub log_host: String,
    pub id: String,
    pub next_id: String,
    pub message_id: String,
    pub sender: String,
    pub recipient: String,
    pub original: String,
    pub host: String,
    pub ip: String,
    pub source: String,
    pub reply: String,
    pub enhanced: String,
    pub agent: String,
    /// Seconds since arrival.
    pub delay: Option<f64>,
    /// Postfix's a/b/c/d.
    pub delays: Option<[f64; 4]>,
    pub size: u64,
    /// Whether a refusal is final, where the line says so beside the reply.
    pub permanent: Option<bool>,
}

/// How IBM i mail programs mark what is said, and what became of it.
const IBM_I: [&str; 7] = ["S:", "R:", "SNT", "RCV", "*SENT", "*FAILED", "RETRY"];

impl LogEvent {
    /// Of a queue listing: true when it was made, not at a moment of the past.
    pub(crate) fn is_listed(&self) -> bool {
        self.dialect == "mail-queue"
    }

    /// The mail system that wrote it: of a listing, whose queue is listed.
    pub(crate) fn system(&self) -> &str {
        match self.dialect {
            _ if self.is_listed() => &self.agent,
            // Other programs write their dialogues out too: those of IBM i mark them so.
            "ibmi-imail" if !IBM_I.iter().any(|mark| self.line.contains(mark)) => "smtp-dialogue",
            dialect => dialect,
        }
    }
}

const LINE_KEPT: usize = 2000;
const TEXT_KEPT: usize = 2000;

impl LogEvent {
    pub fn of(event: &Event<'_>, location: Location, dialect: &'static str) -> LogEvent {
        let text = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(TEXT_KEPT)]).into_owned();
        let seconds = |millis: u32| f64::from(millis) / 1000.0;
        let delays = event.delays;
        LogEvent {
            kind: event.kind,
            at: event.at,
            location,
            line: String::from_utf8_lossy(&event.text[..event.text.len().min(LINE_KEPT)]).into_owned(),
            dialect,
            log_host: text(event.log_host),
            id: text(event.id),
            next_id: text(event.next_id),
            message_id: text(event.message_id),
            sender: text(event.sender),
            recipient: text(event.recipient),
            original: text(event.original),
            host: text(event.host),
            ip: text(event.ip),
            source: text(event.source),
            reply: text(event.reply),
            enhanced: text(event.enhanced),
            agent: text(event.agent),
            delay: (event.delay != NO_DELAY).then(|| seconds(event.delay)),
            delays: delays.iter().all(|delay| *delay != NO_DELAY).then(|| delays.map(seconds)),
            size: event.size,
            permanent: event.permanent,
        }
    }
}

/// Delays of one hop in seconds, by what they were spent on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct DelayParts {
    pub before_queue: f64,
    pub in_queue: f64,
    pub connecting: f64,
    pub sending: f64,
}

impl From<[f64; 4]> for DelayParts {
    fn from([before_queue, in_queue, connecting, sending]: [f64; 4]) -> DelayParts {
        DelayParts { before_queue, in_queue, connecting, sending }
    }
}

/// The queue id the next hop said it gave the message, in a reply: Postfix and
/// iCloud (`queued as X`), Exim (`OK id=X`), sendmail (`X Message accepted for
/// delivery`, OpenSMTPD likewise), IronPort (`Message 123 accepted`), GMX
/// (`completed: id=X`), Haraka and Stalwart.
pub(crate) fn queued_as(reply: &str) -> Option<&str> {
    let word = |text: &str| -> usize {
        text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))).unwrap_or(text.len())
    };
    for mark in [
        "queued as ",
        "Queued as ",
        "QUEUED AS ",
        "OK id=",
        "Ok id=",
        "ok id=",
        "completed: id=",
        "queued with id ",
        "forwarded as ",
        "Queued (",
        "queued (",
    ] {
        // The last one: a content filter quotes the first in front of it.
        if let Some(at) = reply.rfind(mark) {
            let rest = &reply[at + mark.len()..];
            let id = &rest[..word(rest)];
            if id.len() >= 5 {
                return Some(id);
            }
        }
    }
    // Dovecot's LMTP: `250 2.0.0 <a@example.org> SESSION Saved`.
    if let Some(said) = reply.strip_suffix(" Saved")
        && let Some((before, session)) = said.rsplit_once(' ')
        && before.ends_with('>')
        && session.len() >= 8
    {
        return Some(session);
    }
    if let Some(at) = reply.find(" Message accepted for delivery") {
        let id = reply[..at].rsplit(' ').next().unwrap_or_default();
        let numbered = id.len() >= 8 && id.chars().any(|c| c.is_ascii_digit());
        if numbered && id.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Some(id);
        }
    }
    if let Some(at) = reply.find("essage ")
        && let Some(id) = reply[at + 7..].split(' ').next()
        && reply[at + 7 + id.len()..].starts_with(" accepted")
        && id.len() >= 5
        && id.bytes().all(|b| b.is_ascii_digit())
    {
        return Some(id);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::queued_as;

    #[test]
    fn next_hop_ids() {
        assert_eq!(queued_as("250 2.0.0 Ok: queued as 76987E006C"), Some("76987E006C"));
        assert_eq!(
            queued_as("250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4BCXZ10s8Jz7"),
            Some("4BCXZ10s8Jz7")
        );
        assert_eq!(queued_as("250 OK id=1rB9bA-000000005vi-0000"), Some("1rB9bA-000000005vi-0000"));
        assert_eq!(
            queued_as("250 2.0.0 41TKxZ6S012345 Message accepted for delivery"),
            Some("41TKxZ6S012345")
        );
        assert_eq!(queued_as("250 2.0.0 1a2b3c4d Message accepted for delivery"), Some("1a2b3c4d"));
        assert_eq!(queued_as("250 ok:  Message 123456789 accepted"), Some("123456789"));
        assert_eq!(
            queued_as("250 Requested mail action okay, completed: id=0MXYZ1-1abc"),
            Some("0MXYZ1-1abc")
        );
        assert_eq!(queued_as("250 Message Queued (8A2F1C3D-0A1B.1)"), Some("8A2F1C3D-0A1B"));
        assert_eq!(queued_as("250 2.0.0 OK Message accepted for delivery"), None);
        assert_eq!(queued_as("250 ok dirdel"), None);
    }
}
