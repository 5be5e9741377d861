//! The report on zone files in each format. Each takes the finished report and returns text.
//! What the files say is hostile: it forges no line, command or link in any of them.

pub(crate) mod github;
pub(crate) mod gitlab;
pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod markdown;
pub(crate) mod sarif;
pub(crate) mod terminal;

use std::collections::{BTreeMap, BTreeSet};

use crate::judge::zone::{Row, State, ZoneReport};
use crate::model::Severity;

/// One line that says how it stands.
fn verdict(report: &ZoneReport, fail_on: Option<Severity>) -> String {
    let count = |state: State| report.rows().filter(|row| row.state == Some(state)).count();
    let names: usize = report.zones.iter().map(|zone| zone.names.len()).sum();
    let unknown: usize = report.zones.iter().map(|zone| zone.failures().len()).sum();
    let failing = report.rows().filter(|row| row.counts() && fails(row, fail_on)).count();
    let many = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let mut text = format!("{}, {}: ", many(report.zones.len(), "zone"), many(names, "name"));
    match &report.change {
        Some(change) => text.push_str(&format!(
            "{} new, {} worse, {} fixed, {} as before, {} can no longer be told",
            count(State::New),
            count(State::Worse),
            change.fixed.len(),
            count(State::Same),
            change.hidden.len()
        )),
        None => text.push_str(&many(report.rows().filter(|row| row.counts()).count(), "finding")),
    }
    text.push_str(&format!(", {failing} fail{} the run", if failing == 1 { "s" } else { "" }));
    let ignored = ignored(report).len();
    if ignored > 0 {
        text.push_str(&format!(", {ignored} ignored"));
    }
    if unknown > 0 {
        text.push_str(&format!(", {} unknown because a question failed", many(unknown, "check")));
    }
    text
}

/// What the user set aside, a line each, with the reason: never lost, in no format.
fn ignored(report: &ZoneReport) -> Vec<String> {
    let aside = report.rows().filter_map(|row| Some((row, row.ignored.as_deref()?)));
    aside
        .map(|(row, why)| {
            let at = &row.location;
            format!("{}:{}: {}: {} ({why})", at.file, at.line, row.check.code, words(row))
        })
        .collect()
}

/// A line for each reason why checks stayed unknown, with the names and checks it kept.
fn unknown(report: &ZoneReport) -> Vec<String> {
    let mut by_reason: BTreeMap<String, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for zone in &report.zones {
        for (name, code, why) in zone.failures() {
            let entry = by_reason.entry(why).or_default();
            entry.0.insert(name.as_str());
            entry.1.insert(code);
        }
    }
    let few = |set: &BTreeSet<&str>| {
        let shown: Vec<&str> = set.iter().take(5).copied().collect();
        let more = if set.len() > 5 { format!(" and {} more", set.len() - 5) } else { String::new() };
        format!("{}{more}", shown.join(", "))
    };
    let line = |(why, (names, codes)): (String, (BTreeSet<&str>, BTreeSet<&str>))| {
        let verb = if codes.len() == 1 { "is" } else { "are" };
        format!("{} {verb} unknown for {}: {why}", few(&codes), few(&names))
    };
    by_reason.into_iter().map(line).collect()
}

fn fails(row: &Row, fail_on: Option<Severity>) -> bool {
    fail_on.is_some_and(|least| row.finding.severity >= least)
}

/// The finding in words: what was seen, what it explains.
fn words(row: &Row) -> String {
    let mut text = row.finding.problem.summary.clone();
    for explained in &row.explains {
        text.push_str("; so ");
        text.push_str(explained);
    }
    text
}
