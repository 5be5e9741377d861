//! The report for people: the score, what to do first, then the areas.

use comfy_table::{CellAlignment, ContentArrangement, Table};

use super::escape;
use super::style::{Look, wrap};
use crate::judge::finding::{CheckResult, Finding};
use crate::judge::forecast::Expected;
use crate::judge::priority::{self, Task};
use crate::judge::report::{Report, date_of};
use crate::judge::score::Basis;
use crate::judge::{headline, unknown};
use crate::model::Severity;
use crate::model::untrusted::Width;

/// Findings shown in full before the areas: a reader acts on three.
const FIRST: usize = 3;

/// The whole report.
pub(crate) fn audit(report: &Report, look: Look) -> String {
    let mut out = headline(report, look);
    if look.quiet {
        return out;
    }
    out.push_str(&receivers(report, look));
    let findings = report.findings();
    let (scoring, notes): (Vec<_>, Vec<_>) =
        findings.into_iter().partition(|(_, finding)| finding.severity > Severity::Info);
    let tasks = priority::tasks(report);
    let first = first_tasks(&tasks, FIRST);
    if !first.is_empty() {
        let title = if first.len() == 1 { "Fix this first" } else { "Fix these first" };
        out.push_str(&format!("\n{}\n", look.bold(title)));
        for (number, task) in first.iter().enumerate() {
            out.push_str(&one_task(&format!("{}.", number + 1), task, look));
        }
    }
    out.push_str(&after_remedies(report, look));
    out.push('\n');
    out.push_str(&areas(report));
    let shown = |finding: &Finding| {
        first.iter().filter_map(|task| task.lead()).any(|(_, lead)| std::ptr::eq(lead, finding))
    };
    let rest: Vec<_> = scoring.iter().filter(|(_, finding)| !shown(finding)).collect();
    if !rest.is_empty() {
        out.push_str(&format!("\n{}\n", look.bold("Everything else found")));
        for (result, finding) in rest {
            out.push_str(&if look.verbose {
                in_full("-", result, finding, look)
            } else {
                in_brief(result, finding, look)
            });
        }
    }
    if !notes.is_empty() && look.verbose {
        out.push_str(&format!("\n{}\n", look.bold("Notes, without points")));
        for (result, finding) in &notes {
            out.push_str(&in_brief(result, finding, look));
        }
    }
    out.push_str(&ignored(report, look));
    out.push_str(&unknowns(report, look));
    if look.verbose {
        out.push_str(&passed(report, look));
        out.push_str(&deductions(report, look));
    }
    out.push_str(&blind_spots(report, look));
    out.push_str(&closing(report, look));
    out
}

/// What a score without a domain is of.
fn without_domain(report: &Report) -> &'static str {
    match report.score.basis {
        Basis::Logs => "these logs",
        Basis::Settings => "this system",
        _ => "this message",
    }
}

fn headline(report: &Report, look: Look) -> String {
    let target =
        report.target.domain.as_ref().map_or(without_domain(report).to_owned(), |name| name.unicode());
    let score = &report.score;
    let assessed = score.areas.iter().filter(|area| area.assessed()).count();
    let mut out = wrap(&look.bold(&escape::terminal(&headline::sentence(report))), look.width, "", "");
    let line = escape::terminal(&super::report::score_line(report));
    let painted = match report.worst() {
        Some(severity) if severity >= Severity::Medium => look.severity(severity, &line),
        _ if score.total.is_none() => line,
        _ => look.good(&line),
    };
    out.push_str(&wrap(
        &format!("{}  {painted}", look.bold(&escape::terminal(&target))),
        look.width,
        "",
        "  ",
    ));
    let mut line = format!(
        "judged by {}, on {assessed} of {} areas; {:.0} % of the checks that apply could be judged; {}",
        score.basis.title(),
        score.areas.len(),
        (score.coverage * 100.0).floor(),
        date_of(report.taken_at)
    );
    if let Some(why) = &score.capped_by {
        line.push_str(&format!("; {}", escape::terminal(why)));
    }
    out.push_str(&wrap(&line, look.width, "", ""));
    out
}

/// What is to be done, told by its worst finding, and what comes of it.
fn one_task(mark: &str, task: &Task, look: Look) -> String {
    let Some((result, finding)) = task.lead() else { return String::new() };
    let mut out = in_full(mark, result, finding, look);
    let also = task.also();
    let mut wins = Vec::new();
    if !also.is_empty() {
        wins.push(format!("settles {} as well", also.join(", ")));
    }
    let effect = task.effect();
    if !effect.is_empty() {
        wins.push(effect);
    }
    if !wins.is_empty() {
        out.push_str(&wrap(&escape::terminal(&wins.join("; ")), look.width, "   wins  ", "         "));
    }
    out
}

/// What publishing the records comes to, where it was asked for.
fn after_remedies(report: &Report, look: Look) -> String {
    super::report::after_line(report)
        .map_or_else(String::new, |line| format!("\n{}", wrap(&escape::terminal(&line), look.width, "", "")))
}

/// At most `count` things to do, one for each check: two of the same are the same work.
fn first_tasks<'t, 'r>(tasks: &'t [Task<'r>], count: usize) -> Vec<&'t Task<'r>> {
    let mut first: Vec<&Task> = Vec::new();
    for task in tasks {
        let code = |task: &Task| task.lead().map(|(result, _)| result.check.code);
        if first.len() < count && !first.iter().any(|shown| code(shown) == code(task)) {
            first.push(task);
        }
    }
    first
}

pub(super) fn in_full(mark: &str, result: &CheckResult, finding: &Finding, look: Look) -> String {
    let problem = &finding.problem;
    let severity = look.severity(finding.severity, finding.severity.name());
    let mut out = format!(
        "\n{mark:>2} {severity}  {}  {}\n",
        look.bold(result.check.code),
        look.dim(&escape::terminal(&problem.subject.to_string()))
    );
    let section = |label: &str, text: &str| {
        let first = format!("   {label:<5} ");
        wrap(&escape::terminal(text), look.width, &first, "         ")
    };
    out.push_str(&section("seen", &problem.summary));
    if let Some(proof) = &problem.proof {
        out.push_str(&section("", proof));
    }
    if let Some(location) = &problem.location {
        out.push_str(&section("at", &format!("{}:{}", location.file, location.line)));
    }
    out.push_str(&section("why", result.check.why));
    out.push_str(&section("fix", problem.fix.as_deref().unwrap_or(result.check.fix)));
    if let Some(reference) = result.check.references.first() {
        out.push_str(&section("see", &reference.label()));
    }
    out
}

pub(super) fn in_brief(result: &CheckResult, finding: &Finding, look: Look) -> String {
    let severity = look.severity(finding.severity, &format!("{:<8}", finding.severity.name()));
    let mut out = format!("  {severity}  {}\n", result.check.code);
    let mut text = escape::terminal(&finding.problem.summary);
    if let Some(location) = &finding.problem.location {
        text.push_str(&format!(" ({}:{})", escape::terminal(&location.file), location.line));
    }
    out.push_str(&wrap(&text, look.width, "            ", "            "));
    out
}

fn areas(report: &Report) -> String {
    let mut table = Table::new();
    table.load_style(super::style::table());
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(80);
    table.set_header(["area", "score", "checks", "remarks"]);
    for area in &report.score.areas {
        let score = area.score.map_or("-".to_owned(), |score| score.to_string());
        let checks = if area.assessed() { format!("{} judged", area.judged) } else { String::new() };
        let mut remarks = Vec::new();
        match &area.reason {
            Some(reason) => remarks.push(format!("not assessed: {}", escape::terminal(reason))),
            None => {
                if area.failed > 0 {
                    remarks.push(format!("{} failed", area.failed));
                }
                if area.ignored > 0 {
                    remarks.push(format!("{} ignored", area.ignored));
                }
                if area.notes > 0 {
                    let plural = if area.notes == 1 { "note" } else { "notes" };
                    remarks.push(format!("{} {plural}", area.notes));
                }
                let unknown = area.unknown.saturating_sub(area.unsupplied);
                if unknown > 0 {
                    remarks.push(format!("{unknown} unknown"));
                }
                if area.unsupplied > 0 {
                    remarks.push(format!(
                        "{} need {}",
                        area.unsupplied,
                        // Some need several together; all of them want each of these.
                        unknown::flags(area.flags.iter().flat_map(|flag| flag.split(" and ")))
                    ));
                }
                if remarks.is_empty() {
                    remarks.push("nothing found".to_owned());
                }
            }
        }
        table.add_row([area.area.title().to_owned(), score, checks, remarks.join(", ")]);
    }
    for column in [1, 2] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let text: String = table.to_string();
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// One line a receiver: what it will do and why; with `-v` each requirement.
fn receivers(report: &Report, look: Look) -> String {
    if report.receivers.is_empty() || report.target.domain.is_none() {
        return String::new();
    }
    let mut out = format!("\n{}\n", look.bold("What each receiver will do"));
    if report.receivers.iter().all(|receiver| receiver.expected == Expected::Unknown) && !look.verbose {
        // Records alone decide nothing; one line says so in place of one a receiver.
        let text = match report.score.basis {
            _ if report.role.is_some_and(|role| !role.may_send()) => {
                "none is expected: the name sends no mail"
            }
            Basis::Records => {
                "cannot be said of any: whether SPF and DKIM pass shows only with a sender; give --ip IP and \
                 --message FILE"
            }
            _ => "cannot be said of any: too much is unknown; -v lists what of each",
        };
        out.push_str(&wrap(text, look.width, "  ", "  "));
        return out;
    }
    for receiver in &report.receivers {
        // Without a word to say of them, small receivers stand in -v only.
        if receiver.expected == Expected::Unknown && !receiver.large && !look.verbose {
            continue;
        }
        let code = receiver.code.map(|code| format!(" ({code})")).unwrap_or_default();
        let text = format!("{}{code}: {}", receiver.expected.title(), receiver.because.join("; "));
        let first = format!("  {:<14} ", receiver.name);
        out.push_str(&wrap(&escape::terminal(&text), look.width, &first, "                 "));
        for requirement in receiver.requirements.iter().filter(|_| look.verbose) {
            let text = format!("{} [{}]", requirement.detail, requirement.applies);
            out.push_str(&wrap(&escape::terminal(&text), look.width, "      - ", "        "));
        }
    }
    out
}

/// What the settings set aside: a line each.
fn ignored(report: &Report, look: Look) -> String {
    let ignored = report.ignored();
    if ignored.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", look.bold(&format!("Ignored by the settings ({})", ignored.len())));
    for (result, one) in ignored {
        let text = format!("{} ({})", one.finding.problem.summary, one.why());
        out.push_str(&wrap(
            &escape::terminal(&text),
            look.width,
            &format!("  {}  ", result.check.code),
            "      ",
        ));
    }
    out
}

pub(super) fn unknowns(report: &Report, look: Look) -> String {
    let gaps = report.gaps(look.verbose);
    if gaps.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", look.bold("Unknown, neither passed nor failed"));
    for gap in gaps {
        let width = if look.verbose { Width::Block } else { Width::Record };
        let mut text = crate::model::untrusted::plain(&gap.text(), width);
        if !gap.example.is_empty() {
            text.push_str(&format!(" ({})", crate::model::untrusted::plain(&gap.example, Width::Line)));
        }
        out.push_str(&wrap(&text, look.width, "  ? ", "    "));
        if look.verbose {
            out.push_str(&wrap(&gap.codes.join(", "), look.width, "      ", "      "));
        }
    }
    out
}

fn passed(report: &Report, look: Look) -> String {
    let codes: Vec<&str> =
        report.results.iter().filter(|r| r.outcome_name() == "pass").map(|r| r.check.code).collect();
    format!("\n{}\n{}", look.bold("Passed"), wrap(&codes.join(", "), look.width, "  ", "  "))
}

fn deductions(report: &Report, look: Look) -> String {
    if report.score.deductions.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", look.bold("Deductions, in points of the area"));
    for deduction in &report.score.deductions {
        out.push_str(&format!(
            "  {:>5.1}  {} ({})\n",
            -deduction.points,
            deduction.code,
            deduction.area.name()
        ));
    }
    out
}

fn blind_spots(report: &Report, look: Look) -> String {
    if report.blind_spots.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}\n", look.bold("What this report cannot see"));
    for spot in &report.blind_spots {
        out.push_str(&wrap(spot, look.width, "  - ", "    "));
    }
    out
}

fn closing(report: &Report, look: Look) -> String {
    let failed = report.questions.in_vain;
    let mut line = match report.questions.asked {
        0 => "no question was asked".to_owned(),
        1 => "1 question asked".to_owned(),
        asked => format!("{asked} questions asked"),
    };
    if failed > 0 && report.questions.asked > 0 {
        line.push_str(&format!(", {failed} without a usable answer"));
    }
    if let Some((result, _)) = report.findings().first() {
        line.push_str(&format!(". More: mailvet explain {}", result.check.code));
    }
    if !look.verbose {
        line.push_str(". Everything: -v");
    }
    format!("\n{}", look.dim(&wrap(&line, look.width, "", "")).trim_end_matches('\n').to_owned() + "\n")
}
