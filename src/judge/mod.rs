//! Runs the selected checks over the facts and settles severity and ignores, in one place.

pub mod catalog;
pub mod finding;
pub mod forecast;
pub mod report;
pub mod score;
pub mod zone;

use crate::check::{Check, Problem, Verdict};
use crate::facts::Facts;
use crate::judge::finding::{CheckResult, Finding, IgnoredFinding, Outcome, fingerprint};
use crate::policy::Policy;

/// Judges every selected check, area by area, code by code.
pub fn judge(facts: &Facts, policy: &Policy) -> Vec<CheckResult> {
    catalog::all()
        .filter(|check| policy.selected.is_empty() || policy.selected.contains(check.code))
        .map(|check| judge_one(check, facts, policy))
        .collect()
}

/// Judges one check.
pub fn judge_one(check: &'static Check, facts: &Facts, policy: &Policy) -> CheckResult {
    let outcome = match (check.run)(facts, policy) {
        Err(gap) => Outcome::Unknown(gap),
        Ok(Verdict::Pass) => Outcome::Pass,
        Ok(Verdict::NotApplicable(why)) => Outcome::NotApplicable(why),
        Ok(Verdict::Fail(problems)) => settle(check, problems, facts, policy),
    };
    CheckResult { check, outcome }
}

fn settle(check: &'static Check, problems: Vec<Problem>, facts: &Facts, policy: &Policy) -> Outcome {
    let today = report::date_of(facts.now());
    let (mut findings, mut ignored) = (Vec::new(), Vec::new());
    for problem in problems {
        let subject = problem.subject.to_string();
        let severity =
            policy.severities.get(check.code).copied().or(problem.severity).unwrap_or(check.severity);
        let finding =
            Finding { severity, fingerprint: fingerprint(check.code, &subject), problem, remedy: None };
        let ignore = policy.ignores.iter().find(|ignore| {
            ignore.code == check.code
                && ignore.subject.as_ref().is_none_or(|wanted| *wanted == subject)
                && ignore.until.as_ref().is_none_or(|until| today < *until)
        });
        match ignore {
            Some(ignore) => ignored.push(IgnoredFinding { finding, reason: ignore.reason.clone() }),
            None => findings.push(finding),
        }
    }
    // Worst first; equal ones by subject, so that the order never depends on the network.
    findings.sort_by(|a, b| {
        b.severity
            .cmp(&a.severity)
            .then_with(|| a.problem.subject.to_string().cmp(&b.problem.subject.to_string()))
            .then_with(|| a.problem.summary.cmp(&b.problem.summary))
    });
    Outcome::Fail { findings, ignored }
}
