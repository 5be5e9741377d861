//! JUnit: a suite a zone, a case a name and check that could be judged or not.

use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use super::{fails, words};
use crate::judge::finding::{CheckResult, Outcome};
use crate::judge::zone::{Row, ZoneReport, ZoneResult};
use crate::model::untrusted::{Width, plain};
use crate::model::{Name, Severity};

/// A case fails by what counts at or above `fail_on`; unknown and not applicable are skipped.
pub(crate) fn junit(report: &ZoneReport, fail_on: Option<Severity>) -> String {
    let mut junit = Junit::new("mailvet");
    for zone in &report.zones {
        let mut suite = TestSuite::new(plain(zone.origin.as_str(), Width::Record));
        // What a finding of the file explains is shown there; every finding has a case.
        for row in &zone.rows {
            suite.add_test_case(of_row(zone, row, fail_on));
        }
        for name in &zone.names {
            suite.add_test_cases(name.results.iter().filter_map(|result| settled(zone, &name.name, result)));
        }
        suite.add_test_cases(zone.results.iter().filter_map(|result| settled(zone, &zone.origin, result)));
        junit.add_test_suite(suite);
    }
    // Serialising to a string cannot fail but for lack of memory.
    junit.to_string().unwrap_or_default()
}

fn titled(zone: &ZoneResult, name: &Name, code: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(format!("{} {code}", plain(name.as_str(), Width::Record)), status);
    case.set_classname(format!("mailvet.{}", plain(zone.origin.as_str(), Width::Record)));
    case
}

fn settled(zone: &ZoneResult, name: &Name, result: &CheckResult) -> Option<TestCase> {
    let skipped = |why: String| {
        let mut status = TestCaseStatus::skipped();
        status.set_message(plain(&why, Width::Block));
        status
    };
    let status = match &result.outcome {
        Outcome::Pass => TestCaseStatus::success(),
        Outcome::NotApplicable(why) => skipped(format!("not applicable: {why}")),
        Outcome::Unknown(gap) => skipped(format!("unknown: {gap}")),
        Outcome::Fail { .. } => return None,
    };
    let mut case = titled(zone, name, result.check.code, status);
    case.extra.insert("file".into(), plain(&zone.file, Width::Record).into());
    Some(case)
}

fn of_row(zone: &ZoneResult, row: &Row, fail_on: Option<Severity>) -> TestCase {
    let text = format!(
        "{}: {} ({}:{})\nfix: {}",
        row.finding.severity.name(),
        words(row),
        row.location.file,
        row.location.line,
        row.fix()
    );
    let text = crate::render::escape::terminal(&text);
    let mut case = if let Some(why) = &row.ignored {
        let mut status = TestCaseStatus::skipped();
        status.set_message(plain(&format!("ignored, {why}: {}", words(row)), Width::Block));
        titled(zone, &row.name, row.check.code, status)
    } else if row.counts() && fails(row, fail_on) {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type(row.finding.severity.name());
        status.set_message(plain(&words(row), Width::Block));
        status.set_description(text);
        titled(zone, &row.name, row.check.code, status)
    } else {
        let mut case = titled(zone, &row.name, row.check.code, TestCaseStatus::success());
        case.set_system_out(text);
        case
    };
    case.extra.insert("file".into(), plain(&row.location.file, Width::Record).into());
    case.extra.insert("line".into(), row.location.line.to_string().into());
    case
}
