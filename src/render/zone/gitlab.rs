//! GitLab's code quality report.
//! <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>

use serde_json::{Value, json};

use super::words;
use crate::judge::zone::{Row, State, ZoneReport};
use crate::model::Severity;
use crate::model::untrusted::{Width, plain};

/// A list of issues. GitLab itself compares them with those of the target branch.
pub(crate) fn gitlab(report: &ZoneReport) -> Value {
    let issue = |row: &&Row| row.state != Some(State::Same);
    // The format has no word for an issue that is set aside: the least of its severities, and the reason.
    let description = |row: &Row| match &row.ignored {
        Some(why) => format!("ignored, {why}: {}", words(row)),
        None => format!("{} Fix: {}", words(row), row.fix()),
    };
    let rows: Vec<_> = report.rows().collect();
    rows.iter()
        .filter(|row| issue(row))
        .map(|row| {
            json!({
                "description": plain(&description(row), Width::Block),
                "check_name": row.check.code,
                "fingerprint": row.finding.fingerprint,
                "severity": severity_of(row),
                "location": { "path": row.location.file, "lines": { "begin": row.location.line.max(1) } },
            })
        })
        .collect()
}

fn severity_of(row: &Row) -> &'static str {
    match row.ignored.is_some() {
        true => "info",
        false => severity(row.finding.severity),
    }
}

/// GitLab's word.
pub(crate) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Low => "minor",
        Severity::Medium => "major",
        Severity::High => "critical",
        Severity::Critical => "blocker",
    }
}
