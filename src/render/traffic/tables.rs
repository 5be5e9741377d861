//! Traffic summaries as rows for a spreadsheet and as a document for a ticket.

use super::groups;
use super::{Beside, bounce_rate, compared, deferral_rate, loops, throttling, volumes};
use crate::model::counted::counted;
use crate::model::redaction;
use crate::model::traffic::{Totals, TrafficSummary};
use crate::model::untrusted::Width;
use crate::render::document::{Block, Document};
use crate::render::escape;

/// A row for the whole, each provider, hour of the day, weekday, sender and cause; no field can become a formula.
pub(crate) fn csv(summary: &TrafficSummary, redact: bool) -> String {
    let mut out = String::from(
        "kind,name,ending,received,delivered,deferred,bounced,rejected,expired,failures,first,last,reply\r\n",
    );
    let mut row = |fields: [String; 13]| {
        out.push_str(&fields.map(|field| escape::csv(&field)).join(","));
        out.push_str("\r\n");
    };
    let counts = |kind: &str, name: &str, totals: &Totals| {
        let Totals { received, delivered, deferred, bounced, rejected, expired } = *totals;
        let [a, b, c, d, e, f] =
            [received, delivered, deferred, bounced, rejected, expired].map(|count| count.to_string());
        let none = String::new;
        [kind.to_owned(), name.to_owned(), none(), a, b, c, d, e, f, none(), none(), none(), none()]
    };
    let mut total = counts("total", "", &summary.totals);
    [total[10], total[11]] = [summary.from, summary.until].map(moment);
    row(total);
    for (name, traffic) in providers(summary) {
        row(counts("provider", name, &traffic.totals));
    }
    for (name, totals) in volumes::by_hour(summary) {
        row(counts("hour", &name, &totals));
    }
    for (name, totals) in volumes::by_weekday(summary) {
        row(counts("weekday", &name, &totals));
    }
    for (name, sent) in &summary.senders {
        let totals = Totals {
            received: sent.messages,
            delivered: sent.delivered,
            deferred: sent.deferred,
            bounced: sent.bounced,
            ..Totals::default()
        };
        row(counts("sender", name, &totals));
    }
    for group in groups::of(summary) {
        let reply = group.example.map(|reply| reply.text.plain(Width::Record)).unwrap_or_default();
        let none = String::new;
        row([
            "cause".to_owned(),
            group.cause.to_owned(),
            group.ending.to_owned(),
            none(),
            none(),
            none(),
            none(),
            none(),
            none(),
            group.count.to_string(),
            moment(group.first),
            moment(group.last),
            redaction::shown(&reply, redact).into_owned(),
        ]);
    }
    out
}

fn moment(at: Option<jiff::Timestamp>) -> String {
    at.map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default()
}

/// The busiest first.
fn providers(
    summary: &TrafficSummary,
) -> impl Iterator<Item = (&String, &crate::model::traffic::ProviderTraffic)> {
    let mut rows: Vec<_> = summary.by_provider.iter().collect();
    rows.sort_by_key(|(_, traffic)| std::cmp::Reverse(traffic.totals.attempts()));
    rows.into_iter()
}

/// The summary to paste or to send on.
pub(crate) fn document(summary: &TrafficSummary, beside: Beside<'_>, redact: bool) -> Document {
    const PROVIDERS: usize = 50;
    let totals = &summary.totals;
    let span = match (summary.from, summary.until) {
        (Some(from), Some(until)) => {
            format!(" from {} to {}", from.strftime("%Y-%m-%d %H:%M"), until.strftime("%Y-%m-%d %H:%M UTC"))
        }
        _ => String::new(),
    };
    let mut blocks = vec![
        Block::Line(format!(
            "Received {}, delivered {}, deferred {}, bounced {}, rejected {}, expired {}; bounce rate {}, deferral rate {}.",
            totals.received,
            totals.delivered,
            totals.deferred,
            totals.bounced,
            totals.rejected,
            totals.expired,
            bounce_rate(totals),
            deferral_rate(totals),
        )),
        Block::Line(format!("{}, {} not understood.", counted(summary.lines, "line"), summary.unparsed)),
    ];
    let rows: Vec<Vec<String>> = providers(summary)
        .take(PROVIDERS)
        .map(|(name, traffic)| {
            let totals = &traffic.totals;
            vec![
                name.clone(),
                totals.delivered.to_string(),
                totals.deferred.to_string(),
                totals.bounced.to_string(),
                bounce_rate(totals),
            ]
        })
        .collect();
    let more = summary.by_provider.len().saturating_sub(rows.len());
    blocks.extend(compared::blocks(beside.compared));
    blocks.push(Block::Heading("By provider".to_owned()));
    blocks.push(Block::Table {
        head: vec!["provider", "delivered", "deferred", "bounced", "bounce rate (95 %)"],
        rows,
    });
    if more > 0 {
        blocks.push(Block::Line(format!("And {more} more; --format json has them all.")));
    }
    for (title, head, rows) in [
        ("By hour of the day (UTC)", "hour", volumes::by_hour(summary)),
        ("By day of the week (UTC)", "day", volumes::by_weekday(summary)),
    ] {
        if rows.len() > 1 {
            blocks.push(Block::Heading(title.to_owned()));
            let cells = |(name, totals): (String, Totals)| {
                let counts =
                    [totals.received, totals.delivered, totals.deferred, totals.bounced, totals.rejected];
                std::iter::once(name).chain(counts.map(|count| count.to_string())).collect()
            };
            blocks.push(Block::Table {
                head: vec![head, "received", "delivered", "deferred", "bounced", "rejected"],
                rows: rows.into_iter().map(cells).collect(),
            });
        }
    }
    blocks.push(Block::Heading("Why mail failed".to_owned()));
    blocks.push(causes(summary, redact));
    if summary.undelivered_total > 0 {
        let count = counted(summary.undelivered_total, "recipient");
        blocks.push(Block::Line(format!("{count} undelivered as far as the log goes.")));
    }
    blocks.extend(throttling::blocks(beside.outlooks));
    blocks.extend(loops::blocks(beside.loops));
    if !summary.notes.is_empty() {
        blocks.push(Block::Heading("Notes".to_owned()));
        blocks.push(Block::List(summary.notes.iter().cloned().collect()));
    }
    Document { title: format!("Mail traffic{span}"), blocks }
}

fn causes(summary: &TrafficSummary, redact: bool) -> Block {
    let rows: Vec<Vec<String>> = groups::of(summary)
        .iter()
        .map(|group| {
            let providers: Vec<String> =
                group.providers.iter().take(4).map(|(name, count)| format!("{name} {count}")).collect();
            let reply = group.example.map(|reply| reply.text.plain(Width::Record)).unwrap_or_default();
            vec![
                group.count.to_string(),
                group.ending.to_owned(),
                format!("{} ({})", group.title(), group.cause),
                providers.join(", "),
                group.time(),
                redaction::shown(&reply, redact).into_owned(),
            ]
        })
        .collect();
    match rows.is_empty() {
        true => Block::Line("No attempt failed.".to_owned()),
        false => {
            Block::Table { head: vec!["count", "ending", "cause", "providers", "when", "a reply"], rows }
        }
    }
}
