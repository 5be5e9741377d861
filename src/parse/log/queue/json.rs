//! `postqueue -j`: one object a message and line.

use serde_json::Value;

use super::super::event::{Event, Kind, NO_TIME, Sink};
use super::super::stamp;
use super::Entry;

pub(super) fn looks_like(line: &[u8]) -> bool {
    let has = |word: &[u8]| memchr::memmem::find(line, word).is_some();
    line.first() == Some(&b'{') && has(b"\"queue_id\"") && has(b"\"queue_name\"")
}

/// False where the object is cut or another's.
pub(super) fn line(text: &[u8], number: u32, sink: &mut dyn Sink) -> bool {
    let Ok(value) = serde_json::from_slice::<Value>(text) else { return false };
    let string = |value: &Value, key: &str| -> Vec<u8> {
        value.get(key).and_then(Value::as_str).unwrap_or_default().as_bytes().to_vec()
    };
    let id = string(&value, "queue_id");
    if id.is_empty() {
        return false;
    }
    let arrived = value.get("arrival_time").and_then(Value::as_i64).filter(|s| (0..1 << 36).contains(s));
    let mut entry = Entry {
        head: text.to_vec(),
        id,
        sender: match string(&value, "sender") {
            sender if sender.is_empty() || sender == b"MAILER-DAEMON" => b"<>".to_vec(),
            sender => sender,
        },
        at: arrived.map_or(NO_TIME, |seconds| seconds * stamp::SECOND),
        size: value.get("message_size").and_then(Value::as_u64).unwrap_or(0),
        agent: "postfix",
        held: value.get("queue_name").and_then(Value::as_str) == Some("hold"),
        ..Entry::default()
    };
    sink.push(&Event { kind: Kind::Queued, ..entry.event(number) });
    let recipients = value.get("recipients").and_then(Value::as_array);
    for recipient in recipients.map(Vec::as_slice).unwrap_or_default() {
        entry.reason = string(recipient, "delay_reason");
        entry.waits(&string(recipient, "address"), number, sink);
    }
    true
}
