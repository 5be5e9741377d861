//! One page without scripts and without anything loaded from elsewhere.

#![expect(clippy::expect_used, reason = "the page is compiled in, and tests render it")]

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, context};
use serde::Serialize;

use crate::judge::finding::{CheckResult, Finding};
use crate::judge::forecast::ReceiverResult;
use crate::judge::headline;
use crate::judge::priority::{self, Task};
use crate::judge::report::{Report, rfc3339};
use crate::model::untrusted::{Width, plain};

use crate::render::escape::terminal;

use super::{coverage, score_line, subject};

/// Several reports on one page: the head of the first, and what stands in each.
pub(crate) fn several(reports: &[Report]) -> String {
    let pages: Vec<String> = reports.iter().map(html).collect();
    let Some((head, _)) = pages.first().and_then(|page| page.split_once("<body>")) else {
        return String::new();
    };
    // What others wrote is escaped: the first and the last of these are the page's own.
    let inner = pages.iter().filter_map(|page| {
        let (_, rest) = page.split_once("<body>")?;
        Some(rest.rsplit_once("</body>")?.0)
    });
    format!("{head}<body>{}</body>\n</html>\n", inner.collect::<Vec<_>>().join("<hr>\n"))
}

#[derive(Serialize)]
struct Row<'r> {
    severity: &'static str,
    code: &'static str,
    area: &'static str,
    subject: String,
    summary: String,
    proof: Option<String>,
    place: Option<String>,
    why: &'r str,
    fix: String,
    references: Vec<(String, String)>,
}

/// One thing to do.
#[derive(Serialize)]
struct TaskRow {
    codes: String,
    severity: &'static str,
    summary: String,
    effect: String,
    fix: String,
}

#[derive(Serialize)]
struct AreaRow {
    title: &'static str,
    score: Option<u32>,
    judged: usize,
    failed: usize,
    unknown: usize,
    reason: Option<String>,
}

#[derive(Serialize)]
struct ReceiverRow {
    name: &'static str,
    expected: &'static str,
    title: &'static str,
    code: Option<&'static str>,
    because: String,
}

#[derive(Serialize)]
struct IgnoredRow {
    code: &'static str,
    summary: String,
    reason: String,
    owner: Option<String>,
    until: Option<String>,
}

fn receiver_row(receiver: &ReceiverResult) -> ReceiverRow {
    ReceiverRow {
        name: receiver.name,
        expected: receiver.expected.name(),
        title: receiver.expected.title(),
        code: receiver.code,
        because: plain(&receiver.because.join("; "), Width::Block),
    }
}

/// Things to do in front of everything that was found.
const FIRST: usize = 3;

pub(crate) fn html(report: &Report) -> String {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let rows: Vec<Row> =
        report.findings().into_iter().map(|(result, finding)| row(result, finding)).collect();
    let areas = report.score.areas.iter().map(|area| AreaRow {
        title: area.area.title(),
        score: area.score,
        judged: area.judged,
        failed: area.failed,
        unknown: area.unknown,
        reason: area.reason.as_deref().map(|reason| plain(reason, Width::Record)),
    });
    let gaps: Vec<(String, String)> = report
        .gaps(true)
        .iter()
        .map(|gap| (plain(&gap.text(), Width::Block), gap.codes.join(", ")))
        .collect();
    let deductions: Vec<(String, &str, &str)> = report
        .score
        .deductions
        .iter()
        .map(|d| (format!("{:.1}", d.points), d.code, d.area.title()))
        .collect();
    let context = context! {
        subject => plain(&subject(report), Width::Record),
        score => score_line(report),
        total => report.score.total,
        capped => report.score.capped_by.as_deref().map(|why| plain(why, Width::Record)),
        headline => plain(&headline::sentence(report), Width::Block),
        basis => report.score.basis.title(),
        receivers => Serde(report.receivers.iter().map(receiver_row).collect::<Vec<_>>()),
        ignored => Serde(report.ignored().into_iter().map(|(result, one)| IgnoredRow {
            code: result.check.code,
            summary: plain(&one.finding.problem.summary, Width::Block),
            reason: plain(&one.reason, Width::Record),
            owner: one.owner.as_deref().map(|owner| plain(owner, Width::Line)),
            until: one.until.clone(),
        }).collect::<Vec<_>>()),
        coverage => coverage(report),
        taken_at => rfc3339(report.taken_at),
        version => env!("CARGO_PKG_VERSION"),
        tasks => Serde(priority::tasks(report).iter().take(FIRST).filter_map(task_row).collect::<Vec<_>>()),
        after => super::after_line(report).map(|line| plain(&line, Width::Block)),
        areas => Serde(areas.collect::<Vec<_>>()),
        findings => Serde(rows),
        gaps => gaps,
        deductions => deductions,
        blind_spots => report.blind_spots.clone(),
        asked => report.questions.asked,
        failed => report.questions.in_vain,
    };
    // The template is ours and a test renders it: it cannot fail on a user.
    environment.render_str(include_str!("page.html"), context).expect("page.html is ours and tested")
}

fn task_row(task: &Task) -> Option<TaskRow> {
    let (result, finding) = task.lead()?;
    let also: Vec<&str> = std::iter::once(result.check.code).chain(task.also()).collect();
    Some(TaskRow {
        codes: also.join(", "),
        severity: finding.severity.name(),
        summary: plain(&finding.problem.summary, Width::Block),
        effect: task.effect(),
        fix: terminal(finding.problem.fix.as_deref().unwrap_or(result.check.fix)),
    })
}

fn row<'r>(result: &'r CheckResult, finding: &Finding) -> Row<'r> {
    let problem = &finding.problem;
    Row {
        severity: finding.severity.name(),
        code: result.check.code,
        area: result.check.area.title(),
        subject: problem.subject.to_string(),
        summary: plain(&problem.summary, Width::Block),
        proof: problem.proof.as_deref().map(|proof| plain(proof, Width::Block)),
        place: problem.location.as_ref().map(|at| format!("{}:{}", plain(&at.file, Width::Record), at.line)),
        why: result.check.why,
        fix: terminal(problem.fix.as_deref().unwrap_or(result.check.fix)),
        references: result.check.references.iter().map(|r| (r.label(), r.url())).collect(),
    }
}
