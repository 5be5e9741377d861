//! `mailvet/traffic/1`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::facts::traffic::compared::{Compared, Share};
use crate::facts::traffic::loops::Loop;
use crate::model::redaction::shown;
use crate::model::share;
use crate::model::traffic::{AccountTraffic, DELAY_PARTS, ReplyCount, Totals, TrafficSummary, Undelivered};
use crate::model::untrusted::Width;
use crate::model::{Location, Untrusted};
use crate::render::traffic::Beside;

/// The document as text; `settings` is the configuration that was asked for.
pub(crate) fn text(
    summary: &TrafficSummary,
    beside: Beside<'_>,
    settings: Option<&str>,
    redact: bool,
) -> String {
    let mut value = value(summary, redact);
    value["throttling"] = super::throttling::value(beside.outlooks);
    value["feedback_loops"] = loops(beside.loops);
    if !beside.compared.is_empty() {
        value["compared"] = compared(beside.compared);
    }
    if let Some(settings) = settings {
        value["settings"] = json!(settings);
    }
    super::text(&value)
}

fn counts(totals: &Totals) -> Value {
    json!(totals)
}

/// The document. Everything of the summary under its own names, and beside it
/// the lists scripts read.
pub(crate) fn value(summary: &TrafficSummary, redact: bool) -> Value {
    let mask = |text: &str| shown(text, redact).into_owned();
    json!({
        "schema": "mailvet/traffic/1",
        "files": summary.files,
        "dialects": summary.dialects,
        "lines": summary.lines,
        "unparsed": summary.unparsed,
        "unparsed_examples": examples(summary, redact),
        "other_programs": summary.other_programs,
        "from": summary.from,
        "until": summary.until,
        "totals": counts(&summary.totals),
        "bounce_rate": summary.totals.bounce_rate(),
        "bounce_rate_interval": bounce_interval(&summary.totals),
        "deferral_rate": summary.totals.deferral_rate(),
        "deferral_rate_interval": deferral_interval(&summary.totals),
        "by_provider": by_provider(summary),
        "by_hour": by_hour(summary),
        "spikes": summary.spikes(),
        "busiest_minute": summary.busiest_minute,
        "replies": replies(summary, redact),
        "replies_omitted": summary.replies_omitted,
        "errors": summary.errors,
        "tls_connections": summary.tls_connections,
        "sources": summary.sources,
        "clients": summary.clients,
        "senders": senders(summary),
        "accounts": accounts(summary, redact),
        "accounts_omitted": summary.accounts_omitted,
        "accounts_cut": summary.accounts_cut,
        "messages": summary.messages,
        "recipients": summary.recipients,
        "attempts": summary.attempts,
        "shortest_retry": summary.shortest_retry,
        "retries": bounds(&summary.retry_within),
        "delays": {"delivered": bounds(&summary.delays.delivered_within), "longest_seconds": summary.delays.longest_seconds, "parts": parts(summary)},
        "complaints": summary.complaints,
        "handed_back": summary.handed_back,
        "discarded": summary.discarded,
        "undelivered": undelivered(summary, redact),
        "undelivered_total": summary.undelivered_total,
        "notes": summary.notes.iter().map(|note| mask(note)).collect::<Vec<_>>(),
    })
}

fn by_provider(summary: &TrafficSummary) -> Vec<Value> {
    let mut providers: Vec<_> = summary.by_provider.iter().collect();
    providers.sort_by_key(|(_, traffic)| std::cmp::Reverse(traffic.totals.attempts()));
    let days = |days: &BTreeMap<_, Totals>| -> Vec<Value> {
        days.iter().map(|(day, totals)| json!({"day": day, "totals": totals})).collect()
    };
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
                "bounce_rate_interval": bounce_interval(&traffic.totals),
                "deferral_rate": traffic.totals.deferral_rate(),
                "deferral_rate_interval": deferral_interval(&traffic.totals),
                "errors": traffic.errors,
                "tls_connections": traffic.tls_connections,
                "domains": traffic.domains,
                "busiest_minute": traffic.busiest_minute,
                "by_day": days(&traffic.by_day),
            })
        })
        .collect()
}

fn by_hour(summary: &TrafficSummary) -> Vec<Value> {
    let entry = |(hour, totals)| {
        let mut entry = counts(totals);
        entry["hour"] = json!(hour);
        entry
    };
    summary.by_hour.iter().map(entry).collect()
}

fn senders(summary: &TrafficSummary) -> Vec<Value> {
    let entry = |(domain, traffic)| {
        let mut entry = json!(traffic);
        entry["domain"] = json!(domain);
        entry
    };
    summary.senders.iter().map(entry).collect()
}

fn accounts(summary: &TrafficSummary, redact: bool) -> Vec<Value> {
    let entry = |account: &AccountTraffic| {
        json!({
            "address": shown(account.address.raw(), redact),
            "recipients": account.recipients,
            "refused": account.refused,
            "hours": account.hours,
            "usual": account.usual,
            "busiest": account.busiest,
            "worst": account.worst,
        })
    };
    summary.accounts.iter().map(entry).collect()
}

fn replies(summary: &TrafficSummary, redact: bool) -> Vec<Value> {
    let entry = |reply: &ReplyCount| {
        json!({
            "text": shown(reply.text.raw(), redact),
            "ending": reply.ending,
            "provider": reply.provider,
            "host": reply.host,
            "count": reply.count,
            "cause": reply.cause,
            "first": reply.first,
            "last": reply.last,
            "onsets": reply.onsets,
            "example": reply.example,
        })
    };
    summary.replies.iter().map(entry).collect()
}

fn undelivered(summary: &TrafficSummary, redact: bool) -> Vec<Value> {
    let mask = |text: &Untrusted| shown(text.raw(), redact).into_owned();
    let entry = |one: &Undelivered| {
        json!({
            "recipient": mask(&one.recipient),
            "sender": one.sender.as_ref().map(mask),
            "queue_id": one.queue_id,
            "status": one.ending,
            "attempts": one.attempts,
            "since": one.since,
            "last": one.last,
            "reply": mask(&one.reply),
            "host": one.host,
            "location": one.location,
        })
    };
    summary.undelivered.iter().map(entry).collect()
}

fn examples(summary: &TrafficSummary, redact: bool) -> Vec<Value> {
    let entry = |(location, text): &(Location, Untrusted)| json!({"file": location.file, "line": location.line, "text": shown(&text.plain(Width::Record), redact)});
    summary.unparsed_examples.iter().map(entry).collect()
}

/// Low and high end at 95 % (Wilson).
fn bounce_interval(totals: &Totals) -> Option<(f64, f64)> {
    share::interval(totals.bounced, totals.delivered.saturating_add(totals.bounced))
}

fn deferral_interval(totals: &Totals) -> Option<(f64, f64)> {
    share::interval(totals.deferred, totals.attempts())
}

/// Waits of delivered mail by part, where the log tells them apart.
fn parts(summary: &TrafficSummary) -> Value {
    let named = DELAY_PARTS.iter().zip(&summary.delays.parts);
    named.map(|(name, within)| json!({"part": name, "delivered": bounds(within)})).collect()
}

fn loops(loops: &[Loop]) -> Value {
    let entry = |of: &Loop| {
        json!({
            "programme": of.programme.name,
            "receivers": of.programme.receivers,
            "delivered": of.delivered,
            "complaints": of.complaints,
            "complaint_rate_interval": of.complaints.and_then(|complaints| share::interval(complaints, of.delivered)),
            "by": of.programme.basis.words(),
            "enrol": of.programme.enrol,
            "before": of.programme.before,
            "source": of.programme.shown_source(),
        })
    };
    loops.iter().map(entry).collect()
}

fn compared(rows: &[Compared]) -> Value {
    let share = |share: Share| json!({"part": share.part, "whole": share.whole, "interval": share::interval(share.part, share.whole)});
    let entry = |row: &Compared| {
        json!({
            "provider": row.provider,
            "measure": row.measure.name(),
            "before": share(row.before),
            "now": share(row.now),
            "change": row.change.name(),
        })
    };
    rows.iter().map(entry).collect()
}

/// Counts by upper bound; the last has none.
fn bounds(counts: &BTreeMap<u64, u64>) -> Vec<Value> {
    counts
        .iter()
        .map(|(bound, count)| json!({"within": (*bound != u64::MAX).then_some(bound), "count": count}))
        .collect()
}
