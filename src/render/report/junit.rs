//! JUnit, for CI systems: a suite an area, a case a check.

use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use crate::judge::finding::{CheckResult, Finding, Outcome};
use crate::judge::report::Report;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Severity};

/// A case fails by findings at or above `fail_on`; unknown and not applicable
/// are skipped, each with its reason, so that neither counts as passed.
pub(crate) fn junit(report: &Report, fail_on: Option<Severity>) -> String {
    let mut junit = Junit::new("mailvet");
    for area in Area::ALL {
        let mut suite = TestSuite::new(area.name());
        let of_area = report.results.iter().filter(|result| result.check.area == area);
        suite.add_test_cases(of_area.map(|result| case(result, fail_on)));
        if !suite.test_cases.is_empty() {
            junit.add_test_suite(suite);
        }
    }
    // Serialising to a string cannot fail but for lack of memory.
    junit.to_string().unwrap_or_default()
}

fn case(result: &CheckResult, fail_on: Option<Severity>) -> TestCase {
    let (mut case, notes) = match &result.outcome {
        Outcome::Pass => (TestCase::new(result.check.code, TestCaseStatus::success()), String::new()),
        Outcome::NotApplicable(why) => (skipped(result, &format!("not applicable: {why}")), String::new()),
        Outcome::Unknown(gap) => (skipped(result, &format!("unknown: {gap}")), String::new()),
        Outcome::Fail { findings, ignored, .. } if findings.is_empty() => {
            let reasons: Vec<String> = ignored
                .iter()
                .map(|one| {
                    let owner = one.owner.as_deref().map(|owner| format!(", {owner}")).unwrap_or_default();
                    let until = one.until.as_deref().map(|day| format!(", until {day}")).unwrap_or_default();
                    format!("{}{owner}{until}: {}", one.reason, one.finding.problem.summary)
                })
                .collect();
            (skipped(result, &format!("ignored: {}", reasons.join("; "))), String::new())
        }
        Outcome::Fail { findings, .. } => {
            let (failing, below): (Vec<&Finding>, Vec<&Finding>) =
                findings.iter().partition(|finding| fail_on.is_some_and(|least| finding.severity >= least));
            let notes = below.iter().map(|finding| described(result, finding)).collect::<Vec<_>>().join("\n");
            (failed(result, &failing), notes)
        }
    };
    case.set_classname(format!("mailvet.{}", result.check.area.name()));
    if !notes.is_empty() {
        case.set_system_out(notes);
    }
    case
}

fn skipped(result: &CheckResult, why: &str) -> TestCase {
    let mut status = TestCaseStatus::skipped();
    status.set_message(plain(why, Width::Block));
    TestCase::new(result.check.code, status)
}

fn failed(result: &CheckResult, findings: &[&Finding]) -> TestCase {
    let Some(first) = findings.first() else {
        return TestCase::new(result.check.code, TestCaseStatus::success());
    };
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(result.worst().unwrap_or(result.check.severity).name());
    status.set_message(plain(&first.problem.summary, Width::Block));
    let all: Vec<String> = findings.iter().map(|finding| described(result, finding)).collect();
    status.set_description(all.join("\n"));
    TestCase::new(result.check.code, status)
}

fn described(result: &CheckResult, finding: &Finding) -> String {
    let problem = &finding.problem;
    let place = problem.location.as_ref().map(|at| format!(" ({}:{})", at.file, at.line)).unwrap_or_default();
    let fix = problem.fix.as_deref().unwrap_or(result.check.fix);
    let text = format!("{}: {}{place}\n  fix: {fix}", finding.severity.name(), problem.summary);
    crate::render::escape::terminal(&text)
}
