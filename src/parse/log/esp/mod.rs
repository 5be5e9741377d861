//! Event notifications of sending services, in JSON: one file a service. What a
//! service reports as delivered, the recipient's server took.

pub(super) mod brevo;
pub(super) mod mailgun;
pub(super) mod mailjet;
pub(super) mod mandrill;
pub(super) mod postmark;
pub(super) mod sparkpost;

use serde_json::Value;

use super::event::{Event, Kind, Millis, NO_TIME, Sink};
use super::events_json::each;
pub(super) use super::own_word::own_word;
use super::stamp;

/// Reads one object; false where it is none of the service's.
pub(super) type Read = fn(&Value, u32, &[u8], &mut dyn Sink) -> bool;

/// Arrays in arrays that are looked into.
const NESTED: u32 = 4;

/// A block of objects, of arrays of them, or of an answer of the service's API
/// that holds them under `wrapper`.
pub(super) fn block(block: &[u8], first: u32, sink: &mut dyn Sink, wrapper: &str, read: Read) -> u32 {
    each(block, first, sink, &|value, line, text, sink| inside(value, line, text, sink, (wrapper, read), 0))
}

fn inside(
    value: &Value,
    line: u32,
    text: &[u8],
    sink: &mut dyn Sink,
    (wrapper, read): (&str, Read),
    depth: u32,
) -> bool {
    if depth > NESTED {
        return false;
    }
    if let Some(all) = value.as_array() {
        let unknown =
            all.iter().filter(|one| !inside(one, line, text, sink, (wrapper, read), depth + 1)).count();
        return unknown == 0;
    }
    match value.get(wrapper).filter(|_| !wrapper.is_empty()) {
        Some(within) => inside(within, line, text, sink, (wrapper, read), depth + 1),
        None => read(value, line, text, sink),
    }
}

/// Whether a text is JSON that holds all of the words near its beginning.
pub(super) fn holds(head: &[u8], words: &[&str]) -> bool {
    let head = &head[..head.len().min(64 << 10)];
    matches!(head.trim_ascii_start().first(), Some(b'{' | b'['))
        && words.iter().all(|word| memchr::memmem::find(head, word.as_bytes()).is_some())
}

/// A text, or a number written out; empty where there is neither.
pub(super) fn text(value: &Value, key: &str) -> String {
    match value.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// The first of the fields that says anything.
pub(super) fn first(value: &Value, keys: &[&str]) -> String {
    keys.iter().map(|key| text(value, key)).find(|text| !text.is_empty()).unwrap_or_default()
}

/// Seconds or milliseconds since 1970, as a number or in digits, or an ISO stamp.
pub(super) fn time(value: &Value, key: &str) -> Millis {
    let written = text(value, key);
    if let Some((at, _)) = stamp::iso(written.as_bytes()) {
        return at;
    }
    match written.parse::<f64>() {
        Ok(seconds) if (1.0..1e11).contains(&seconds) => (seconds * 1000.0) as Millis,
        Ok(millis) if (1e11..1e14).contains(&millis) => millis as Millis,
        _ => NO_TIME,
    }
}

pub(super) fn unbracketed(id: &str) -> &str {
    id.strip_prefix('<').and_then(|id| id.strip_suffix('>')).unwrap_or(id)
}

/// Without the type in front of a diagnostic: `smtp; 550 ...`.
pub(super) fn diagnostic(text: &str) -> &str {
    text.strip_prefix("smtp;").map_or(text, str::trim_start)
}

/// The first of the stamps that says anything.
pub(super) fn first_time(value: &Value, keys: &[&str]) -> Millis {
    keys.iter().map(|key| time(value, key)).find(|at| *at != NO_TIME).unwrap_or(NO_TIME)
}

/// What a service tells of one event, read out of words of its own.
pub(super) struct Told {
    pub(super) agent: &'static str,
    pub(super) kind: Kind,
    pub(super) at: Millis,
    pub(super) id: String,
    pub(super) message_id: String,
    pub(super) sender: String,
    pub(super) recipient: String,
    /// The reply of the recipient's server, or the service's own words.
    pub(super) said: String,
    pub(super) enhanced: String,
    /// The recipient's server.
    pub(super) host: String,
    pub(super) ip: String,
    /// The address it was sent from.
    pub(super) source: String,
    pub(super) size: u64,
}

impl Told {
    pub(super) fn new(agent: &'static str, kind: Kind, at: Millis, id: String) -> Told {
        let none = String::new;
        Told {
            agent,
            kind,
            at,
            id,
            message_id: none(),
            sender: none(),
            recipient: none(),
            said: none(),
            enhanced: none(),
            host: "none".to_owned(),
            ip: none(),
            source: none(),
            size: 0,
        }
    }

    /// One event, and the recipient's address where the message was taken in.
    pub(super) fn push(&self, line: u32, shown: &[u8], sink: &mut dyn Sink) -> bool {
        let event = Event {
            kind: self.kind,
            at: self.at,
            line,
            text: shown,
            id: unbracketed(&self.id).as_bytes(),
            message_id: unbracketed(&self.message_id).as_bytes(),
            sender: self.sender.as_bytes(),
            recipient: self.recipient.as_bytes(),
            reply: diagnostic(&self.said).as_bytes(),
            enhanced: self.enhanced.as_bytes(),
            host: self.host.as_bytes(),
            ip: self.ip.as_bytes(),
            source: self.source.as_bytes(),
            agent: self.agent.as_bytes(),
            size: self.size,
            ..Event::default()
        };
        sink.push(&event);
        if event.kind == Kind::Received && !event.recipient.is_empty() {
            sink.push(&Event { kind: Kind::Addressed, ..event });
        }
        true
    }
}

#[cfg(test)]
mod tests;
