//! `mailvet/suppress/1`: the addresses to stop.

use serde::Serialize;

use crate::model::redaction::shown;
use crate::parse::log::stamp::timestamp;
use crate::render::suppress::{Report, notes};
use crate::triage::suppress::{Entry, Spared};

#[derive(Serialize)]
struct SuppressV1 {
    schema: &'static str,
    /// The rule for soft bounces.
    soft_rule: SoftRuleV1,
    stop: Vec<EntryV1>,
    /// Looks like an address to stop, and is not stopped.
    spared: Vec<SparedV1>,
    soft_below_rule: u64,
    complaints_without_recipient: u64,
    /// Signs of addresses beyond those that are kept: above 0 the list is cut.
    not_kept: u64,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct SoftRuleV1 {
    times: u16,
    days: u16,
}

#[derive(Serialize)]
struct EntryV1 {
    address: String,
    reason: &'static str,
    permanent: bool,
    cause: &'static str,
    first: Option<String>,
    last: Option<String>,
    signs: u64,
    file: String,
    line: u32,
    words: String,
}

#[derive(Serialize)]
struct SparedV1 {
    address: String,
    cause: &'static str,
    why: String,
    file: String,
    line: u32,
    words: String,
}

pub(crate) fn text(report: &Report<'_>) -> String {
    let mask = |text: &str| shown(text, report.redact).into_owned();
    let at = |millis: Option<i64>| millis.and_then(timestamp).map(|at| at.to_string());
    let entry = |entry: &Entry| EntryV1 {
        address: mask(&entry.address),
        reason: entry.reason.name(),
        permanent: entry.reason.is_permanent(),
        cause: entry.cause.name(),
        first: at(entry.first),
        last: at(entry.last),
        signs: entry.signs,
        file: entry.place.file.clone(),
        line: entry.place.line,
        words: mask(&entry.words),
    };
    let spared = |spared: &Spared| SparedV1 {
        address: mask(&spared.address),
        cause: spared.cause.name(),
        why: spared.why.clone(),
        file: spared.place.file.clone(),
        line: spared.place.line,
        words: mask(&spared.words),
    };
    super::text(&SuppressV1 {
        schema: "mailvet/suppress/1",
        soft_rule: SoftRuleV1 { times: report.rule.times, days: report.rule.days },
        stop: report.list.stopped.iter().map(entry).collect(),
        spared: report.list.spared.iter().map(spared).collect(),
        soft_below_rule: report.list.below_the_rule,
        complaints_without_recipient: report.list.nameless_complaints,
        not_kept: report.list.not_kept,
        notes: notes(report).iter().map(|note| mask(note)).collect(),
    })
}
