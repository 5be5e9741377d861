//! A line of `portfolio`: the very object of `audit`, on one line.

use super::result_line::ResultLine;
use super::v1::{self, AUDIT};
use crate::model::untrusted;
use crate::report::Report;

/// What a line needs at most times.
const LINE_BYTES: usize = 150 << 10;

/// How every line begins. A line cut off by a kill is known by it.
pub fn head() -> String {
    format!("{{\"schema\":\"{AUDIT}\",")
}

/// The report as one line.
pub fn line(report: &Report) -> String {
    written(report, None)
}

/// A domain that could not be judged, with the reason: an empty report that says so.
pub fn failed(report: &Report, error: &str) -> String {
    written(report, Some(untrusted::plain(error, 400)))
}

fn written(report: &Report, error: Option<String>) -> String {
    let mut object = v1::audit_with(report, ResultLine::of);
    object.error = error;
    let mut line = Vec::with_capacity(LINE_BYTES);
    // Writing to memory fails only where a map has keys that are no strings: none here.
    let _ = serde_json::to_writer(&mut line, &object);
    line.push(b'\n');
    String::from_utf8(line).unwrap_or_default()
}
