//! Annotations of a pull request. GitHub shows ten of each level a step, so what is new or
//! worse comes first and the rest is counted.

use std::collections::BTreeMap;

use super::{fails, ignored, unknown, verdict, words};
use crate::judge::zone::{Row, State, ZoneReport};
use crate::model::Severity;
use crate::model::untrusted::{Width, plain};
use crate::render::report::github::{message, property};

/// Annotations of one level that are shown.
const SHOWN: usize = 10;

/// A command a finding, then how it stands.
pub(crate) fn github(report: &ZoneReport, fail_on: Option<Severity>) -> String {
    let mut out = String::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let (same, told): (Vec<&Row>, Vec<&Row>) =
        report.shown().into_iter().partition(|row| row.state == Some(State::Same));
    for row in told {
        let level = level(row, fail_on);
        let count = counts.entry(level).or_default();
        *count += 1;
        if *count <= SHOWN {
            out.push_str(&command(level, row));
        }
    }
    for (level, count) in counts.into_iter().filter(|(_, count)| *count > SHOWN) {
        let text =
            format!("{} more of level {level} are not shown here; see the whole report", count - SHOWN);
        out.push_str(&format!("::notice title=mailvet::{}\n", message(&text)));
    }
    if !same.is_empty() {
        let text = format!("{} findings were there before the change and are as they were", same.len());
        out.push_str(&format!("::notice title=mailvet::{}\n", message(&text)));
    }
    let aside = ignored(report);
    if !aside.is_empty() {
        let text = format!("{} ignored: {}", aside.len(), aside.join("; "));
        out.push_str(&format!("::notice title=mailvet::{}\n", message(&plain(&text, Width::Block))));
    }
    let open = unknown(report);
    for text in open.iter().take(SHOWN) {
        out.push_str(&format!("::notice title=mailvet::{}\n", message(text)));
    }
    if open.len() > SHOWN {
        let text = format!("{} more of what was not judged are not shown here", open.len() - SHOWN);
        out.push_str(&format!("::notice title=mailvet::{}\n", message(&text)));
    }
    out.push_str(&format!(
        "::notice title=mailvet::{}\n",
        message(&format!("mailvet: {}", verdict(report, fail_on)))
    ));
    out
}

fn level(row: &Row, fail_on: Option<Severity>) -> &'static str {
    match row.finding.severity {
        _ if fails(row, fail_on) => "error",
        Severity::Info => "notice",
        _ => "warning",
    }
}

fn command(level: &str, row: &Row) -> String {
    let state = row.state.map(|state| format!(", {}", state.name())).unwrap_or_default();
    let title = format!("{} ({}{state})", row.check.code, row.finding.severity.name());
    let text = format!("{}\nFix: {}", words(row), row.fix());
    format!(
        "::{level} file={},line={},title={}::{}\n",
        property(&row.location.file),
        row.location.line.max(1),
        property(&title),
        message(&text)
    )
}
