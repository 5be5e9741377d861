//! KumoMTA's log records: a JSON object a line. Source: KumoMTA's reference "Log Record".

use serde_json::Value;

use super::esp::{first, text, time, unbracketed};
use super::event::{Event, Kind, Sink};
use super::feedback::complaint;

const TYPES: [&str; 11] = [
    "Reception",
    "Delivery",
    "Bounce",
    "TransientFailure",
    "Expiration",
    "AdminBounce",
    "OOB",
    "Feedback",
    "Rejection",
    "AdminRebind",
    "DeferredInjectionRebind",
];

/// Whether the line is such a record: for detection.
pub(crate) fn looks_like(line: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(line, word.as_bytes()).is_some();
    line.first() == Some(&b'{')
        && has("\"queue\":")
        && has("\"recipient\":")
        && (has("\"egress_pool\":")
            || has("\"bounce_classification\":")
            || has("\"site\":")
            || has("\"nodeid\":"))
        && TYPES
            .iter()
            .any(|name| has(&format!("\"type\":\"{name}\"")) || has(&format!("\"type\": \"{name}\"")))
}

pub(crate) fn line(line: &[u8], number: u32, sink: &mut dyn Sink) -> bool {
    if line.trim_ascii().is_empty() {
        return true;
    }
    let Ok(value) = serde_json::from_slice::<Value>(line) else { return false };
    let kind = match text(&value, "type").as_str() {
        "" => return false,
        "Reception" => Kind::Received,
        "Delivery" => Kind::Delivered,
        "TransientFailure" => Kind::Deferred,
        "Bounce" | "OOB" => Kind::Bounced,
        // Failed by an administrator's request, not by a receiver.
        "AdminBounce" => Kind::Deleted,
        "Expiration" => Kind::Expired,
        "Rejection" => Kind::Rejected,
        "Feedback" => complaint(&text(value.get("feedback_report").unwrap_or(&Value::Null), "feedback_type")),
        _ => Kind::Note,
    };
    let null = Value::Null;
    let part = |key: &str| value.get(key).unwrap_or(&null);
    let (id, sender) = (text(&value, "id"), text(&value, "sender"));
    let (enhanced, reply) = response(part("response"));
    let peer = part("peer_address");
    let (host, ip) = (text(peer, "name"), text(peer, "addr"));
    let source = text(part("source_address"), "address");
    let source = source.rsplit_once(':').map_or(source.as_str(), |(ip, _)| ip);
    let headers = part("headers");
    let message_id = first(headers, &["Message-ID", "Message-Id", "message-id"]);
    let host = host.trim_end_matches('.');
    let event = Event {
        kind,
        at: time(&value, "timestamp"),
        line: number,
        text: line,
        id: id.as_bytes(),
        message_id: unbracketed(&message_id).as_bytes(),
        sender: if sender.is_empty() && kind == Kind::Received { b"<>" } else { sender.as_bytes() },
        reply: reply.as_bytes(),
        enhanced: enhanced.as_bytes(),
        // A record without a peer names no host that took anything.
        host: if host.is_empty() { b"none" } else { host.as_bytes() },
        ip: ip.as_bytes(),
        source: source.as_bytes(),
        agent: b"kumomta",
        size: text(&value, "size").parse().unwrap_or(0),
        ..Event::default()
    };
    if kind == Kind::Received {
        sink.push(&event);
    }
    let addressed = if kind == Kind::Received { Kind::Addressed } else { kind };
    for recipient in recipients(part("recipient")) {
        sink.push(&Event { kind: addressed, recipient: recipient.as_bytes(), ..event });
    }
    true
}

/// One address, or a list of them.
fn recipients(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        one => vec![one.as_str().unwrap_or_default()],
    }
}

/// The enhanced code, and the reply as the peer gave it.
fn response(value: &Value) -> (String, String) {
    let number =
        |key: &str| value.get("enhanced_code").and_then(|code| code.get(key)).and_then(Value::as_u64);
    let enhanced = match (number("class"), number("subject"), number("detail")) {
        (Some(class), Some(subject), Some(detail)) => format!("{class}.{subject}.{detail}"),
        _ => String::new(),
    };
    let words = [text(value, "code"), enhanced.clone(), text(value, "content")];
    (enhanced, words.iter().filter(|word| !word.is_empty()).cloned().collect::<Vec<_>>().join(" "))
}
