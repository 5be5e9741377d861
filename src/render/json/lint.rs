//! `mailvet/lint/1`: one message; a line of NDJSON is the same object.

use serde::Serialize;

use super::v1::{AreaV1, DeductionV1, ResultV1};
use crate::model::untrusted;
use crate::report::Report;

#[derive(Serialize)]
pub struct LintV1 {
    schema: &'static str,
    file: String,
    /// 0 to 100 over what was judged.
    score: Option<u32>,
    grade: &'static str,
    coverage: f64,
    areas: Vec<AreaV1>,
    deductions: Vec<DeductionV1>,
    results: Vec<ResultV1>,
}

#[derive(Serialize)]
pub struct RefusedV1 {
    schema: &'static str,
    file: String,
    score: Option<u32>,
    results: [(); 0],
    error: String,
}

/// What was found in one message.
pub fn message(file: &str, report: &Report) -> LintV1 {
    let score = super::v1::score(&report.score);
    LintV1 {
        schema: "mailvet/lint/1",
        file: file.to_owned(),
        score: score.total,
        grade: score.grade,
        coverage: score.coverage,
        areas: score.areas.into_iter().filter(|area| area.assessed).collect(),
        deductions: score.deductions,
        results: report.results.iter().map(super::v1::result).collect(),
    }
}

/// A file that is no message, with the reason.
pub fn refused(file: &str, error: &str) -> RefusedV1 {
    RefusedV1 {
        schema: "mailvet/lint/1",
        file: file.to_owned(),
        score: None,
        results: [],
        error: untrusted::plain(error, 400),
    }
}
