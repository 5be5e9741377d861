//! The report for people: the score, what to do first, then the areas.

use comfy_table::{CellAlignment, ContentArrangement, Table};

use super::escape;
use super::style::{Look, wrap};
use crate::judge::finding::{CheckResult, Finding};
use crate::judge::forecast::Expected;
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
    let (mut scoring, notes): (Vec<_>, Vec<_>) =
        findings.into_iter().partition(|(_, finding)| finding.severity > Severity::Info);
    // Among equals first what wins most points: a remedy counts for all that it settles.
    scoring.sort_by(|(_, a), (_, b)| {
        let points = |finding: &Finding| points_of(report, finding);
        b.severity.cmp(&a.severity).then(points(b).total_cmp(&points(a)))
    });
    let first: Vec<_> = first_of_each_check(&scoring, FIRST);
    if !first.is_empty() {
        let title = if first.len() == 1 { "Fix this first" } else { "Fix these first" };
        out.push_str(&format!("\n{}\n", look.bold(title)));
        for (number, (result, finding)) in first.iter().enumerate() {
            out.push_str(&in_full(&format!("{}.", number + 1), result, finding, look));
            out.push_str(&also_settled(report, result, finding, look));
        }
    }
    out.push_str(&after_remedies(report, look));
    out.push('\n');
    out.push_str(&areas(report));
    let shown = |finding: &Finding| first.iter().any(|(_, f)| std::ptr::eq(*f, finding));
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
        line.push_str(&format!("; the total is capped by {}", escape::terminal(why)));
    }
    out.push_str(&wrap(&line, look.width, "", ""));
    out
}

/// The codes that the finding's remedy settles, its own among them.
fn settled_with<'r>(report: &'r Report, finding: &Finding) -> Vec<&'r str> {
    let same = |other: &&Finding| other.remedy.is_some() && other.remedy == finding.remedy;
    let settled = report.results.iter().filter(|result| result.findings().iter().any(|one| same(&one)));
    settled.map(|result| result.check.code).collect()
}

/// Points that the remedy of a finding wins back.
fn points_of(report: &Report, finding: &Finding) -> f64 {
    let codes = settled_with(report, finding);
    report.score.deductions.iter().filter(|one| codes.contains(&one.code)).map(|one| one.points).sum()
}

fn also_settled(report: &Report, result: &CheckResult, finding: &Finding, look: Look) -> String {
    let mut codes = settled_with(report, finding);
    codes.retain(|code| *code != result.check.code);
    match codes.is_empty() {
        true => String::new(),
        false => wrap(&format!("settles {} as well", codes.join(", ")), look.width, "         ", "         "),
    }
}

/// What publishing the records comes to, where it was asked for.
fn after_remedies(report: &Report, look: Look) -> String {
    let Some(after) = &report.after else { return String::new() };
    let shown = |total: Option<u32>| total.map_or("not scored".to_owned(), |total| total.to_string());
    let records = if after.records == 1 {
        "this record set".to_owned()
    } else {
        format!("these {} record sets", after.records)
    };
    let line = format!(
        "After {records}: {} -> {}, grade {}; {} findings left",
        shown(report.score.total),
        shown(after.score.total),
        after.score.grade.unwrap_or("none"),
        after.findings
    );
    format!("\n{}", wrap(&line, look.width, "", ""))
}

/// At most `count` findings, one of each check: the worst first, and among
/// equals one of each area before a second, since they are different work.
fn first_of_each_check<'r>(
    findings: &[(&'r CheckResult, &'r Finding)],
    count: usize,
) -> Vec<(&'r CheckResult, &'r Finding)> {
    let mut first: Vec<(&CheckResult, &Finding)> = Vec::new();
    for severity in Severity::ALL.into_iter().rev() {
        for new_area in [true, false] {
            for (result, finding) in findings.iter().filter(|(_, finding)| finding.severity == severity) {
                // One edit settles all findings about its record: it is one thing to do.
                let code_shown = first.iter().any(|(shown, one)| {
                    shown.check.code == result.check.code
                        || (one.remedy.is_some() && one.remedy == finding.remedy)
                });
                let area_shown = first.iter().any(|(shown, _)| shown.check.area == result.check.area);
                if first.len() < count && !code_shown && (!new_area || !area_shown) {
                    first.push((result, finding));
                }
            }
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
                        unknown::flags(area.flags.iter().copied())
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
        let owner = one.owner.as_deref().map(|owner| format!(", {owner}")).unwrap_or_default();
        let until = one.until.as_deref().map(|day| format!(", until {day}")).unwrap_or_default();
        let text = format!("{} ({}{owner}{until})", one.finding.problem.summary, one.reason);
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
    let failed = report.questions.failed.len();
    let mut line = match report.questions.asked {
        0 => "no question was asked".to_owned(),
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
