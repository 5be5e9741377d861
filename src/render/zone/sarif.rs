//! SARIF 2.1.0 as code scanning takes it: every result has a file and a line, rules only where
//! they have results, and what became of each since the earlier state.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::words;
use crate::judge::report::rfc3339;
use crate::judge::zone::{Row, State, ZoneReport};
use crate::render::report::sarif::{driver, escaped, level, rule_of, uri};

/// One run. The category keeps it apart from the reports on messages and senders.
pub(crate) fn sarif(report: &ZoneReport) -> Value {
    let rows: Vec<&Row> = report.rows().collect();
    let fixed = report.change.iter().flat_map(|change| &change.fixed);
    let all: Vec<&Row> = rows.into_iter().chain(fixed).collect();
    let mut rules: BTreeMap<&str, &'static crate::check::Check> = BTreeMap::new();
    for row in &all {
        rules.insert(row.check.code, row.check);
    }
    let index: Vec<&str> = rules.keys().copied().collect();
    // Two files of one zone find the same twice.
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut results: Vec<Value> = Vec::with_capacity(all.len());
    for row in &all {
        let mut value = result(row, &index);
        let count = seen.entry(&row.finding.fingerprint).or_default();
        *count += usize::from(row.state != Some(State::Fixed));
        if *count > 1 && row.state != Some(State::Fixed) {
            value["partialFingerprints"]["mailvet/1"] = json!(format!("{}:{count}", row.finding.fingerprint));
        }
        results.push(value);
    }
    let unknown: Vec<Value> = report
        .zones
        .iter()
        .flat_map(|zone| zone.failures())
        .map(|(name, code, why)| {
            json!({ "level": "note", "message": { "text": escaped(&format!("{name}: {code} is unknown: {why}")) } })
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver(&rules.values().map(|check| rule_of(check)).collect::<Vec<_>>()) },
            "automationDetails": { "id": "mailvet/zone/" },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": true,
                "endTimeUtc": rfc3339(report.taken_at),
                "toolExecutionNotifications": unknown,
            }],
            "results": results,
        }],
    })
}

fn result(row: &Row, rules: &[&str]) -> Value {
    let mut value = json!({
        "ruleId": row.check.code,
        "ruleIndex": rules.iter().position(|code| *code == row.check.code),
        "level": level(row.finding.severity),
        "message": { "text": escaped(&format!("{}\nFix: {}", words(row), row.fix())) },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(&row.location.file) },
                "region": { "startLine": row.location.line.max(1) },
            },
            "logicalLocations": [{ "fullyQualifiedName": row.finding.problem.subject.to_string() }],
        }],
        "partialFingerprints": { "mailvet/1": row.finding.fingerprint },
        "properties": {
            "severity": row.finding.severity.name(),
            "confidence": row.finding.problem.confidence.name(),
        },
    });
    let state = match row.state {
        Some(State::New) => Some("new"),
        Some(State::Worse) => Some("updated"),
        Some(State::Same | State::Hidden) => Some("unchanged"),
        Some(State::Fixed) => Some("absent"),
        None => None,
    };
    if let Some(state) = state {
        value["baselineState"] = json!(state);
    }
    if let Some(reason) = &row.ignored {
        value["suppressions"] = json!([{ "kind": "external", "justification": reason }]);
    }
    value
}
