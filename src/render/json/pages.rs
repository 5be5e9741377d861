//! `mailvet/explain/1`: the checks' pages for programs.

use serde::Serialize;

use crate::check::Check;

#[derive(Serialize)]
pub(crate) struct PagesV1 {
    schema: &'static str,
    checks: Vec<PageV1>,
}

#[derive(Serialize)]
struct PageV1 {
    code: &'static str,
    area: &'static str,
    title: &'static str,
    severity: &'static str,
    why: &'static str,
    fix: &'static str,
    references: Vec<ReferenceV1>,
    since: &'static str,
}

#[derive(Serialize)]
struct ReferenceV1 {
    label: String,
    url: String,
}

pub(crate) fn pages(checks: &[&'static Check]) -> PagesV1 {
    let page = |check: &&'static Check| PageV1 {
        code: check.code,
        area: check.area.name(),
        title: check.title,
        severity: check.severity.name(),
        why: check.why,
        fix: check.fix,
        references: check.references.iter().map(|r| ReferenceV1 { label: r.label(), url: r.url() }).collect(),
        since: check.since,
    };
    PagesV1 { schema: "mailvet/explain/1", checks: checks.iter().map(page).collect() }
}
