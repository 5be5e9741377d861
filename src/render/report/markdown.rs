//! Markdown for a pull request or a ticket: the score, a table of what was
//! found, each fix in full, and what stayed unknown.

use std::fmt::Write as _;

use crate::judge::finding::{CheckResult, Finding};
use crate::judge::headline;
use crate::judge::report::{Report, date_of};
use crate::model::Severity;
use crate::render::escape::markdown as escape;

use super::{coverage, score_line, subject};

pub(crate) fn markdown(report: &Report) -> String {
    let mut out = format!("## mailvet: {}: {}\n\n", escape(&subject(report)), escape(&score_line(report)));
    let assessed = report.score.areas.iter().filter(|area| area.assessed()).count();
    let _ = writeln!(out, "{}\n", escape(&headline::sentence(report)));
    let capped = report.score.capped_by.as_deref().map(|why| format!("; capped by {}", escape(why)));
    let capped = capped.unwrap_or_default();
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "Judged on {assessed} of {} areas, of {}; {} % of the checks that apply could be judged; {}{capped}.\n",
        report.score.areas.len(),
        report.score.basis.title(),
        coverage(report),
        date_of(report.taken_at)
    );
    receivers(&mut out, report);
    out.push_str("| area | score | failed | ignored | unknown |\n|---|---:|---:|---:|---:|\n");
    for area in &report.score.areas {
        let score = area.score.map_or("not assessed".to_owned(), |score| score.to_string());
        let _ = writeln!(
            out,
            "| {} | {score} | {} | {} | {} |",
            area.area.title(),
            area.failed,
            area.ignored,
            area.unknown
        );
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
    let ignored = report.ignored();
    if !ignored.is_empty() {
        let _ = writeln!(out, "\n<details><summary>Ignored by the settings ({})</summary>\n", ignored.len());
        for (result, one) in &ignored {
            let until = one.until.as_deref().map(|day| format!(", until {day}")).unwrap_or_default();
            let owner = one.owner.as_deref().map(|owner| format!(", {owner}")).unwrap_or_default();
            let why = escape(&format!("{} ({}{owner}{until})", one.finding.problem.summary, one.reason));
            let _ = writeln!(out, "- `{}` {why}", result.check.code);
        }
        out.push_str("\n</details>\n");
    }
    let gaps = report.gaps(true);
    if !gaps.is_empty() {
        let count: usize = gaps.iter().map(|gap| gap.codes.len()).sum();
        let _ = writeln!(out, "\n<details><summary>Unknown, neither passed nor failed ({count})</summary>\n");
        for gap in &gaps {
            let _ = writeln!(out, "- {}", escape(&gap.text()));
        }
        out.push_str("\n</details>\n");
    }
    out
}

/// What each receiver will do, a row each.
fn receivers(out: &mut String, report: &Report) {
    if report.receivers.is_empty() {
        return;
    }
    out.push_str("| receiver | the mail | why |\n|---|---|---|\n");
    for receiver in &report.receivers {
        let code = receiver.code.map(|code| format!(" ({})", escape(code))).unwrap_or_default();
        let because = escape(&receiver.because.join("; "));
        let _ =
            writeln!(out, "| {} | {}{code} | {because} |", escape(receiver.name), receiver.expected.title());
    }
    out.push('\n');
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
