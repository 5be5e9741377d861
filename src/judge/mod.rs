//! Runs the selected checks over the facts and settles severity and ignores, in one place.

pub mod catalog;
mod essential;
pub mod finding;
pub mod forecast;
pub(crate) mod headline;
mod ignoring;
mod met;
pub(crate) mod priority;
mod raised;
pub(crate) mod report;
mod roles;
pub mod score;
pub(crate) mod unknown;
pub(crate) mod zone;

use std::collections::BTreeMap;

use crate::check::{Check, Problem, Verdict};
use crate::facts::Facts;
use crate::judge::finding::{CheckResult, Finding, IgnoredFinding, Outcome, fingerprint};
use crate::model::Gap;
use crate::policy::Policy;

/// Judges every selected check, area by area, code by code; last what is wrong with the ignores.
pub fn judge(facts: &Facts, policy: &Policy) -> Vec<CheckResult> {
    let role = roles::Rules::of(facts);
    let mut results: Vec<CheckResult> = catalog::all()
        .filter(|check| policy.selected.contains(check.code))
        .map(|check| role.applied(judge_one(check, facts, policy)))
        .collect();
    results.extend(role.missing_domain(&results).map(|check| judge_one(check, facts, policy)));
    results.extend(ignoring::judge(&results, facts, policy));
    results
}

/// Judges one check, by the rules of a name that sends.
pub fn judge_one(check: &'static Check, facts: &Facts, policy: &Policy) -> CheckResult {
    let outcome = match (check.run)(facts, policy) {
        Err(gap) => Outcome::Unknown(gap),
        Ok(Verdict::Pass) => Outcome::Pass,
        Ok(Verdict::NotApplicable(why)) => Outcome::NotApplicable(why),
        Ok(Verdict::Fail(problems)) if problems.is_empty() => Outcome::Pass,
        Ok(Verdict::Fail(problems)) => settle(check, problems, None, facts, policy),
        Ok(Verdict::FailInPart(problems, gap)) => settle(check, problems, Some(gap), facts, policy),
    };
    let result = CheckResult { check, outcome, set: policy.severities.get(check.code).copied() };
    // What a lost answer may hide is bounded by this; a worse finding would let a fault flatter.
    debug_assert!(result.worst_by_nature() <= Some(result.worst_case()), "{} is raised", check.code);
    result
}

fn settle(
    check: &'static Check,
    problems: Vec<Problem>,
    hidden: Option<Gap>,
    facts: &Facts,
    policy: &Policy,
) -> Outcome {
    let today = report::date_of(facts.now());
    let (mut findings, mut ignored) = (Vec::new(), Vec::new());
    for problem in problems {
        let subject = problem.subject.to_string();
        let severity =
            policy.severities.get(check.code).copied().or(problem.severity).unwrap_or(check.severity);
        let finding =
            Finding { severity, fingerprint: fingerprint(check.code, &subject), problem, remedy: None };
        let file = finding.problem.location.as_ref().map(|location| location.file.as_str());
        let ignore = policy
            .ignores
            .iter()
            .find(|ignore| ignore.is_about(check.code, &subject, file) && !ignore.is_over(&today));
        match ignore {
            Some(ignore) => ignored.push(IgnoredFinding {
                finding,
                reason: ignore.reason.clone(),
                owner: ignore.owner.clone(),
                until: ignore.until.clone(),
            }),
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
    tell_apart(check, findings.iter_mut().chain(ignored.iter_mut().map(|ignored| &mut ignored.finding)));
    Outcome::Fail { findings, ignored, hidden }
}

/// Several findings of one subject get a number, so that each has an identity of its own.
fn tell_apart<'f>(check: &Check, findings: impl Iterator<Item = &'f mut Finding>) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for finding in findings {
        let subject = finding.problem.subject.to_string();
        let count = seen.entry(subject.clone()).or_default();
        if *count > 0 {
            finding.fingerprint = fingerprint(check.code, &format!("{subject}\0{count}"));
        }
        *count += 1;
    }
}
