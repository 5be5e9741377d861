//! One line for a monitor, with performance data (Monitoring Plugins guidelines).

use crate::judge::report::Report;
use crate::model::Severity;
use crate::model::untrusted::{Width, plain};
use crate::render::listing::NagiosState;

use super::{coverage, score_line, subject};

/// The plugin's state: unknown where the score is withheld or an essential question got no answer,
/// whatever was found beside that; critical by what fails the run, warning by anything else of medium
/// or above.
pub(crate) fn state(report: &Report, fail_on: Option<Severity>) -> NagiosState {
    match report.worst() {
        _ if report.says_too_little() => NagiosState::Unknown,
        Some(worst) if fail_on.is_some_and(|least| worst >= least) => NagiosState::Critical,
        Some(worst) if worst >= Severity::Medium => NagiosState::Warning,
        _ => NagiosState::Ok,
    }
}

fn name(state: NagiosState) -> &'static str {
    match state {
        NagiosState::Ok => "OK",
        NagiosState::Warning => "WARNING",
        NagiosState::Critical => "CRITICAL",
        NagiosState::Unknown => "UNKNOWN",
    }
}

/// The state of several senders: the first of critical, unknown and warning that one of them has.
pub(crate) fn worst(reports: &[Report], fail_on: Option<Severity>) -> NagiosState {
    let states: Vec<NagiosState> = reports.iter().map(|report| state(report, fail_on)).collect();
    [NagiosState::Critical, NagiosState::Unknown, NagiosState::Warning]
        .into_iter()
        .find(|state| states.contains(state))
        .unwrap_or(NagiosState::Ok)
}

/// One line about all, with a score each, and a line for each sender behind it.
pub(crate) fn several(reports: &[Report], fail_on: Option<Severity>) -> String {
    let points = |points: Option<u32>| points.map_or("U".to_owned(), |points| points.to_string());
    let each: Vec<String> = reports
        .iter()
        .map(|report| plain(&format!("{} {}", subject(report), name(state(report, fail_on))), Width::Record))
        .collect();
    let data: Vec<String> = reports
        .iter()
        .map(|report| {
            let label = plain(&subject(report), Width::Record).replace(['\'', '=', '|'], " ");
            format!("'{label} score'={};;;0;100", points(report.score.total))
        })
        .collect();
    let mut out = format!(
        "MAILVET {} - {} | {}\n",
        name(worst(reports, fail_on)),
        each.join(", ").replace('|', " "),
        data.join(" ")
    );
    for report in reports {
        // Performance data stands in the first line alone.
        let line = nagios(report, fail_on);
        let text = line.split_once(" | ").map_or(line.as_str(), |(text, _)| text);
        out.push_str(&format!("{}\n", text.trim_end()));
    }
    out
}

pub(crate) fn nagios(report: &Report, fail_on: Option<Severity>) -> String {
    let name = name(state(report, fail_on));
    let mut text = format!("{}: {}", subject(report), score_line(report));
    let mut codes: Vec<&str> = Vec::new();
    for (result, finding) in report.findings() {
        if finding.severity >= Severity::Medium && !codes.contains(&result.check.code) {
            codes.push(result.check.code);
        }
    }
    if !codes.is_empty() {
        let head = if report.says_too_little() { "; found so far: " } else { "; " };
        text.push_str(&format!("{head}{}", codes[..codes.len().min(5)].join(", ")));
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
