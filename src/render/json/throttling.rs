//! `throttling` of `mailvet/traffic/1`: what receivers bear, the advice, and the log's mail at that rate.

use serde_json::{Value, json};

use crate::triage::throttle::{Outlook, Rate, Seen, Span};

/// One entry a receiver.
pub(super) fn value(outlooks: &[Outlook<'_>]) -> Value {
    outlooks.iter().map(one).collect()
}

fn one(outlook: &Outlook<'_>) -> Value {
    let receiver = &outlook.receiver;
    let simulation = outlook.simulated.as_ref().ok().map(|simulation| {
        json!({
            "recipients": simulation.messages,
            "burst": {
                "at": simulation.burst.at,
                "recipients": simulation.burst.messages,
                "seconds": simulation.burst.takes.div_ceil(1000),
            },
            "longest_wait_seconds": simulation.longest_wait.div_ceil(1000),
            "left": simulation.left,
            "met": outlook.met().into_iter().map(seen).collect::<Value>(),
        })
    });
    // What a minute bore tells nothing of an hour.
    let whole = outlook.asked.or(receiver.seen.first().map(|seen| seen.rate));
    let hour = whole.filter(|rate| rate.span >= Span::Hour).and_then(|_| receiver.advice.most(Span::Hour));
    json!({
        "provider": receiver.name,
        "slowed": receiver.slowed,
        "refused_connections": receiver.traffic.errors.refused + receiver.traffic.errors.banner_refused,
        "seen": receiver.seen.iter().map(seen).collect::<Value>(),
        "asked": outlook.asked.map(rate),
        "advice": {
            "interval_milliseconds": receiver.advice.interval,
            "per_minute": receiver.advice.most(Span::Minute),
            "per_hour": hour,
            "connections": receiver.advice.connections,
            "messages_per_connection": receiver.advice.per_connection,
            "recipients_per_message": receiver.advice.recipients_per_message,
            "source": receiver.known.map(|known| known.source.as_str()),
            "after_a_deferral": receiver.reaction.map(|reaction| reaction.act.as_str()),
        },
        "simulated_interval_milliseconds": outlook.interval,
        "simulation": simulation,
        "not_simulated": outlook.simulated.as_ref().err(),
    })
}

fn rate(rate: Rate) -> Value {
    json!({"count": rate.count, "per": rate.span.name()})
}

fn seen(seen: &Seen) -> Value {
    let mut value = rate(seen.rate);
    value["began"] = json!(seen.began);
    value
}
