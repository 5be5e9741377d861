//! Markdown for a pull request or a step summary: the verdict, what the change does, a table,
//! and each finding with its remedy in a fenced block.

use std::fmt::Write as _;

use super::{ignored, unknown, verdict, words};
use crate::judge::zone::{Row, State, ZoneReport};
use crate::model::Severity;
use crate::render::escape;

/// Findings that are written in full.
const MOST: usize = 100;

/// The whole document; headings of level two, so that it can follow another.
pub(crate) fn markdown(report: &ZoneReport, fail_on: Option<Severity>) -> String {
    let rows = report.shown();
    let failing = rows.iter().any(|row| row.counts() && super::fails(row, fail_on));
    let mut out = String::new();
    // Writing to a string cannot fail.
    let head = if failing { "mailvet: this breaks mail" } else { "mailvet: nothing that fails the run" };
    let _ = writeln!(out, "## {head}\n\n{}\n", escaped(&verdict(report, fail_on)));
    let consequences: Vec<&&Row> = rows.iter().filter(|row| row.is_consequence()).collect();
    if !consequences.is_empty() {
        out.push_str("### What the change does to mail\n\n");
        for row in consequences {
            let _ = writeln!(out, "- {} ({})", escaped(&words(row)), place(row));
        }
        out.push('\n');
    }
    let (old, news): (Vec<&Row>, Vec<&Row>) =
        rows.into_iter().filter(|row| !row.is_consequence()).partition(|row| row.state == Some(State::Same));
    if !news.is_empty() {
        out.push_str("### Findings\n\n| severity | code | where | what |\n|---|---|---|---|\n");
        for row in news.iter().take(MOST) {
            let state = row.state.map(|state| format!(", {}", state.name())).unwrap_or_default();
            let _ = writeln!(
                out,
                "| {}{state} | `{}` | {} | {} |",
                row.finding.severity.name(),
                row.check.code,
                place(row),
                escaped(&words(row))
            );
        }
        out.push('\n');
        for row in news.iter().take(MOST).filter(|row| row.finding.severity > Severity::Info) {
            let _ = writeln!(out, "`{}` at {}:\n\n{}", row.check.code, place(row), fenced(row.fix()));
        }
    }
    if !old.is_empty() {
        let _ = writeln!(out, "{} findings were there before and are as they were.\n", old.len());
    }
    details(&mut out, "Not judged", &unknown(report));
    details(&mut out, "Ignored", &ignored(report));
    out
}

/// A folded list; nothing where it is empty.
fn details(out: &mut String, title: &str, texts: &[String]) {
    if texts.is_empty() {
        return;
    }
    let _ = writeln!(out, "<details><summary>{title} ({})</summary>\n", texts.len());
    for text in texts.iter().take(MOST) {
        let _ = writeln!(out, "- {}", escaped(text));
    }
    if texts.len() > MOST {
        let _ = writeln!(out, "- and {} more", texts.len() - MOST);
    }
    out.push_str("\n</details>\n");
}

fn place(row: &Row) -> String {
    format!("{}:{}", escaped(&row.location.file), row.location.line)
}

/// One line of text: a line break would end a table's row or a list's item.
fn escaped(text: &str) -> String {
    text.lines().map(escape::markdown).collect::<Vec<_>>().join(" ")
}

/// A block that its content cannot end: the fence is longer than any run of backticks in it.
fn fenced(text: &str) -> String {
    let text = escape::terminal(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{text}\n{fence}\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn blocks_cannot_be_left() {
        assert_eq!(super::fenced("a ``` b"), "````text\na ``` b\n````\n");
        assert_eq!(super::escaped("a\n| b"), "a \\| b");
    }
}
