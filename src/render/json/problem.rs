//! Findings in short, for programs; shared by the commands of one question.

use serde::Serialize;

use crate::judge::finding::{CheckResult, Finding};

/// A finding in short, for commands of one question.
#[derive(Serialize)]
pub(crate) struct ProblemV1 {
    code: &'static str,
    severity: &'static str,
    subject: String,
    summary: String,
    fix: String,
    fingerprint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

/// Findings in short, worst first.
pub(crate) fn problems<'r>(results: &'r [CheckResult], wanted: impl Fn(&Finding) -> bool) -> Vec<ProblemV1> {
    let mut found: Vec<(&'r CheckResult, &'r Finding)> = results
        .iter()
        .flat_map(|result| result.findings().iter().map(move |one| (result, one)))
        .filter(|(_, finding)| wanted(finding))
        .collect();
    found.sort_by_key(|(_, finding)| std::cmp::Reverse(finding.severity));
    found.into_iter().map(|(result, finding)| problem(result, finding)).collect()
}

/// One finding in short.
pub(crate) fn problem(result: &CheckResult, finding: &Finding) -> ProblemV1 {
    ProblemV1 {
        code: result.check.code,
        severity: finding.severity.name(),
        subject: finding.problem.subject.to_string(),
        summary: finding.problem.summary.clone(),
        fix: finding.problem.fix.clone().unwrap_or_else(|| result.check.fix.to_owned()),
        fingerprint: finding.fingerprint.clone(),
        remedy: finding.remedy.clone(),
    }
}
