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

/// The suites of one domain among others, each named by domain and area; where nothing could be
/// judged, one case that says why.
pub(crate) fn suites(report: &Report, fail_on: Option<Severity>, error: Option<&str>) -> String {
    let domain = plain(&super::subject(report), Width::Record);
    let mut junit = Junit::new("mailvet");
    if let Some(error) = error {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(plain(error, Width::Block));
        let mut suite = TestSuite::new(domain.clone());
        suite.add_test_case(TestCase::new("judged", status));
        junit.add_test_suite(suite);
    }
    for area in Area::ALL {
        let mut suite = TestSuite::new(format!("{domain} {}", area.name()));
        let of_area = report.results.iter().filter(|result| result.check.area == area);
        suite.add_test_cases(of_area.map(|result| {
            let mut case = case(result, fail_on);
            case.set_classname(format!("{domain}.{}", area.name()));
            case
        }));
        if !suite.test_cases.is_empty() {
            junit.add_test_suite(suite);
        }
    }
    let text = junit.to_string().unwrap_or_default();
    // The frame stands around the suites of all domains; what others wrote is escaped in between.
    let inner = text.find("<testsuite ").zip(text.rfind("</testsuites>")).map(|(from, to)| &text[from..to]);
    inner.map_or_else(String::new, |inner| format!("    {}\n", inner.trim()))
}

fn case(result: &CheckResult, fail_on: Option<Severity>) -> TestCase {
    let (mut case, notes) = match &result.outcome {
        Outcome::Pass => (TestCase::new(result.check.code, TestCaseStatus::success()), String::new()),
        Outcome::NotApplicable(why) => (skipped(result, &format!("not applicable: {why}")), String::new()),
        Outcome::Unknown(gap) => (skipped(result, &format!("unknown: {gap}")), String::new()),
        Outcome::Fail { findings, ignored, .. } if findings.is_empty() => {
            let reasons: Vec<String> =
                ignored.iter().map(|one| format!("{}: {}", one.why(), one.finding.problem.summary)).collect();
            (skipped(result, &format!("ignored: {}", reasons.join("; "))), String::new())
        }
        Outcome::Fail { findings, ignored, .. } => {
            let (failing, below): (Vec<&Finding>, Vec<&Finding>) =
                findings.iter().partition(|finding| fail_on.is_some_and(|least| finding.severity >= least));
            let below = below.iter().map(|finding| described(result, finding));
            // What is set aside beside findings that count must not be lost either.
            let set_aside = ignored.iter().map(|one| {
                let text = format!("ignored, {}: {}", one.why(), one.finding.problem.summary);
                crate::render::escape::terminal(&text)
            });
            (failed(result, &failing), below.chain(set_aside).collect::<Vec<_>>().join("\n"))
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
