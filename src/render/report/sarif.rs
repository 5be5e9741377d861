//! SARIF 2.1.0 (OASIS), for code scanning: a finding about a zone file or a
//! message points to its line.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};

use crate::check::{Check, Reference};
use crate::judge::finding::{CheckResult, Finding, Outcome, fingerprint};
use crate::judge::report::{Report, rfc3339};
use crate::model::untrusted::{Width, plain};
use crate::model::{Location, Severity};

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

/// One run: the checks that found something as rules, the findings as results, the unknowns as
/// notifications of the tool.
pub(crate) fn sarif(report: &Report) -> Value {
    let mut checks: BTreeMap<&str, &'static Check> = BTreeMap::new();
    let found = report.findings().into_iter().map(|(result, _)| result);
    for result in found.chain(report.ignored().into_iter().map(|(result, _)| result)) {
        checks.insert(result.check.code, result.check);
    }
    let rules: Vec<Value> = checks.values().map(|check| rule_of(check)).collect();
    let unknown: Vec<Value> = report
        .results
        .iter()
        .filter_map(|result| match &result.outcome {
            Outcome::Unknown(gap) => Some(json!({
                "level": "note",
                "message": { "text": escaped(&format!("{} is unknown: {gap}", result.check.code)) },
            })),
            _ => None,
        })
        .collect();
    let subject = report.target.domain.as_ref().map_or("message", |name| name.as_str());
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver(&rules) },
            "automationDetails": { "id": format!("mailvet/audit/{}/", plain(subject, Width::Record)) },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": true,
                "endTimeUtc": rfc3339(report.taken_at),
                "toolExecutionNotifications": unknown,
            }],
            "results": results(report, None, true),
        }],
    })
}

/// The tool. Its `informationUri` is the package's own page; while the project has none, none is
/// told, and each rule names the document it rests on.
pub(crate) fn driver(rules: &[Value]) -> Value {
    let mut driver = json!({
        "name": "mailvet",
        "version": env!("CARGO_PKG_VERSION"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "shortDescription": { "text": "Audits outbound mail. Each rule at length: mailvet explain RULE" },
        "rules": rules,
    });
    let homepage = env!("CARGO_PKG_HOMEPAGE");
    if !homepage.is_empty() {
        driver["informationUri"] = json!(homepage);
    }
    driver
}

/// The findings. One without a line stands at `place`, else where another one of the report does,
/// else at a path that tells the name: code scanning takes no result without a file.
pub(crate) fn results(report: &Report, place: Option<&Location>, with_index: bool) -> Vec<Value> {
    let findings = report.findings();
    let some = findings.iter().find_map(|(_, finding)| finding.problem.location.as_ref());
    let domain = report.target.domain.as_ref().map_or("message", |name| name.as_str());
    let nowhere = Location { file: format!("dns/{}", plain(domain, Width::Record)), line: 1 };
    // Another finding's file, but not its line.
    let file = some.map(|at| Location { file: at.file.clone(), line: 1 });
    let fallback = place.cloned().or(file).unwrap_or(nowhere);
    let mut codes: Vec<&str> = findings.iter().map(|(result, _)| result.check.code).collect();
    codes.extend(report.ignored().iter().map(|(result, _)| result.check.code));
    codes.sort_unstable();
    codes.dedup();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut one = |result: &CheckResult, finding: &Finding| {
        // What many domains share is found at each of them.
        let own = match place {
            Some(_) => fingerprint(result.check.code, &format!("{domain} {}", finding.fingerprint)),
            None => finding.fingerprint.clone(),
        };
        let count = seen.entry(own.clone()).or_default();
        *count += 1;
        let print = if *count > 1 { format!("{own}:{count}") } else { own };
        let mut value = found(result, finding, &fallback, &print);
        if with_index {
            value["ruleIndex"] = json!(codes.iter().position(|code| *code == result.check.code));
        }
        value
    };
    let mut all: Vec<Value> = findings.iter().map(|(result, finding)| one(result, finding)).collect();
    for (result, set_aside) in report.ignored() {
        let mut value = one(result, &set_aside.finding);
        value["suppressions"] = json!([{
            "kind": "external",
            "status": "accepted",
            "justification": set_aside.why(),
        }]);
        all.push(value);
    }
    all
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

fn found(result: &CheckResult, finding: &Finding, fallback: &Location, print: &str) -> Value {
    let problem = &finding.problem;
    let fix = problem.fix.as_deref().unwrap_or(result.check.fix);
    let at = problem.location.as_ref().unwrap_or(fallback);
    json!({
        "ruleId": result.check.code,
        "level": level(finding.severity),
        "message": { "text": escaped(&format!("{}\nFix: {fix}", problem.summary)) },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(&at.file) },
                "region": { "startLine": at.line.max(1) },
            },
            "logicalLocations": [{ "fullyQualifiedName": problem.subject.to_string() }],
        }],
        "partialFingerprints": { "mailvet/1": print },
        "properties": {
            "severity": finding.severity.name(),
            "confidence": problem.confidence.name(),
        },
    })
}

/// Plain text of a message: links and placeholders are written with these (section 3.11).
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in crate::render::escape::terminal(text).chars() {
        match c {
            '[' | ']' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '{' => out.push_str("{{"),
            '}' => out.push_str("}}"),
            _ => out.push(c),
        }
    }
    out
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

#[cfg(test)]
mod tests {
    #[test]
    fn no_link_or_placeholder_is_made_of_a_record() {
        assert_eq!(super::escaped("[a](b) {0}"), "\\[a\\](b) {{0}}");
    }
}
