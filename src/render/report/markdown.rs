//! Markdown for a pull request or a ticket: the score, a table of what was
//! found, each fix in full, and what stayed unknown.

use std::fmt::Write as _;

use crate::judge::finding::{CheckResult, Finding};
use crate::judge::headline;
use crate::judge::priority;
use crate::judge::report::{Report, date_of};
use crate::model::Severity;
use crate::model::remedy::{RecordSet, Remedy};
use crate::render::escape::markdown as escape;

use super::{coverage, score_line, subject};

/// Things to do in front of everything that was found.
const FIRST: usize = 3;

pub(crate) fn markdown(report: &Report) -> String {
    let mut out = format!("## mailvet: {}: {}\n\n", escape(&subject(report)), escape(&score_line(report)));
    let assessed = report.score.areas.iter().filter(|area| area.assessed()).count();
    let _ = writeln!(out, "{}\n", escape(&headline::sentence(report)));
    let capped = report.score.capped_by.as_deref().map(|why| format!("; {}", escape(why)));
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
    areas(&mut out, report);
    let (scoring, notes): (Vec<_>, Vec<_>) =
        report.findings().into_iter().partition(|(_, finding)| finding.severity > Severity::Info);
    first(&mut out, report);
    if scoring.is_empty() {
        out.push_str("\nNothing found that costs points.\n");
    } else {
        out.push_str("\n### Findings\n");
        for (result, finding) in &scoring {
            one(&mut out, result, finding);
        }
    }
    let notes = notes
        .iter()
        .map(|(result, finding)| format!("`{}` {}", result.check.code, escape(&finding.problem.summary)));
    folded(&mut out, "Notes without points", notes.len(), notes);
    let ignored = report.ignored();
    let set_aside = ignored.iter().map(|(result, one)| {
        let why = escape(&format!("{} ({})", one.finding.problem.summary, one.why()));
        format!("`{}` {why}", result.check.code)
    });
    folded(&mut out, "Ignored by the settings", ignored.len(), set_aside);
    let gaps = report.gaps(true);
    let count = gaps.iter().map(|gap| gap.codes.len()).sum();
    let unknown = gaps.iter().map(|gap| escape(&gap.text()));
    folded(&mut out, "Unknown, neither passed nor failed", count, unknown);
    out
}

fn areas(out: &mut String, report: &Report) {
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
}

/// A list that opens where somebody asks for it; nothing where it is empty.
fn folded(out: &mut String, title: &str, count: usize, lines: impl Iterator<Item = String>) {
    let lines: String = lines.map(|line| format!("- {line}\n")).collect();
    if !lines.is_empty() {
        let _ = write!(out, "\n<details><summary>{title} ({count})</summary>\n\n{lines}\n</details>\n");
    }
}

/// Remedies before findings: what to do first, and what it comes to.
fn first(out: &mut String, report: &Report) {
    let tasks = priority::tasks(report);
    if !tasks.is_empty() {
        out.push_str("\n### Fix these first\n\n");
    }
    for (number, task) in tasks.iter().enumerate().take(FIRST) {
        let Some((result, finding)) = task.lead() else { continue };
        let mut codes = vec![result.check.code];
        codes.extend(task.also());
        let codes: Vec<String> = codes.iter().map(|code| format!("`{code}`")).collect();
        let mut line = format!("{}. {}: {}", number + 1, codes.join(", "), escape(&finding.problem.summary));
        let effect = task.effect();
        if !effect.is_empty() {
            let _ = write!(line, " ({})", escape(&effect));
        }
        let _ = writeln!(out, "{line}");
        match task.remedy.map(fenced) {
            Some(block) if !block.is_empty() => {
                let _ = writeln!(out, "\n{block}");
            }
            _ => {
                let _ = writeln!(
                    out,
                    "   <br>{}",
                    lines(finding.problem.fix.as_deref().unwrap_or(result.check.fix))
                );
            }
        }
    }
    if let Some(line) = super::after_line(report) {
        let _ = writeln!(out, "\n**{}**", escape(&line));
    }
}

/// The lines of a remedy as they are published, in a block that is part of the list.
fn fenced(remedy: &Remedy) -> String {
    let mut lines: Vec<String> =
        remedy.replaces.iter().chain(&remedy.deletes).map(|line| format!("-{line}")).collect();
    lines.extend(remedy.record.iter().flat_map(RecordSet::lines).map(|line| format!("+{line}")));
    lines.extend(remedy.file.iter().flat_map(|file| file.text.lines()).map(|line| format!("+{line}")));
    if lines.is_empty() {
        return String::new();
    }
    let body: String = lines.iter().map(|line| format!("   {}\n", line.replace(['\r', '\n'], " "))).collect();
    let ticks = "`".repeat(body.split(|c| c != '`').map(str::len).max().unwrap_or(0).max(2) + 1);
    let place = remedy.file.as_ref().map(|file| format!("   {}\n\n", escape(&file.url))).unwrap_or_default();
    let note =
        if remedy.note.is_empty() { String::new() } else { format!("\n   {}\n", escape(&remedy.note)) };
    format!("{place}   {ticks}diff\n{body}   {ticks}\n{note}")
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

/// Lines of a fix, such as one a server, within one item of a list.
fn lines(text: &str) -> String {
    text.lines().map(escape).collect::<Vec<_>>().join("<br>")
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
    let _ = writeln!(out, "  <br>Fix: {}", lines(problem.fix.as_deref().unwrap_or(result.check.fix)));
    if let Some(reference) = result.check.references.first() {
        let _ = writeln!(out, "  <br>See [{}]({})", escape(&reference.label()), reference.url());
    }
}
