//! Mailgun: events of its API (`items`) and of its webhooks (`event-data`). The kinds of
//! event are those of Mailgun's "Event types" (read 2026-11-30), the shape is by memory.

use serde_json::Value;

use super::{Told, block as blocks, first, holds, own_word, text, time};
use crate::parse::log::event::{Kind, Sink};

pub(crate) fn is(head: &[u8]) -> bool {
    (holds(head, &["\"log-level\"", "\"event\""]) || holds(head, &["\"delivery-status\"", "\"recipient\""]))
        && !holds(head, &["\"RecordType\""])
}

pub(crate) fn block(text: &[u8], first: u32, sink: &mut dyn Sink) -> u32 {
    blocks(text, first, sink, "items", read)
}

fn read(value: &Value, line: u32, shown: &[u8], sink: &mut dyn Sink) -> bool {
    let value = value.get("event-data").unwrap_or(value);
    let null = Value::Null;
    let what = text(value, "event");
    let part = |key: &str| value.get(key).unwrap_or(&null);
    let (status, envelope) = (part("delivery-status"), part("envelope"));
    let headers = part("message").get("headers").unwrap_or(&null);
    if what.is_empty() || part("recipient").is_null() && headers.is_null() {
        return false;
    }
    let reason = text(value, "reason");
    let kind = match (what.as_str(), text(value, "severity").as_str()) {
        ("accepted", _) => Kind::Received,
        ("delivered", _) => Kind::Delivered,
        // Its own list of suppressed addresses: nothing was sent.
        ("failed", _) if reason.starts_with("suppress") => Kind::Rejected,
        ("failed", "temporary") => Kind::Deferred,
        ("failed", _) => Kind::Bounced,
        ("rejected", _) => Kind::Rejected,
        ("complained", _) => Kind::Complained,
        ("unsubscribed", _) => Kind::OptedOut,
        _ => Kind::Note,
    };
    let code = text(status, "code");
    let said = first(status, &["message", "description"]);
    let said = match (said.as_str(), code.as_str()) {
        ("", _) => first(part("reject"), &["reason", "description"]),
        (said, code) if code.len() == 3 && !said.starts_with(code) => {
            format!("{code} {said}")
        }
        (said, _) => said.to_owned(),
    };
    let said = match kind {
        Kind::Rejected if reason.starts_with("suppress") => own_word("mailgun", &reason, &said),
        _ if said.is_empty() => reason,
        _ => said,
    };
    let id = text(headers, "message-id");
    let told = Told {
        message_id: id.clone(),
        sender: text(envelope, "sender"),
        recipient: text(value, "recipient"),
        said,
        enhanced: text(status, "enhanced-code"),
        host: text(status, "mx-host"),
        source: text(envelope, "sending-ip"),
        ..Told::new("mailgun", kind, time(value, "timestamp"), id)
    };
    told.push(line, shown, sink)
}
