//! A line of `portfolio`: the very object of `audit`, on one line.

use super::result_line::ResultLine;
use super::v1::{self, AUDIT};
use crate::judge::report::Report;
use crate::model::untrusted;
use crate::model::untrusted::Width;

/// What a line needs at most times.
const LINE_BYTES: usize = 150 << 10;

/// How every line begins. A line cut off by a kill is known by it.
pub(crate) fn head() -> String {
    format!("{{\"schema\":\"{AUDIT}\",")
}

/// The report on one line, without the line's end. Of a domain that could not be judged
/// the report is empty and `error` is the reason.
pub(crate) fn line(report: &Report, error: Option<&str>) -> String {
    let mut object = v1::audit_with(report, ResultLine::of);
    object.error = error.map(|error| untrusted::plain(error, Width::Record));
    let mut line = Vec::with_capacity(LINE_BYTES);
    // Writing to memory fails only where a map has keys that are no strings: none here.
    let _ = serde_json::to_writer(&mut line, &object);
    String::from_utf8(line).unwrap_or_default()
}
