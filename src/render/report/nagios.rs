//! One line for a monitor, with performance data (Monitoring Plugins guidelines).

use crate::judge::report::Report;
use crate::model::Severity;
use crate::model::untrusted::{Width, plain};
use crate::render::listing::NagiosState;

use super::{coverage, score_line, subject};

/// The plugin's state: critical by what fails the run, unknown where the score is withheld or an
/// essential question got no answer, warning by anything else of medium or above.
pub(crate) fn state(report: &Report, fail_on: Option<Severity>) -> NagiosState {
    match report.worst() {
        Some(worst) if fail_on.is_some_and(|least| worst >= least) => NagiosState::Critical,
        _ if report.says_too_little() => NagiosState::Unknown,
        Some(worst) if worst >= Severity::Medium => NagiosState::Warning,
        _ => NagiosState::Ok,
    }
}

pub(crate) fn nagios(report: &Report, fail_on: Option<Severity>) -> String {
    let name = match state(report, fail_on) {
        NagiosState::Ok => "OK",
        NagiosState::Warning => "WARNING",
        NagiosState::Critical => "CRITICAL",
        NagiosState::Unknown => "UNKNOWN",
    };
    let mut text = format!("{}: {}", subject(report), score_line(report));
    let mut codes: Vec<&str> = Vec::new();
    for (result, finding) in report.findings() {
        if finding.severity >= Severity::Medium && !codes.contains(&result.check.code) {
            codes.push(result.check.code);
        }
    }
    if !codes.is_empty() {
        text.push_str(&format!("; {}", codes[..codes.len().min(5)].join(", ")));
    }
    if codes.len() > 5 {
        text.push_str(&format!(" and {} more", codes.len() - 5));
    }
    let count = |severity: Severity| {
        report.findings().iter().filter(|(_, finding)| finding.severity == severity).count()
    };
    let points = |points: Option<u32>| points.map_or("U".to_owned(), |points| points.to_string());
    let (score, least) = (points(report.score.total), points(report.score.at_least));
    let ignored = report.ignored().len();
    // `|` starts the performance data.
    format!(
        "MAILVET {name} - {} | score={score};;;0;100 at_least={least};;;0;100 coverage={}%;;;0;100 critical={} high={} medium={} low={} ignored={ignored}\n",
        plain(&text, Width::Record).replace('|', " "),
        coverage(report),
        count(Severity::Critical),
        count(Severity::High),
        count(Severity::Medium),
        count(Severity::Low),
    )
}
