//! The audit report in the formats that other programs and pull requests read.
//! Each takes the finished report and returns text; none of them judges.

pub(crate) mod csv;
pub(crate) mod github;
pub(crate) mod html;
pub(crate) mod junit;
pub(crate) mod markdown;
pub(crate) mod nagios;
pub(crate) mod prometheus;
pub(crate) mod sarif;

use crate::judge::report::Report;

/// What the report is about, for a heading; not yet escaped.
fn subject(report: &Report) -> String {
    report.target.domain.as_ref().map_or("this message".to_owned(), |name| name.unicode())
}

/// `82 of 100, at least 75, grade C`, or that there is no score.
pub(crate) fn score_line(report: &Report) -> String {
    let score = &report.score;
    match (score.total, score.at_least, score.grade) {
        (Some(total), Some(least), Some(grade)) if least < total => {
            let count = score.unanswered;
            let plural = if count == 1 { "check" } else { "checks" };
            format!("{total} of 100, at least {least}, grade {grade}: {count} {plural} got no answer")
        }
        (Some(total), _, Some(grade)) => format!("{total} of 100, grade {grade}"),
        _ => format!("not scored: {}", score.reason.as_deref().unwrap_or("nothing could be judged")),
    }
}

/// Judged checks among those that apply, in whole percent, never rounded up.
fn coverage(report: &Report) -> u32 {
    (report.score.coverage * 100.0).floor() as u32
}
