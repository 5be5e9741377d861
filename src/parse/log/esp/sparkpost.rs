//! SparkPost's events, of its webhooks (`msys`) and its API (`results`). The shape is
//! by memory of the SparkPost API reference ("Events"), which was not read again.

use serde_json::Value;

use super::{Told, block as blocks, first, holds, text, time};
use crate::parse::log::event::{Kind, Sink};
use crate::parse::log::feedback::complaint;

pub(crate) fn is(head: &[u8]) -> bool {
    holds(head, &["\"msys\""]) || holds(head, &["\"rcpt_to\"", "\"message_id\"", "\"type\""])
}

pub(crate) fn block(text: &[u8], first: u32, sink: &mut dyn Sink) -> u32 {
    blocks(text, first, sink, "results", read)
}

fn read(value: &Value, line: u32, shown: &[u8], sink: &mut dyn Sink) -> bool {
    // `{"msys": {"message_event": {...}}}`: the class of the event names the object.
    let wrapped = value.get("msys").and_then(Value::as_object);
    if wrapped.is_some_and(serde_json::Map::is_empty) {
        // The empty batch that tests a webhook.
        return true;
    }
    let value = wrapped.and_then(|all| all.values().next()).unwrap_or(value);
    let kind = match text(value, "type").as_str() {
        "" => return false,
        "injection" => Kind::Received,
        "delivery" => Kind::Delivered,
        "delay" => Kind::Deferred,
        "bounce" | "out_of_band" => Kind::Bounced,
        "policy_rejection" | "generation_failure" | "generation_rejection" => Kind::Rejected,
        "spam_complaint" => complaint(&text(value, "fbtype")),
        "list_unsubscribe" | "link_unsubscribe" => Kind::OptedOut,
        _ => Kind::Note,
    };
    let id = first(value, &["message_id", "transmission_id"]);
    let told = Told {
        sender: first(value, &["msg_from", "friendly_from"]),
        recipient: text(value, "rcpt_to"),
        said: first(value, &["raw_reason", "reason"]),
        ip: text(value, "ip_address"),
        source: text(value, "sending_ip"),
        size: text(value, "msg_size").parse().unwrap_or(0),
        ..Told::new("sparkpost", kind, time(value, "timestamp"), id)
    };
    told.push(line, shown, sink)
}
