//! GitLab's code quality report.
//! <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>

use serde_json::{Value, json};

use super::words;
use crate::judge::zone::{State, ZoneReport};
use crate::model::Severity;
use crate::model::untrusted::{Width, plain};

/// A list of issues. GitLab itself compares them with those of the target branch.
pub(crate) fn gitlab(report: &ZoneReport) -> Value {
    let issue = |row: &&crate::judge::zone::Row| row.ignored.is_none() && row.state != Some(State::Same);
    let rows: Vec<_> = report.rows().collect();
    rows.iter()
        .filter(|row| issue(row))
        .map(|row| {
            json!({
                "description": plain(&format!("{} Fix: {}", words(row), row.fix()), Width::Block),
                "check_name": row.check.code,
                "fingerprint": row.finding.fingerprint,
                "severity": severity(row.finding.severity),
                "location": { "path": row.location.file, "lines": { "begin": row.location.line.max(1) } },
            })
        })
        .collect()
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Low => "minor",
        Severity::Medium => "major",
        Severity::High => "critical",
        Severity::Critical => "blocker",
    }
}
