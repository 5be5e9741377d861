//! `mailvet/traffic/1`.

use serde_json::{Value, json};

use crate::model::redaction::shown;
use crate::model::traffic::{Totals, TrafficSummary};
use crate::model::untrusted::Width;

/// The document as text.
pub(crate) fn text(summary: &TrafficSummary, redact: bool) -> String {
    super::text(&value(summary, redact))
}

fn counts(totals: &Totals) -> Value {
    json!(totals)
}

/// The document. Everything of the summary under its own names, and beside it
/// the lists scripts read.
pub(crate) fn value(summary: &TrafficSummary, redact: bool) -> Value {
    let mask = |text: &str| shown(text, redact).into_owned();
    let by_provider: Vec<Value> = {
        let mut providers: Vec<_> = summary.by_provider.iter().collect();
        providers.sort_by_key(|(_, traffic)| std::cmp::Reverse(traffic.totals.attempts()));
        providers
            .into_iter()
            .map(|(name, traffic)| {
                json!({
                    "provider": name,
                    "delivered": traffic.totals.delivered,
                    "deferred": traffic.totals.deferred,
                    "bounced": traffic.totals.bounced,
                    "expired": traffic.totals.expired,
                    "bounce_rate": traffic.totals.bounce_rate(),
                    "deferral_rate": traffic.totals.deferral_rate(),
                    "errors": traffic.errors,
                    "tls_connections": traffic.tls_connections,
                    "domains": traffic.domains,
                    "busiest_minute": traffic.busiest_minute,
                    "by_day": traffic.by_day.iter().map(|(day, totals)| json!({"day": day, "totals": totals})).collect::<Vec<_>>(),
                })
            })
            .collect()
    };
    let by_hour: Vec<Value> = summary
        .by_hour
        .iter()
        .map(|(hour, totals)| {
            let mut entry = counts(totals);
            entry["hour"] = json!(hour);
            entry
        })
        .collect();
    let replies: Vec<Value> = summary
        .replies
        .iter()
        .map(|reply| {
            json!({
                "text": mask(reply.text.raw()),
                "ending": reply.ending,
                "provider": reply.provider,
                "host": reply.host,
                "count": reply.count,
                "cause": reply.cause,
                "first": reply.first,
                "last": reply.last,
                "example": reply.example,
            })
        })
        .collect();
    let undelivered: Vec<Value> = summary
        .undelivered
        .iter()
        .map(|one| {
            json!({
                "recipient": mask(one.recipient.raw()),
                "sender": one.sender.as_ref().map(|sender| mask(sender.raw())),
                "queue_id": one.queue_id,
                "status": one.ending,
                "attempts": one.attempts,
                "since": one.since,
                "last": one.last,
                "reply": mask(one.reply.raw()),
                "host": one.host,
                "location": one.location,
            })
        })
        .collect();
    let examples: Vec<Value> = summary
        .unparsed_examples
        .iter()
        .map(|(location, text)| json!({"file": location.file, "line": location.line, "text": mask(&text.plain(Width::Record))}))
        .collect();
    let bounds = |map: &std::collections::BTreeMap<u64, u64>| -> Vec<Value> {
        map.iter()
            .map(|(bound, count)| json!({"within": (*bound != u64::MAX).then_some(bound), "count": count}))
            .collect()
    };
    json!({
        "schema": "mailvet/traffic/1",
        "files": summary.files,
        "dialects": summary.dialects,
        "lines": summary.lines,
        "unparsed": summary.unparsed,
        "unparsed_examples": examples,
        "other_programs": summary.other_programs,
        "from": summary.from,
        "until": summary.until,
        "totals": counts(&summary.totals),
        "bounce_rate": summary.totals.bounce_rate(),
        "deferral_rate": summary.totals.deferral_rate(),
        "by_provider": by_provider,
        "by_hour": by_hour,
        "spikes": summary.spikes(),
        "busiest_minute": summary.busiest_minute,
        "replies": replies,
        "replies_omitted": summary.replies_omitted,
        "errors": summary.errors,
        "tls_connections": summary.tls_connections,
        "sources": summary.sources,
        "clients": summary.clients,
        "senders": summary.senders.iter().map(|(domain, traffic)| {
            let mut entry = json!(traffic);
            entry["domain"] = json!(domain);
            entry
        }).collect::<Vec<_>>(),
        "messages": summary.messages,
        "recipients": summary.recipients,
        "attempts": summary.attempts,
        "shortest_retry": summary.shortest_retry,
        "retries": bounds(&summary.retry_within),
        "delays": {"delivered": bounds(&summary.delays.delivered_within), "longest_seconds": summary.delays.longest_seconds},
        "complaints": summary.complaints,
        "handed_back": summary.handed_back,
        "discarded": summary.discarded,
        "undelivered": undelivered,
        "undelivered_total": summary.undelivered_total,
        "notes": summary.notes.iter().map(|note| mask(note)).collect::<Vec<_>>(),
    })
}
