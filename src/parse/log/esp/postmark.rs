//! Postmark's webhooks. The fields of a bounce are those of Postmark's own client library
//! (postmark 4.0.2, seen 2026-11-30), the other records are by memory.

use serde_json::Value;

use crate::parse::smtp::reply::Reply;

use super::{Told, block as blocks, first, first_time, holds, own_word, text};
use crate::parse::log::event::{Kind, Sink};

pub(crate) fn is(head: &[u8]) -> bool {
    holds(head, &["\"RecordType\"", "\"MessageID\""])
}

pub(crate) fn block(text: &[u8], first: u32, sink: &mut dyn Sink) -> u32 {
    blocks(text, first, sink, "", read)
}

fn read(value: &Value, line: u32, shown: &[u8], sink: &mut dyn Sink) -> bool {
    let record = text(value, "RecordType");
    let id = text(value, "MessageID");
    if record.is_empty() || id.is_empty() {
        return false;
    }
    let kind = match (record.as_str(), text(value, "Type").as_str()) {
        ("Delivery", _) => Kind::Delivered,
        // "Transient": Postmark tries again.
        ("Bounce", "Transient") => Kind::Deferred,
        ("Bounce", "AutoResponder" | "AddressChange" | "OpenRelayTest" | "Subscribe") => Kind::Note,
        ("Bounce", "SMTPApiError" | "InboundError" | "TemplateRenderingFailed" | "ManuallyDeactivated") => {
            Kind::Rejected
        }
        ("Bounce", "SpamComplaint") | ("SpamComplaint", _) => Kind::Complained,
        ("Bounce", "Unsubscribe") => Kind::OptedOut,
        // Its other reasons, a bounce and a complaint, are told by records of their own.
        ("SubscriptionChange", _)
            if value.get("SuppressSending") == Some(&Value::Bool(true))
                && text(value, "Origin") == "Recipient" =>
        {
            Kind::OptedOut
        }
        ("Bounce", _) => Kind::Bounced,
        _ => Kind::Note,
    };
    let (details, kind_of_bounce) = (first(value, &["Details", "Description", "Name"]), text(value, "Type"));
    // The receiver's reply says more than the class; Postmark's sentence on the class names examples, and
    // none of them is said of this message.
    let replied = Reply::read(&details);
    let said = match record.as_str() {
        "Bounce" if kind == Kind::Rejected || replied.code.is_none() && replied.enhanced.is_none() => {
            own_word("postmark", &kind_of_bounce, &details)
        }
        _ => details,
    };
    let at = first_time(value, &["DeliveredAt", "BouncedAt", "ReceivedAt", "ChangedAt"]);
    let told = Told {
        sender: text(value, "From"),
        recipient: first(value, &["Recipient", "Email"]),
        said,
        ..Told::new("postmark", kind, at, id)
    };
    told.push(line, shown, sink)
}
