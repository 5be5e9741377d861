//! SARIF 2.1.0 (OASIS), for code scanning: a finding about a zone file or a
//! message points to its line.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};

use crate::check::{Check, Reference};
use crate::judge::finding::{CheckResult, Finding, Outcome};
use crate::judge::report::{Report, rfc3339};
use crate::model::Severity;

/// What may not stand in the path of a URI (RFC 3986 section 3.3).
const NOT_IN_A_PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// One run: the checks judged as rules, the findings as results, the unknowns
/// as notifications of the tool.
pub(crate) fn sarif(report: &Report) -> Value {
    let rules: Vec<Value> = report.results.iter().map(rule).collect();
    let results: Vec<Value> =
        report.findings().into_iter().map(|(result, finding)| found(report, result, finding)).collect();
    let set_aside = report.ignored().into_iter().map(|(result, one)| {
        let mut value = found(report, result, &one.finding);
        let owner = one.owner.as_deref().map(|owner| format!(" ({owner})")).unwrap_or_default();
        let until = one.until.as_deref().map(|day| format!(", until {day}")).unwrap_or_default();
        value["suppressions"] = json!([{
            "kind": "external",
            "status": "accepted",
            "justification": format!("{}{owner}{until}", one.reason),
        }]);
        value
    });
    let results: Vec<Value> = results.into_iter().chain(set_aside).collect();
    let unknown: Vec<Value> = report
        .results
        .iter()
        .filter_map(|result| match &result.outcome {
            Outcome::Unknown(gap) => Some(json!({
                "level": "note",
                "message": { "text": format!("{} is unknown: {gap}", result.check.code) },
                "associatedRule": { "id": result.check.code },
            })),
            _ => None,
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "mailvet",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": "https://www.rfc-editor.org/rfc/rfc5321",
                "rules": rules,
            }},
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

fn rule(result: &CheckResult) -> Value {
    rule_of(result.check)
}

/// A check as a rule.
pub(crate) fn rule_of(check: &Check) -> Value {
    let mut rule = json!({
        "id": check.code,
        "shortDescription": { "text": check.title },
        "fullDescription": { "text": check.why },
        "help": { "text": check.fix },
        "defaultConfiguration": { "level": level(check.severity) },
        "properties": { "area": check.area.name(), "severity": check.severity.name() },
    });
    if let Some(page) = check.references.first().map(Reference::url) {
        rule["helpUri"] = json!(page);
    }
    rule
}

fn found(report: &Report, result: &CheckResult, finding: &Finding) -> Value {
    let problem = &finding.problem;
    let fix = problem.fix.as_deref().unwrap_or(result.check.fix);
    let logical = json!([{ "fullyQualifiedName": problem.subject.to_string() }]);
    let location = match &problem.location {
        Some(location) => json!({
            "physicalLocation": {
                "artifactLocation": { "uri": uri(&location.file) },
                "region": { "startLine": location.line.max(1) },
            },
            "logicalLocations": logical,
        }),
        None => json!({ "logicalLocations": logical }),
    };
    let rule = report.results.iter().position(|other| other.check.code == result.check.code);
    json!({
        "ruleId": result.check.code,
        "ruleIndex": rule,
        "level": level(finding.severity),
        "message": { "text": format!("{}\nFix: {fix}", problem.summary) },
        "locations": [location],
        "partialFingerprints": { "mailvet/1": finding.fingerprint },
        "properties": {
            "severity": finding.severity.name(),
            "confidence": problem.confidence.name(),
        },
    })
}

pub(crate) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium | Severity::Low => "warning",
        Severity::Info => "note",
    }
}

pub(crate) fn uri(file: &str) -> String {
    utf8_percent_encode(file.strip_prefix("./").unwrap_or(file), NOT_IN_A_PATH).to_string()
}
