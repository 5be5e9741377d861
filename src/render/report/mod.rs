//! The audit report in the formats that other programs and pull requests read.
//! Each takes the finished report and returns text; none of them judges.

pub mod csv;
pub mod github;
pub mod html;
pub mod junit;
pub mod markdown;
pub mod nagios;
pub mod prometheus;
pub mod sarif;

use crate::judge::report::Report;

/// What the report is about, for a heading; not yet escaped.
fn subject(report: &Report) -> String {
    report.target.domain.as_ref().map_or("this message".to_owned(), |name| name.unicode())
}

/// `62 of 100, grade D`, or that there is no score.
pub fn score_line(report: &Report) -> String {
    match report.score.total {
        Some(total) => format!("{total} of 100, grade {}", report.score.grade),
        None => "not scored: nothing could be judged".to_owned(),
    }
}

/// Judged checks among those that apply, in whole percent, never rounded up.
fn coverage(report: &Report) -> u32 {
    (report.score.coverage * 100.0).floor() as u32
}
