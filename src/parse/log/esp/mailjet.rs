//! Mailjet's events. The shape is by memory of its developer guide ("Event API: webhooks"), which
//! was not read again.

use serde_json::Value;

use super::{Told, block as blocks, first, holds, own_word, text, time};
use crate::parse::log::event::{Kind, Sink};

pub(crate) fn is(head: &[u8]) -> bool {
    holds(head, &["\"mj_campaign_id\""]) || holds(head, &["\"MessageID\"", "\"Message_GUID\"", "\"event\""])
}

pub(crate) fn block(text: &[u8], first: u32, sink: &mut dyn Sink) -> u32 {
    blocks(text, first, sink, "", read)
}

fn read(value: &Value, line: u32, shown: &[u8], sink: &mut dyn Sink) -> bool {
    let (what, id) = (text(value, "event"), first(value, &["Message_GUID", "MessageID"]));
    if what.is_empty() || id.is_empty() {
        return false;
    }
    let kind = match what.as_str() {
        // "The message was delivered": with the reply of the recipient's server.
        "sent" => Kind::Delivered,
        "bounce" => Kind::Bounced,
        "blocked" => Kind::Rejected,
        "spam" => Kind::Complained,
        "unsub" => Kind::OptedOut,
        _ => Kind::Note,
    };
    let said = match first(value, &["smtp_reply", "comment"]) {
        said if said.is_empty() => [text(value, "error_related_to"), text(value, "error")]
            .join(": ")
            .trim_matches([':', ' '])
            .to_owned(),
        said => said,
    };
    let said = match kind {
        // `recipient: preblocked`, `recipient: blacklisted`, `duplicate in campaign`
        Kind::Rejected if !text(value, "error").is_empty() => {
            own_word("mailjet", &text(value, "error"), &text(value, "smtp_reply"))
        }
        _ => said,
    };
    // `sent (250 2.0.0 OK 1433333948 ...)`
    let said = said.strip_prefix("sent (").and_then(|said| said.strip_suffix(')')).unwrap_or(&said);
    let told = Told {
        recipient: text(value, "email"),
        said: said.to_owned(),
        ..Told::new("mailjet", kind, time(value, "time"), id)
    };
    told.push(line, shown, sink)
}
