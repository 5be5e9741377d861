//! journald's JSON export (`journalctl -o json`), the JSON files of Docker's log
//! driver and the JSON of rsyslog, syslog-ng and shippers: unwrapped to syslog heads.

use serde_json::Value;

use super::event::{Millis, NO_TIME};
use super::syslog::{Head, Syslog, tagged};
use super::{exim, stamp};

/// Whether a line is such a record: for detection.
pub(crate) fn looks_like(line: &[u8]) -> bool {
    let has = |key: &[u8]| memchr::memmem::find(line, key).is_some();
    let shipped = || has(b"\"message\":") || has(b"\"msg\":");
    let tagged = || PROGRAM.iter().any(|key| has(format!("\"{key}\":").as_bytes()));
    line.first() == Some(&b'{')
        && (has(b"\"MESSAGE\"") && has(b"_TIMESTAMP\"") || is_docker(line) || shipped() && tagged())
}

/// How shippers call the fields of a syslog line.
const PROGRAM: &[&str] =
    &["program", "programname", "ident", "syslogtag", "appname", "app-name", "PROGRAM", "process.name"];
const TIME: &[&str] =
    &["timestamp", "@timestamp", "time", "timereported", "timegenerated", "datetime", "date", "DATE"];

fn is_docker(line: &[u8]) -> bool {
    let has = |key: &[u8]| memchr::memmem::find(line, key).is_some();
    line.starts_with(b"{\"log\":") && has(b"\"stream\":") && has(b"\"time\":")
}

/// Stamp, machine, program and message of one record.
pub(crate) struct Record {
    pub at: Millis,
    pub host: Vec<u8>,
    pub program: Vec<u8>,
    pub message: Vec<u8>,
}

impl Record {
    /// As if syslog had written it.
    pub(crate) fn head(&self) -> Head<'_> {
        Head { at: self.at, host: &self.host, program: &self.program, body: &self.message }
    }
}

/// `None` where the line is no record.
pub(crate) fn record(line: &[u8]) -> Option<Record> {
    let value: Value = serde_json::from_slice(line).ok()?;
    if is_docker(line) {
        return docker(&value);
    }
    let text = |key: &str| match value.get(key) {
        Some(Value::String(text)) => text.clone().into_bytes(),
        // Not UTF-8: an array of bytes.
        Some(Value::Array(bytes)) => bytes.iter().filter_map(|b| u8::try_from(b.as_u64()?).ok()).collect(),
        _ => Vec::new(),
    };
    if value.get("MESSAGE").is_none()
        && let Some(message) = ["message", "msg"].iter().find_map(|key| value.get(*key)?.as_str())
    {
        return Some(shipped(&value, message));
    }
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

/// `{"log":"Nov 23 10:00:01 mx postfix/smtp[1]: ...\n","stream":"stdout","time":"..."}`;
/// the line may lack its own stamp.
fn docker(value: &Value) -> Option<Record> {
    let line = value.get("log")?.as_str()?.trim_end().as_bytes();
    let at = value.get("time").and_then(Value::as_str).and_then(|time| stamp::iso(time.as_bytes()));
    let at = at.map_or(NO_TIME, |(at, _)| at);
    let year = if at == NO_TIME { 1970 } else { stamp::year_of(at) };
    let record = |at, host: &[u8], program: &[u8], message: &[u8]| Record {
        at,
        host: host.to_vec(),
        program: program.to_vec(),
        message: message.to_vec(),
    };
    if exim::is_own(line) {
        let body = exim::without_stamp(line);
        let at = stamp::iso(line).map_or(at, |(own, _)| own);
        return Some(record(at, b"", b"exim", body));
    }
    Some(match Syslog::new(year).head(line) {
        Some(head) if head.at != NO_TIME => record(head.at, head.host, head.program, head.body),
        Some(head) => record(at, head.host, head.program, head.body),
        None => {
            let (program, message) = tagged(line);
            record(at, b"", program, message)
        }
    })
}

/// `{"timestamp":"...","host":"mx","program":"postfix/smtp","message":"..."}`.
fn shipped(value: &Value, message: &str) -> Record {
    let text = |keys: &[&str]| {
        keys.iter().find_map(|key| value.get(*key)?.as_str()).unwrap_or_default().as_bytes().to_vec()
    };
    let at = stamp::iso(&text(TIME)).map_or(NO_TIME, |(at, _)| at);
    let mut program = text(PROGRAM);
    // `postfix/smtp[12]:`, as rsyslog has the tag.
    if let Some(end) = program.iter().position(|b| matches!(b, b'[' | b':')) {
        program.truncate(end);
    }
    let message = message.trim_ascii_start().as_bytes().to_vec();
    Record { at, host: text(&["host", "hostname", "HOST", "fromhost", "source"]), program, message }
}
