//! Markdown for a pull request or a ticket: the score, a table of what was
//! found, each fix in full, and what stayed unknown.

use std::fmt::Write as _;

use crate::judge::finding::{CheckResult, Finding};
use crate::judge::report::{Report, date_of};
use crate::model::Severity;
use crate::render::escape::markdown as escape;

use super::{coverage, score_line, subject};

pub fn markdown(report: &Report) -> String {
    let mut out = format!("## mailvet: {}: {}\n\n", escape(&subject(report)), escape(&score_line(report)));
    let assessed = report.score.areas.iter().filter(|area| area.assessed()).count();
    let capped = report.score.capped_by.map(|why| format!("; capped by {why}")).unwrap_or_default();
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "Judged on {assessed} of {} areas; {} % of the checks that apply could be judged; {}{capped}.\n",
        report.score.areas.len(),
        coverage(report),
        date_of(report.taken_at)
    );
    out.push_str("| area | score | failed | unknown |\n|---|---:|---:|---:|\n");
    for area in &report.score.areas {
        let score = area.score.map_or("not assessed".to_owned(), |score| score.to_string());
        let _ = writeln!(out, "| {} | {score} | {} | {} |", area.area.title(), area.failed, area.unknown);
    }
    let (scoring, notes): (Vec<_>, Vec<_>) =
        report.findings().into_iter().partition(|(_, finding)| finding.severity > Severity::Info);
    if scoring.is_empty() {
        out.push_str("\nNothing found that costs points.\n");
    } else {
        out.push_str("\n### Findings\n");
        for (result, finding) in &scoring {
            one(&mut out, result, finding);
        }
    }
    if !notes.is_empty() {
        let _ = writeln!(out, "\n<details><summary>Notes without points ({})</summary>\n", notes.len());
        for (result, finding) in &notes {
            let _ = writeln!(out, "- `{}` {}", result.check.code, escape(&finding.problem.summary));
        }
        out.push_str("\n</details>\n");
    }
    let gaps = report.gaps(true);
    if !gaps.is_empty() {
        let count: usize = gaps.iter().map(|gap| gap.codes.len()).sum();
        let _ = writeln!(out, "\n<details><summary>Unknown, neither passed nor failed ({count})</summary>\n");
        for gap in &gaps {
            let _ = writeln!(out, "- {} (`{}`)", escape(&gap.text()), gap.codes.join("`, `"));
        }
        out.push_str("\n</details>\n");
    }
    out
}

fn one(out: &mut String, result: &CheckResult, finding: &Finding) {
    let problem = &finding.problem;
    let place = problem
        .location
        .as_ref()
        .map(|at| format!(" ({}:{})", escape(&at.file), at.line))
        .unwrap_or_default();
    let _ = writeln!(
        out,
        "\n- **{}** `{}`: {}{place}",
        finding.severity.name(),
        result.check.code,
        escape(&problem.summary)
    );
    let _ = writeln!(out, "  <br>Fix: {}", escape(problem.fix.as_deref().unwrap_or(result.check.fix)));
    if let Some(reference) = result.check.references.first() {
        let _ = writeln!(out, "  <br>See [{}]({})", escape(&reference.label()), reference.url());
    }
}
