//! Traffic summaries as text and tables.

mod compared;
mod groups;
mod loops;
mod tables;
mod throttling;
mod volumes;

use super::escape;
use super::style::{Look, table, wrap};
use crate::facts::traffic::compared::Compared;
use crate::facts::traffic::loops::Loop;
use crate::model::Severity;
use crate::model::counted::counted;
use crate::model::redaction;
use crate::model::share;
use crate::model::traffic::{Totals, TrafficSummary};
use crate::model::untrusted::{Width, plain};
use crate::triage::throttle::Outlook;

pub(crate) use tables::{csv, document};
pub(crate) use throttling::settings;

/// `3.1 % (2.4 to 4.0)`: the share with its interval at 95 %.
fn with_interval(part: u64, whole: u64) -> String {
    share::interval(part, whole).map_or("-".to_owned(), |(low, high)| {
        let rate = part as f64 / whole as f64;
        format!("{:.1} % ({:.1} to {:.1})", rate * 100.0, low * 100.0, high * 100.0)
    })
}

/// The bounce rate of finished deliveries.
fn bounce_rate(totals: &Totals) -> String {
    with_interval(totals.bounced, totals.delivered.saturating_add(totals.bounced))
}

/// The deferral rate of attempts.
fn deferral_rate(totals: &Totals) -> String {
    with_interval(totals.deferred, totals.attempts())
}

/// What is told beside the summary.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beside<'a> {
    /// How fast receivers let the mail in.
    pub outlooks: &'a [Outlook<'a>],
    /// Programmes that pass complaints on.
    pub loops: &'a [Loop],
    /// The rates of an earlier log.
    pub compared: &'a [Compared],
}

/// The whole summary, and what stands beside it.
pub(crate) fn terminal(summary: &TrafficSummary, beside: Beside<'_>, look: Look) -> String {
    let mut out = head(summary, look);
    let totals = &summary.totals;
    out.push_str(&format!(
        "received {}, delivered {}, deferred {}, bounced {}, rejected {}, expired {}\n\
         bounce rate {}, deferral rate {}\n",
        totals.received,
        totals.delivered,
        totals.deferred,
        totals.bounced,
        totals.rejected,
        totals.expired,
        bounce_rate(totals),
        deferral_rate(totals),
    ));
    if look.quiet {
        return out;
    }
    out.push_str(&compared::terminal(beside.compared, look));
    out.push('\n');
    out.push_str(&providers(summary, look));
    out.push_str(&volumes::terminal(summary));
    out.push_str(&causes(summary, look, false));
    out.push_str(&throttling::terminal(beside.outlooks, look));
    out.push_str(&loops::terminal(beside.loops, look));
    for spike in summary.spikes() {
        out.push_str(&wrap(
            &format!(
                "spike: {} attempts in the hour of {}, {:.1} times the usual",
                spike.attempts,
                spike.hour.strftime("%Y-%m-%d %H:00 UTC"),
                spike.times_usual
            ),
            look.width,
            "",
            "  ",
        ));
    }
    if let Some(retry) = &summary.shortest_retry {
        out.push_str(&format!(
            "shortest retry: {} s (queue id {})\n",
            retry.seconds,
            plain(&retry.queue_id, Width::Word)
        ));
    }
    for (location, text) in &summary.unparsed_examples {
        out.push_str(&format!(
            "not understood: {}:{}: {}\n",
            escape::terminal(&location.file),
            location.line,
            text.plain(Width::Line)
        ));
    }
    for note in &summary.notes {
        out.push_str(&wrap(&escape::terminal(note), look.width, "note: ", "      "));
    }
    out
}

fn head(summary: &TrafficSummary, look: Look) -> String {
    let mut text = format!("{} lines", summary.lines);
    if let (Some(from), Some(until)) = (summary.from, summary.until) {
        text.push_str(&format!(
            ", {} to {}",
            from.strftime("%Y-%m-%d %H:%M"),
            until.strftime("%Y-%m-%d %H:%M UTC")
        ));
    }
    let dialects: Vec<&str> = summary.dialects.iter().map(String::as_str).collect();
    text.push_str(&format!(
        " ({}), {} not understood",
        if dialects.is_empty() { "no dialect".to_owned() } else { dialects.join(", ") },
        summary.unparsed
    ));
    wrap(&text, look.width, "", "")
}

fn providers(summary: &TrafficSummary, _look: Look) -> String {
    const SHOWN: usize = 15;
    let mut rows: Vec<_> = summary.by_provider.iter().collect();
    rows.sort_by_key(|(_, traffic)| std::cmp::Reverse(traffic.totals.attempts()));
    if rows.is_empty() {
        return String::new();
    }
    let mut drawn = comfy_table::Table::new();
    drawn.load_style(table());
    drawn.set_header(["provider", "delivered", "deferred", "bounced", "bounce rate (95 %)"]);
    for (name, traffic) in rows.iter().take(SHOWN) {
        drawn.add_row([
            plain(name, Width::Word),
            traffic.totals.delivered.to_string(),
            traffic.totals.deferred.to_string(),
            traffic.totals.bounced.to_string(),
            bounce_rate(&traffic.totals),
        ]);
    }
    let mut out = format!("{drawn}\n");
    if rows.len() > SHOWN {
        out.push_str(&format!("and {} more\n", rows.len() - SHOWN));
    }
    out.push('\n');
    out
}

/// Failures by cause and provider, worst first.
pub(crate) fn causes(summary: &TrafficSummary, look: Look, redact: bool) -> String {
    let mut out = String::new();
    for group in groups::of(summary) {
        let shown: Vec<String> = group
            .providers
            .iter()
            .take(4)
            .map(|(name, count)| format!("{} {count}", plain(name, Width::Word)))
            .collect();
        let time = match group.time() {
            time if time.is_empty() => time,
            time => format!("; {time}"),
        };
        let severity = if group.ending == "deferred" { Severity::Medium } else { Severity::High };
        let word = look.severity(severity, &format!("{:<9}", group.ending));
        let (title, cause) = (group.title(), group.cause);
        out.push_str(&wrap(
            &format!("{:>7}  {title} ({cause}): {}{time}", group.count, shown.join(", ")),
            look.width,
            &word,
            "                  ",
        ));
        if let Some(reply) = group.example {
            let place = reply
                .example
                .as_ref()
                .map_or(String::new(), |l| format!("{}:{}: ", escape::terminal(&l.file), l.line));
            out.push_str(&wrap(
                &format!("{place}{}", redaction::shown(&reply.text.plain(Width::Record), redact)),
                look.width,
                "                  ",
                "                  ",
            ));
        }
    }
    if summary.undelivered_total > 0 {
        out.push_str(&format!(
            "{} undelivered as far as the log goes\n",
            counted(summary.undelivered_total, "recipient")
        ));
    }
    out
}
