//! Brevo's transactional webhooks. The shape is by memory of its developer documentation
//! ("Transactional webhooks"), which was not read again.

use serde_json::Value;

use super::{Told, block as blocks, first, first_time, holds, own_word, text};
use crate::parse::log::event::{Kind, Sink};

pub(crate) fn is(head: &[u8]) -> bool {
    holds(head, &["\"message-id\"", "\"ts_epoch\""]) || holds(head, &["\"message-id\"", "\"ts_event\""])
}

pub(crate) fn block(text: &[u8], first: u32, sink: &mut dyn Sink) -> u32 {
    blocks(text, first, sink, "events", read)
}

fn read(value: &Value, line: u32, shown: &[u8], sink: &mut dyn Sink) -> bool {
    let (what, id) = (text(value, "event"), text(value, "message-id"));
    if what.is_empty() || id.is_empty() {
        return false;
    }
    let kind = match what.as_str() {
        "request" | "sent" => Kind::Received,
        "delivered" => Kind::Delivered,
        "deferred" => Kind::Deferred,
        // Both are the end: what Brevo tries again is "deferred".
        "hard_bounce" | "soft_bounce" => Kind::Bounced,
        "blocked" | "invalid_email" | "error" => Kind::Rejected,
        "spam" | "complaint" => Kind::Complained,
        "unsubscribed" | "unsubscribe" => Kind::OptedOut,
        _ => Kind::Note,
    };
    let said = match what.as_str() {
        "blocked" => own_word("brevo", "blocked", &text(value, "reason")),
        _ => first(value, &["reason", "event"]),
    };
    // `date` is in the account's own zone.
    let at = first_time(value, &["ts_epoch", "ts_event", "ts"]);
    let told = Told {
        message_id: id.clone(),
        sender: first(value, &["sender_email", "from"]),
        recipient: text(value, "email"),
        said,
        source: text(value, "sending_ip"),
        ..Told::new("brevo", kind, at, id)
    };
    told.push(line, shown, sink)
}
