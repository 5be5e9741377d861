//! The audit report in the formats that other programs and pull requests read.
//! Each takes the finished report and returns text; none of them judges.

mod csv;
mod github;
mod html;
mod junit;
mod markdown;
pub mod nagios;
mod prometheus;
mod sarif;

use super::json;
use super::style::Look;
use crate::judge::report::Report;
use crate::model::Severity;

/// Formats of the report, the default first.
pub const FORMATS: &[&str] =
    &["terminal", "json", "sarif", "junit", "markdown", "html", "github", "nagios", "prometheus", "csv"];

/// The report as text. `fail_on` is the lowest severity that fails the run:
/// formats that know "failed" say it of nothing below. Unknown names give the
/// default, since the command has refused them before.
pub fn render(format: &str, report: &Report, fail_on: Option<Severity>, look: Look) -> String {
    match format {
        "json" => json::text(&json::v1::audit(report)),
        "sarif" => json::text(&sarif::sarif(report)),
        "junit" => junit::junit(report, fail_on),
        "markdown" => markdown::markdown(report),
        "html" => html::html(report),
        "github" => github::github(report, fail_on),
        "nagios" => nagios::nagios(report, fail_on),
        "prometheus" => prometheus::prometheus(report),
        "csv" => csv::csv(report),
        _ => super::terminal::audit(report, look),
    }
}

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
