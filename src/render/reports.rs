//! The answer of `mailvet reports` for people: how the mail of each domain fared,
//! which sources fail, and what could not be read.

use super::escape;
use super::json::reports::RejectedV1;
use super::style::{Look, table, wrap};
use crate::facts::day_of;
use crate::model::Severity;
use crate::model::reports::{DomainReports, Figure, ReportSummary, SourceTally, TlsTally, percent};
use crate::model::untrusted::{Width, plain};

/// Everything the command shows.
pub(crate) struct ReportsView<'a> {
    pub summary: ReportSummary,
    pub rejected: &'a [RejectedV1],
}

/// Domains, sources and files shown without `-v`.
const SHOWN: usize = 10;

pub(crate) fn terminal(view: &ReportsView, look: Look) -> String {
    let summary = &view.summary;
    let shown = if look.verbose { usize::MAX } else { SHOWN };
    let mut out = format!(
        "{} aggregate reports by {} receivers, {} TLS, {} complaints",
        summary.reports,
        summary.reporters.len(),
        summary.tls.values().map(|tally| tally.reports).sum::<u64>(),
        summary.complaints,
    );
    if !summary.figures.is_empty() {
        out.push_str(&format!(", {} figures of receivers' own pages", summary.figures.len()));
    }
    for (count, what) in [(summary.duplicates, "sent twice"), (summary.rejected, "not readable")] {
        if count > 0 {
            out.push_str(&format!(", {count} {what}"));
        }
    }
    out.push('\n');
    let mut domains: Vec<(&String, &DomainReports)> = summary.domains.iter().collect();
    domains.sort_by_key(|(name, about)| (std::cmp::Reverse(about.tally.messages), *name));
    for (name, about) in domains.iter().take(shown) {
        out.push_str(&domain(name, about, look));
    }
    out.push_str(&more(domains.len(), shown, "domains"));
    if !look.quiet {
        for (name, tally) in summary.tls.iter().take(shown) {
            out.push_str(&tls(name, tally, look));
        }
        out.push_str(&more(summary.tls.len(), shown, "domains with TLS reports"));
        out.push_str(&figures(&summary.figures, shown, look));
        if !view.rejected.is_empty() {
            out.push_str("\nnot read\n");
        }
        for rejected in view.rejected.iter().take(shown) {
            let text = format!("{}: {}", rejected.file, rejected.error);
            out.push_str(&wrap(&escape::terminal(&text), look.width, "  ", "    "));
        }
        out.push_str(&more(view.rejected.len(), shown, "files"));
        if let Some((name, _)) = domains.first() {
            let name = escape::terminal(name);
            out.push_str(&format!(
                "\nnext: mailvet dmarc {name} --reports PATH tells what they mean for the policy\n"
            ));
        }
    }
    out
}

fn more(count: usize, shown: usize, what: &str) -> String {
    match count.saturating_sub(shown) {
        0 => String::new(),
        left => format!("  and {left} more {what}; -v shows them\n"),
    }
}

fn domain(name: &str, about: &DomainReports, look: Look) -> String {
    let tally = &about.tally;
    let share = percent(tally.passed, tally.messages);
    let word = format!("{share}% pass");
    let word = match share {
        99.. => look.good(&word),
        90.. => look.severity(Severity::Medium, &word),
        _ => look.severity(Severity::High, &word),
    };
    let span = match (about.days.first_key_value(), about.days.last_key_value()) {
        (Some((first, _)), Some((last, day))) => format!(
            ", {} to {}, last p={}",
            day_of(first.saturating_mul(86_400)),
            day_of(last.saturating_mul(86_400)),
            escape::terminal(&day.policy)
        ),
        _ => String::new(),
    };
    let mut out = format!("\n{}  {word}\n", look.bold(&escape::terminal(name)));
    let text = format!(
        "{} messages from {} sources; DKIM {}%, SPF {}% aligned{span}",
        tally.messages,
        about.sources.len(),
        percent(tally.dkim, tally.messages),
        percent(tally.spf, tally.messages),
    );
    out.push_str(&wrap(&text, look.width, "  ", "  "));
    if look.quiet {
        return out;
    }
    let mut failing: Vec<_> = about.sources.iter().filter(|(_, source)| source.tally.failed() > 0).collect();
    failing.sort_by_key(|(ip, source)| (std::cmp::Reverse(source.tally.failed()), **ip));
    if failing.is_empty() {
        return out;
    }
    let shown = if look.verbose { usize::MAX } else { SHOWN };
    let mut rows = comfy_table::Table::new();
    rows.load_style(table()).set_header(["failing source", "failed", "of", "what speaks for it"]);
    for (ip, source) in failing.iter().take(shown) {
        let tally = &source.tally;
        rows.add_row([ip.to_string(), tally.failed().to_string(), tally.messages.to_string(), hint(source)]);
    }
    rows.set_width(u16::try_from(look.width.saturating_sub(2)).unwrap_or(80));
    out.push_str(&indented(&rows.to_string()));
    out.push_str(&more(failing.len(), shown, "failing sources"));
    out
}

/// What is known of a failing source without asking anybody.
fn hint(source: &SourceTally) -> String {
    let names = source.passes_as.keys().take(2).map(|name| crate::model::untrusted::plain(name, Width::Word));
    let names = names.collect::<Vec<_>>().join(", ");
    if source.broken > 0 {
        "a signature of the domain that broke: forwarder or list".to_owned()
    } else if source.forwarded > 0 {
        "forwarded, says the receiver".to_owned()
    } else if !names.is_empty() {
        format!("passes as {names}, not aligned")
    } else if source.tally.passed > 0 {
        "part of its mail passes".to_owned()
    } else {
        "nothing".to_owned()
    }
}

fn tls(name: &str, tally: &TlsTally, look: Look) -> String {
    let whole = tally.successful.saturating_add(tally.failed);
    let word = format!("{} of {whole} TLS sessions failed", tally.failed);
    let word = if tally.failed == 0 { look.good(&word) } else { look.severity(Severity::Medium, &word) };
    let mut out = format!("\n{}  {word}\n", look.bold(&escape::terminal(name)));
    for (kind, count) in &tally.failures {
        out.push_str(&format!("  {count} {}\n", escape::terminal(kind)));
    }
    out
}

/// What receivers' own pages show, the newest days first.
fn figures(figures: &[Figure], shown: usize, look: Look) -> String {
    if figures.is_empty() {
        return String::new();
    }
    let mut sorted: Vec<&Figure> = figures.iter().collect();
    sorted.sort_by(|a, b| b.day.cmp(&a.day).then_with(|| a.cmp(b)));
    let mut rows = comfy_table::Table::new();
    rows.load_style(table()).set_header([
        "day",
        "shown by",
        "of",
        "messages",
        "complaints",
        "standing",
        "traps",
    ]);
    let unsaid = || "-".to_owned();
    let percent = |parts: u64| parts as f64 / 10_000.0;
    for figure in sorted.iter().take(shown) {
        let complaints = match figure.complaints {
            None => unsaid(),
            Some((least, most)) if least == most => format!("{} %", percent(most)),
            Some((0, most)) => format!("under {} %", percent(most)),
            Some((least, most)) => format!("{} to {} %", percent(least), percent(most)),
        };
        rows.add_row([
            day_of(figure.day.saturating_mul(86_400)).to_string(),
            plain(&figure.receiver, Width::Name),
            plain(&figure.subject, Width::Name),
            figure.messages.map_or_else(unsaid, |messages| messages.to_string()),
            complaints,
            figure.verdict.as_deref().map_or_else(unsaid, |verdict| plain(verdict, Width::Word)),
            // Gmail tells of no traps, and SNDS may leave the field empty.
            if figure.traps == 0 { unsaid() } else { figure.traps.to_string() },
        ]);
    }
    rows.set_width(u16::try_from(look.width.saturating_sub(2)).unwrap_or(80));
    let left = more(sorted.len(), shown, "figures");
    format!("\nfigures of receivers' own pages\n{}{left}", indented(&rows.to_string()))
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}
