//! Many reports as one file for the programs that read reports: each domain gives a fragment, so
//! that the file is written as the run goes. A finding without a line of its own stands at the
//! domain's line of the list.

use serde_json::{Value, json};

use super::report::{github, junit, markdown, sarif, score_line, subject};
use super::zone::gitlab;
use crate::judge::catalog;
use crate::judge::finding::{CheckResult, Finding, fingerprint};
use crate::judge::report::Report;
use crate::model::untrusted::{Width, plain};
use crate::model::{Location, Severity};

/// Formats of many reports that frame their parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ManyFormat {
    /// Annotations of a pull request.
    Github,
    /// One run of one log: code scanning takes no more than a few runs in a file.
    Sarif,
    /// A suite a domain and area.
    Junit,
    /// Code quality.
    Gitlab,
    /// A section a domain.
    Markdown,
}

impl ManyFormat {
    /// What stands before the first domain.
    pub(crate) fn head(self) -> String {
        match self {
            ManyFormat::Github => String::new(),
            ManyFormat::Sarif => {
                let schema = "https://json.schemastore.org/sarif-2.1.0.json";
                format!("{{\"$schema\":\"{schema}\",\"version\":\"2.1.0\",\"runs\":[{{\"results\":[\n")
            }
            ManyFormat::Junit => {
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"mailvet\">\n".to_owned()
            }
            ManyFormat::Gitlab => "[\n".to_owned(),
            ManyFormat::Markdown => String::new(),
        }
    }

    /// What stands between two parts that are not empty.
    pub(crate) fn between(self) -> &'static str {
        match self {
            ManyFormat::Github | ManyFormat::Junit => "",
            ManyFormat::Sarif | ManyFormat::Gitlab => ",\n",
            ManyFormat::Markdown => "\n",
        }
    }

    /// What stands after the last domain; `codes` are those of all findings, `unknown` what was not
    /// judged.
    pub(crate) fn foot(self, codes: &std::collections::BTreeSet<&'static str>, unknown: &[String]) -> String {
        match self {
            ManyFormat::Github | ManyFormat::Markdown => String::new(),
            ManyFormat::Sarif => {
                let rules: Vec<Value> =
                    codes.iter().filter_map(|code| catalog::find(code)).map(sarif::rule_of).collect();
                let notes: Vec<Value> = unknown
                    .iter()
                    .map(|text| json!({ "level": "note", "message": { "text": text } }))
                    .collect();
                let driver = sarif::driver(&rules);
                format!(
                    "\n],\"tool\":{{\"driver\":{driver}}},\"automationDetails\":{{\"id\":\"mailvet/portfolio/\"}},\
                     \"columnKind\":\"unicodeCodePoints\",\"invocations\":[{{\"executionSuccessful\":true,\
                     \"toolExecutionNotifications\":{}}}]}}]}}\n",
                    Value::from(notes)
                )
            }
            ManyFormat::Junit => "</testsuites>\n".to_owned(),
            ManyFormat::Gitlab => "\n]\n".to_owned(),
        }
    }

    /// One domain's part; empty where it has none. `place` is its line of the list.
    pub(crate) fn part(
        self,
        report: &Report,
        error: Option<&str>,
        place: &Location,
        fail_on: Option<Severity>,
    ) -> String {
        match self {
            ManyFormat::Github => github::placed(report, Some(place), fail_on, error),
            ManyFormat::Sarif => joined(sarif::results(report, Some(place), false)),
            ManyFormat::Gitlab => {
                if let Some(error) = error {
                    let text = format!("{} was not judged: {error}", subject(report));
                    return not_judged(report, &text, place).to_string();
                }
                joined(issues(report, place))
            }
            ManyFormat::Junit => junit::suites(report, fail_on, error),
            ManyFormat::Markdown => match error {
                Some(error) => format!(
                    "## mailvet: {}: not judged: {}\n",
                    super::escape::markdown(&subject(report)),
                    super::escape::markdown(error)
                ),
                None => markdown::markdown(report),
            },
        }
    }
}

fn joined(values: Vec<Value>) -> String {
    values.iter().map(Value::to_string).collect::<Vec<_>>().join(",\n")
}

/// The issues of a report that was judged, be it in part.
fn issues(report: &Report, place: &Location) -> Vec<Value> {
    let located = |finding: &Finding| finding.problem.location.clone().unwrap_or_else(|| place.clone());
    let found = report.findings().into_iter();
    let mut all: Vec<Value> =
        found.map(|(result, finding)| issue(result, finding, &located(finding))).collect();
    // The format has no word for what is set aside: the least of its severities, and why.
    all.extend(report.ignored().into_iter().map(|(result, one)| {
        let mut value = issue(result, &one.finding, &located(&one.finding));
        let text = format!("ignored, {}: {}", one.why(), one.finding.problem.summary);
        value["description"] = json!(plain(&text, Width::Block));
        value["severity"] = json!("info");
        value
    }));
    // A file without issues is a merge request without faults.
    if report.says_too_little() {
        let text = format!("too little was answered to judge {}: {}", subject(report), score_line(report));
        all.push(not_judged(report, &text, place));
    }
    all
}

/// The format has no word for what is unknown.
fn not_judged(report: &Report, text: &str, place: &Location) -> Value {
    json!({
        "description": plain(text, Width::Block),
        "check_name": "not-judged",
        "fingerprint": fingerprint("not-judged", &subject(report)),
        "severity": gitlab::severity(Severity::High),
        "location": { "path": place.file, "lines": { "begin": place.line.max(1) } },
    })
}

fn issue(result: &CheckResult, finding: &Finding, place: &Location) -> Value {
    let problem = &finding.problem;
    let fix = problem.fix.as_deref().unwrap_or(result.check.fix);
    json!({
        "description": plain(&format!("{} Fix: {fix}", problem.summary), Width::Block),
        "check_name": result.check.code,
        "fingerprint": finding.fingerprint,
        "severity": gitlab::severity(finding.severity),
        "location": { "path": place.file, "lines": { "begin": place.line.max(1) } },
    })
}
