//! Mailchimp Transactional (Mandrill): message events of its webhooks. The shape is
//! that of Mandrill's own example message as public gists quote it (seen 2026-11-30).

use serde_json::Value;

use super::{Told, block as blocks, diagnostic, first, holds, own_word, text, time};
use crate::parse::log::event::{Kind, NO_TIME, Sink};

pub(crate) fn is(head: &[u8]) -> bool {
    holds(head, &["\"_id\"", "\"msg\"", "\"event\"", "\"smtp_events\""])
        || holds(head, &["\"_id\"", "\"msg\"", "\"event\"", "\"state\""])
}

pub(crate) fn block(text: &[u8], first: u32, sink: &mut dyn Sink) -> u32 {
    blocks(text, first, sink, "mandrill_events", read)
}

/// Why Mandrill itself sent nothing: a word, or an object with one.
fn rejection(message: &Value) -> Option<String> {
    let reject = message.get("reject").filter(|reject| !reject.is_null());
    let word = match reject {
        Some(object @ Value::Object(_)) => first(object, &["reason", "reject_reason"]),
        Some(_) => text(message, "reject"),
        None => first(message, &["reject_reason", "bounce_description"]),
    };
    (!word.is_empty()).then(|| own_word("mandrill", &word.replace('_', "-"), ""))
}

fn read(value: &Value, line: u32, shown: &[u8], sink: &mut dyn Sink) -> bool {
    let (what, Some(message)) = (text(value, "event"), value.get("msg")) else { return false };
    let id = first(value, &["_id"]);
    let id = if id.is_empty() { text(message, "_id") } else { id };
    if what.is_empty() || id.is_empty() {
        return false;
    }
    let attempts =
        message.get("smtp_events").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let last = attempts.last().unwrap_or(&Value::Null);
    let taken = text(last, "type") == "sent" || diagnostic(&text(last, "diag")).starts_with('2');
    let kind = match what.as_str() {
        // "Sent" is delivery only where the reply of the recipient's server is told.
        "send" | "delivered" if taken || what == "delivered" => Kind::Delivered,
        "send" => Kind::Received,
        "deferral" => Kind::Deferred,
        "hard_bounce" | "soft_bounce" => Kind::Bounced,
        "reject" => Kind::Rejected,
        "spam" => Kind::Complained,
        "unsub" => Kind::OptedOut,
        _ => Kind::Note,
    };
    let said = match first(message, &["diag"]) {
        said if said.is_empty() => text(last, "diag"),
        said => said,
    };
    let said = match kind {
        Kind::Rejected => rejection(message).unwrap_or(said),
        _ if said.is_empty() => first(message, &["bounce_description", "reject", "state"]),
        _ => said,
    };
    let at = match time(value, "ts") {
        NO_TIME => time(message, "ts"),
        at => at,
    };
    let told = Told {
        sender: text(message, "sender"),
        recipient: text(message, "email"),
        said,
        ip: text(last, "destination_ip"),
        source: text(last, "source_ip"),
        ..Told::new("mandrill", kind, at, id)
    };
    told.push(line, shown, sink)
}
