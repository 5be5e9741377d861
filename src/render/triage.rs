//! Delivery stories as text for terminals and tickets: the answer first.

use crate::model::redaction::shown;
use crate::model::traffic::TrafficSummary;
use crate::model::untrusted::{Width, plain};
use crate::parse::log::record::LogEvent;
use crate::triage::cause::Cause;
use crate::triage::reply::Who;
use crate::triage::story::{Message, Recipient, Status, patience};

use super::escape;
use super::style::{Look, wrap};
use crate::model::Severity;
use crate::model::counted::counted;

/// What `mailvet triage` found, in any format.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    pub query: String,
    pub files: &'a [String],
    pub dialects: &'a [String],
    pub messages: &'a [Message],
    /// Matching messages, listed or not.
    pub total: u64,
    pub nearest: &'a [String],
    pub summary: Option<&'a TrafficSummary>,
    pub notes: &'a [String],
    pub redact: bool,
}

/// For a terminal or pipe.
pub(crate) fn terminal(report: &Report<'_>, look: Look) -> String {
    let mut out = String::new();
    let mask = |text: &str| escape::terminal(&shown(text, report.redact));
    if report.messages.is_empty() && report.total == 0 {
        out.push_str(&nothing(report));
    }
    if report.query.is_empty()
        && let Some(summary) = report.summary
    {
        out.push_str(&super::traffic::causes(summary, look, report.redact));
        out.push('\n');
    }
    let (shown, omitted) = selection(report, look.verbose);
    for line in omitted {
        out.push_str(&format!("{line}\n\n"));
    }
    for message in shown {
        for recipient in &message.recipients {
            out.push_str(&wrap(&mask(&recipient.answer), look.width, &marker(recipient, look), "    "));
            if look.quiet {
                continue;
            }
            detail(&mut out, message, recipient, report, look);
            out.push('\n');
        }
    }
    let listed = report.messages.len() as u64;
    if report.total > listed {
        out.push_str(&wrap(
            &format!(
                "{} more messages match; narrow with --recipient, --sender, --queue-id, --since or --until.",
                report.total - listed
            ),
            look.width,
            "",
            "",
        ));
    }
    for note in report.notes.iter().cloned().chain(not_understood(report)) {
        out.push_str(&wrap(&mask(&note), look.width, "note: ", "      "));
    }
    out
}

/// How many lines no rule understood, with the first: they are never dropped silently.
fn not_understood(report: &Report<'_>) -> Option<String> {
    let summary = report.summary.filter(|summary| summary.unparsed > 0)?;
    let example = summary
        .unparsed_examples
        .first()
        .map(|(location, text)| {
            format!(", the first {}:{}: {}", location.file, location.line, text.plain(Width::Line))
        })
        .unwrap_or_default();
    Some(format!("{} of {} lines not understood{example}", summary.unparsed, summary.lines))
}

/// Without a filter, what needs someone; JSON has it all. With it, what was
/// left out, in words.
fn selection<'r>(report: &Report<'r>, all: bool) -> (Vec<&'r Message>, Vec<String>) {
    const SHOWN: usize = 30;
    let mut shown: Vec<&Message> = report.messages.iter().collect();
    let mut omitted = Vec::new();
    if report.query.is_empty() && !all {
        let done = |message: &Message| message.recipients.iter().all(|r| r.status == Status::Delivered);
        let before = shown.len();
        shown.retain(|message| !done(message));
        let delivered = before - shown.len();
        if delivered > 0 {
            let delivered = counted(delivered as u64, "delivered message");
            omitted.push(format!("{delivered} not shown (-v shows all)"));
        }
        let refused = |message: &Message| {
            message.recipients.iter().all(|r| r.address.is_empty() && r.status == Status::Rejected)
        };
        let before = shown.len();
        shown.retain(|message| !refused(message));
        let sessions = before - shown.len();
        shown.sort_by_key(|message| message.worst());
        let left = shown.len().saturating_sub(SHOWN);
        shown.truncate(SHOWN);
        if sessions > 0 {
            let sessions = counted(sessions as u64, "refused session");
            omitted.push(format!("{sessions} not shown (-v shows all)"));
        }
        if left > 0 {
            omitted.push(format!("the worst {SHOWN} messages; {left} more with -v or in JSON"));
        }
    }
    (shown, omitted)
}

fn marker(recipient: &Recipient, look: Look) -> String {
    let word = recipient.status.name();
    let painted = match recipient.status {
        Status::Delivered => look.good(word),
        Status::AcceptedByRelay
        | Status::Queued
        | Status::Held
        | Status::NeverLeft
        | Status::Unknown
        | Status::Deferred => look.severity(Severity::Medium, word),
        _ => look.severity(Severity::High, word),
    };
    format!("{painted}: ")
}

fn nothing(report: &Report<'_>) -> String {
    let mut out = match report.query.is_empty() {
        true if report.dialects.iter().all(|dialect| dialect == "mail-queue")
            && report.summary.is_some_and(|summary| summary.unparsed == 0) =>
        {
            "The queue is empty: nothing is stuck.\n".to_owned()
        }
        true => "No message in these logs.\n".to_owned(),
        false => format!("No message matches {}.\n", escape::terminal(&shown(&report.query, report.redact))),
    };
    out.push_str(&format!(
        "Searched: {}",
        report.files.iter().map(|f| escape::terminal(f)).collect::<Vec<_>>().join(", ")
    ));
    if let Some(summary) = report.summary {
        out.push_str(&format!(", {} lines", summary.lines));
        if let (Some(from), Some(until)) = (summary.from, summary.until) {
            out.push_str(&format!(
                ", {} to {}",
                from.strftime("%Y-%m-%d %H:%M"),
                until.strftime("%Y-%m-%d %H:%M UTC")
            ));
        }
    }
    out.push_str(".\n");
    if !report.nearest.is_empty() {
        let nearest: Vec<String> =
            report.nearest.iter().map(|text| escape::terminal(&shown(text, report.redact))).collect();
        out.push_str(&format!("Nearest: {}\n", nearest.join(", ")));
    }
    out
}

fn rows(message: &Message, recipient: &Recipient) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    let mut row = |name, text: String| {
        if !text.is_empty() {
            rows.push((name, text));
        }
    };
    if let Some(cause) = recipient.cause.filter(|cause| *cause != Cause::Delivered) {
        let finality = match recipient.permanent {
            Some(true) => ", final",
            Some(false) => ", temporary",
            None => "",
        };
        let kept = matches!(
            recipient.status,
            Status::Held | Status::Discarded | Status::Quarantined | Status::Deleted
        );
        let title = match kept && cause == Cause::PolicyRejected {
            true => "a rule or a person on the sender's side decided so",
            false => {
                let by_cause = || cause.title_of(recipient.speaker, recipient.who == Who::Sender);
                recipient.title.unwrap_or_else(by_cause)
            }
        };
        row("cause", format!("{title} ({}{finality})", cause.name()));
        row("must act", recipient.who.title().to_owned());
    }
    if let Some(confirmation) = &recipient.confirmation {
        row("today", confirmation.text());
    }
    if let Some(accepted) =
        message.clock.moment(recipient.accepted).filter(|_| recipient.accepted != recipient.at)
    {
        row("accepted", accepted);
    }
    row("from", plain(&message.sender, Width::Record));
    row("reply", plain(&recipient.reply, Width::Record));
    row("custody", custody(recipient));
    row("queue ids", message.ids.iter().map(|id| plain(id, Width::Name)).collect::<Vec<_>>().join(" -> "));
    row("attempts", attempts(message, recipient));
    if let Some(delays) =
        recipient.events.iter().rev().filter_map(|i| message.events.get(*i)).find_map(|e| e.delays)
    {
        row(
            "delay",
            format!(
                "{:.1} s before the queue manager, {:.1} s in the queue, {:.1} s connecting, {:.1} s sending",
                delays[0], delays[1], delays[2], delays[3]
            ),
        );
    }
    rows
}

/// How often it was tried and until when it will be; empty where it does not wait.
fn attempts(message: &Message, recipient: &Recipient) -> String {
    if recipient.status != Status::Deferred {
        return String::new();
    }
    let last = recipient.events.last().and_then(|index| message.events.get(*index));
    let listed = last.is_some_and(LogEvent::is_listed);
    let mut text = match listed {
        true => "not counted in a listing".to_owned(),
        false => format!("{} so far", recipient.attempts),
    };
    let clock = &message.clock;
    if let Some(since) = clock.moment(recipient.since) {
        text.push_str(&format!(", {} {since}", if listed { "queued" } else { "the first" }));
    }
    // Of a log of the past, nothing is still to come.
    if let Some(next) = clock.moment(recipient.next_try).filter(|_| !clock.is_past(recipient.next_try)) {
        text.push_str(&format!(", next about {next}"));
    }
    if let Some(until) = clock.moment(recipient.until) {
        let system = last.map_or("", LogEvent::system);
        let whose = patience::of(system).whose;
        text.push_str(&format!(", given up about {until} (by {whose})"));
    }
    text
}

/// `web (own) -> 127.0.0.1 (filter) -> mx.example.org (receiver: why)`.
fn custody(recipient: &Recipient) -> String {
    let hops: Vec<String> = recipient
        .custody
        .iter()
        .map(|hop| format!("{} ({})", plain(&hop.host, Width::Name), hop.party.name()))
        .collect();
    match recipient.custody.last() {
        Some(last) if hops.len() > 1 => format!("{}: {}", hops.join(" -> "), plain(&last.proof, Width::Line)),
        _ => String::new(),
    }
}

fn detail(out: &mut String, message: &Message, recipient: &Recipient, report: &Report<'_>, look: Look) {
    let mask = |text: &str| escape::terminal(&shown(text, report.redact));
    for (name, text) in rows(message, recipient) {
        out.push_str(&wrap(&mask(&text), look.width, &format!("    {name:<10}"), "              "));
    }
    for (number, step) in recipient.advice.iter().enumerate() {
        out.push_str(&wrap(&mask(step), look.width, &format!("    {:>2}. ", number + 1), "        "));
    }
    if let Some(page) = &recipient.page {
        out.push_str(&format!("        {}\n", mask(page)));
    }
    let evidence = evidence(message, recipient, look.verbose);
    if !evidence.is_empty() {
        out.push_str(&format!("    {}\n", look.dim("evidence")));
    }
    for event in evidence {
        let line = mask(&plain(&event.line, if look.verbose { Width::Block } else { Width::Record }));
        out.push_str(&format!("    {}:{}: {line}\n", mask(&event.location.file), event.location.line));
    }
}

/// The lines that show the story: reception, hand-overs, the deciding ones.
fn evidence<'m>(message: &'m Message, recipient: &Recipient, all: bool) -> Vec<&'m LogEvent> {
    const SHOWN: usize = 6;
    let mut lines: Vec<usize> =
        if all { (0..message.events.len()).collect() } else { recipient.events.clone() };
    if !all && lines.len() > SHOWN {
        // The first and the latest attempts.
        let tail = lines.split_off(lines.len() - (SHOWN - 1));
        lines.truncate(1);
        lines.extend(tail);
    }
    let mut seen = std::collections::BTreeSet::new();
    lines
        .into_iter()
        .filter_map(|index| message.events.get(index))
        .filter(|event| seen.insert((&event.location.file, event.location.line)))
        .collect()
}

/// A ticket.
pub(crate) fn markdown(report: &Report<'_>, all: bool) -> String {
    let mask = |text: &str| escape::ticket(&shown(text, report.redact));
    // Code fences show log lines as they are; a fence within one cannot close it.
    let fenced = |text: &str| plain(&shown(text, report.redact), Width::Block).replace("```", "'''");
    let mut out = String::new();
    if report.messages.is_empty() && report.total == 0 {
        out.push_str(&escape::ticket(&nothing(report).replace('\n', " ")));
        out.push('\n');
    }
    if report.query.is_empty()
        && let Some(summary) = report.summary
    {
        let causes = super::traffic::causes(summary, Look::plain(), report.redact);
        if !causes.is_empty() {
            out.push_str(&format!("## Failures by cause\n\n```\n{}```\n\n", causes.replace("```", "'''")));
        }
    }
    let (shown, omitted) = selection(report, all);
    for line in omitted {
        out.push_str(&format!("Note: {}\n\n", escape::ticket(&line)));
    }
    for message in shown {
        for recipient in &message.recipients {
            out.push_str(&format!("## {}: {}\n\n", mask(&recipient.address), recipient.status.name()));
            out.push_str(&format!("{}\n\n", mask(&recipient.answer)));
            for (name, text) in rows(message, recipient) {
                out.push_str(&format!("- **{name}**: {}\n", mask(&text)));
            }
            if !recipient.advice.is_empty() {
                out.push_str("\n### What to do\n\n");
                for (number, step) in recipient.advice.iter().enumerate() {
                    out.push_str(&format!("{}. {}\n", number + 1, mask(step)));
                }
            }
            if let Some(page) = &recipient.page {
                out.push_str(&format!("\nPage: {}\n", mask(page)));
            }
            out.push_str("\n### Evidence\n\n```\n");
            for event in evidence(message, recipient, false) {
                out.push_str(&format!(
                    "{}:{}: {}\n",
                    fenced(&event.location.file),
                    event.location.line,
                    fenced(&event.line)
                ));
            }
            out.push_str("```\n\n");
        }
    }
    for note in report.notes.iter().cloned().chain(not_understood(report)) {
        out.push_str(&format!("Note: {}\n", mask(&note)));
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::model::redaction::shown;

    #[test]
    fn addresses_are_masked_and_keys_stay() {
        assert_eq!(shown("to=<jane.doe@example.org>, x", true), "to=<j***@example.org>, x");
        assert_eq!(
            shown("user=jane@example.org b@example.com", true),
            "user=j***@example.org b***@example.com"
        );
        assert_eq!(shown("jane@example.org", false), "jane@example.org");
        assert_eq!(shown("@é@", true), "@é***@");
    }
}
