//! journald's JSON export (`journalctl -o json`): unwrapped to syslog heads.

use serde_json::Value;

use super::event::{Millis, NO_TIME};

/// Whether a line is such a record: for detection.
pub fn looks_like(line: &[u8]) -> bool {
    line.first() == Some(&b'{')
        && memchr::memmem::find(line, b"\"MESSAGE\"").is_some()
        && memchr::memmem::find(line, b"_TIMESTAMP\"").is_some()
}

/// Stamp, machine, program and message of one record.
pub struct Record {
    pub at: Millis,
    pub host: Vec<u8>,
    pub program: Vec<u8>,
    pub message: Vec<u8>,
}

pub fn record(line: &[u8]) -> Option<Record> {
    let value: Value = serde_json::from_slice(line).ok()?;
    let text = |key: &str| match value.get(key) {
        Some(Value::String(text)) => text.clone().into_bytes(),
        // Not UTF-8: an array of bytes.
        Some(Value::Array(bytes)) => bytes.iter().filter_map(|b| u8::try_from(b.as_u64()?).ok()).collect(),
        _ => Vec::new(),
    };
    let micros = ["_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP"]
        .iter()
        .find_map(|key| value.get(*key)?.as_str()?.parse::<i64>().ok());
    let program = match text("SYSLOG_IDENTIFIER") {
        program if program.is_empty() => text("_COMM"),
        program => program,
    };
    Some(Record {
        at: micros.map_or(NO_TIME, |micros| micros / 1000),
        host: text("_HOSTNAME"),
        program,
        message: text("MESSAGE"),
    })
}
