//! Findings as a command of one question shows them: severity, code, what was
//! seen, the record with a caret under the guilty part, the fix.

use super::escape;
use super::source_caret::{self, Caret, Style};
use super::style::{Look, wrap};
use crate::judge::finding::{CheckResult, Finding};
use crate::judge::unknown;
use crate::model::{Severity, Subject};

/// All findings, worst first, then what could not be judged.
pub(crate) fn findings(results: &[CheckResult], look: Look) -> String {
    let mut found: Vec<(&CheckResult, &Finding)> = results
        .iter()
        .flat_map(|result| result.findings().iter().map(move |finding| (result, finding)))
        .filter(|(_, finding)| look.verbose || finding.severity > Severity::Info)
        .collect();
    found.sort_by_key(|(_, finding)| std::cmp::Reverse(finding.severity));
    let mut out = String::new();
    for (result, finding) in found {
        out.push('\n');
        out.push_str(&block(result, finding, look));
    }
    out.push_str(&gaps(results, look));
    out
}

/// One finding.
pub(crate) fn block(result: &CheckResult, finding: &Finding, look: Look) -> String {
    let problem = &finding.problem;
    let fix = problem.fix.as_deref().unwrap_or(result.check.fix);
    let mut out = format!(
        "{}  {}\n",
        look.severity(finding.severity, finding.severity.name()),
        look.bold(result.check.code)
    );
    match &problem.subject {
        Subject::Record { question, text, span: Some(span) } if !text.is_empty() => {
            let caret = Caret {
                error: finding.severity >= Severity::High,
                code: result.check.code,
                message: &problem.summary,
                remedy: fix,
                file: question,
                source: text.as_bytes(),
                span: span.clone(),
            };
            let style = if look.color { Style::Coloured } else { Style::Plain };
            out.push_str(&source_caret::render(&caret, style));
            out.push('\n');
            if let Some(location) = &problem.location {
                out.push_str(&format!("  at   {}:{}\n", escape::terminal(&location.file), location.line));
            }
        }
        _ => {
            out.push_str(&wrap(&escape::terminal(&problem.summary), look.width, "  seen ", "       "));
            if let Some(location) = &problem.location {
                out.push_str(&format!("  at   {}:{}\n", escape::terminal(&location.file), location.line));
            }
            if let Some(proof) = &problem.proof {
                out.push_str(&wrap(&escape::terminal(proof), look.width, "       ", "       "));
            }
            out.push_str(&wrap(&escape::terminal(fix), look.width, "  fix  ", "       "));
        }
    }
    out
}

fn gaps(results: &[CheckResult], look: Look) -> String {
    let mut out = String::new();
    for gap in unknown::grouped(results, look.verbose) {
        let mut text = gap.text();
        if !gap.example.is_empty() {
            text.push_str(&format!(" ({})", gap.example));
        }
        out.push_str(&wrap(&format!("unknown: {}", escape::terminal(&text)), look.width, "\n? ", "  "));
        out.push_str(&wrap(&gap.codes.join(", "), look.width, "    ", "    "));
    }
    out
}
