//! Brevo's transactional webhooks, and the events that its API lists, in either order. The webhooks' shape is by
//! memory of its developer documentation ("Transactional webhooks"), which was not read again; that of the list is
//! the sample of "Get all your transactional email activity" (developers.brevo.com/changelog/2020/11/11, read
//! 2026-12-01). The columns of its CSV export are in no page that was found.

use serde_json::Value;

use super::{Told, block as blocks, first, first_time, holds, own_word, text};
use crate::parse::log::event::{Kind, NO_TIME, Sink};

pub(crate) fn is(head: &[u8]) -> bool {
    holds(head, &["\"message-id\"", "\"ts_epoch\""])
        || holds(head, &["\"message-id\"", "\"ts_event\""])
        || holds(head, &["\"messageId\"", "\"event\"", "\"email\"", "\"date\""])
}

pub(crate) fn block(text: &[u8], first: u32, sink: &mut dyn Sink) -> u32 {
    blocks(text, first, sink, "events", read)
}

fn read(value: &Value, line: u32, shown: &[u8], sink: &mut dyn Sink) -> bool {
    let (what, id) = (text(value, "event"), first(value, &["message-id", "messageId"]));
    let name: String =
        what.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    if what.is_empty() || id.is_empty() {
        return false;
    }
    let kind = match name.as_str() {
        "request" | "requests" | "sent" => Kind::Received,
        "delivered" => Kind::Delivered,
        "deferred" => Kind::Deferred,
        // Both are the end: what Brevo tries again is "deferred".
        "hardbounce" | "hardbounces" | "softbounce" | "softbounces" => Kind::Bounced,
        "blocked" | "invalid" | "invalidemail" | "error" => Kind::Rejected,
        "spam" | "complaint" => Kind::Complained,
        "unsubscribed" | "unsubscribe" => Kind::OptedOut,
        _ => Kind::Note,
    };
    let said = match name.as_str() {
        "blocked" => own_word("brevo", "blocked", &text(value, "reason")),
        _ => first(value, &["reason", "event"]),
    };
    // A webhook's `date` is in the account's own zone; the list's states its offset.
    let at = match first_time(value, &["ts_epoch", "ts_event", "ts"]) {
        NO_TIME if text(value, "date").contains('T') => first_time(value, &["date"]),
        at => at,
    };
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
