//! Accounting records of PowerMTA that stand in a file for each type: a late bounce, a status or a complaint
//! belongs to the delivery before it, an attempt or a reception to what became of it. Records of one message
//! share the recipient, the job and the sender, as far as each type states them.

use std::collections::BTreeMap;

use crate::parse::log::Kind;
use crate::parse::log::event::NO_TIME;
use crate::parse::log::record::LogEvent;

/// Ends to one recipient that are looked at, the nearest first: forged logs repeat one address.
const NEAREST: usize = 64;
/// Clocks of one program, and stamps without fractions.
const APART: i64 = 2_000;

/// Gives such records the id of their message. The events must be in the order of time within their files.
pub(super) fn adopt(events: &mut [LogEvent]) {
    let mut ends: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, event) in events.iter().enumerate().filter(|(_, event)| is_end(event)) {
        ends.entry(event.recipient.to_ascii_lowercase()).or_default().push(index);
    }
    if ends.is_empty() {
        return;
    }
    ends.values_mut().for_each(|of| of.sort_by_key(|index| events[*index].at));
    let found: Vec<(usize, usize)> = events
        .iter()
        .enumerate()
        .filter_map(|(index, event)| {
            let of = ends.get(&event.recipient.to_ascii_lowercase())?;
            Some((index, end_of(events, event, of)?))
        })
        .collect();
    for (index, end) in found {
        events[index].id = events[end].id.clone();
    }
}

/// The type of a record, its first column.
fn kind_of(event: &LogEvent) -> &str {
    if event.dialect != "powermta" {
        return "";
    }
    event.line.split(',').next().unwrap_or_default().trim_matches('"')
}

fn is_end(event: &LogEvent) -> bool {
    matches!(kind_of(event), "d" | "delivery" | "b" | "bounce")
}

/// The end that the record belongs to, where no end has its id already.
fn end_of(events: &[LogEvent], event: &LogEvent, ends: &[usize]) -> Option<usize> {
    let after = match kind_of(event) {
        "rb" | "rs" | "s" | "f" | "feedback" => true,
        "t" | "transient" | "tq" | "r" | "receipt" | "received" => false,
        _ => return None,
    };
    let here = ends.partition_point(|end| events[*end].at <= event.at);
    let mut near: Vec<usize> = match after {
        _ if event.at == NO_TIME => ends.iter().rev().take(NEAREST).copied().collect(),
        true => ends[..here].iter().rev().take(NEAREST).copied().collect(),
        false => ends[here.saturating_sub(1)..].iter().take(NEAREST).copied().collect(),
    };
    if near.iter().any(|end| events[*end].id == event.id) {
        return None;
    }
    near.retain(|end| is_of_one(&events[*end], event));
    match after {
        true => near.into_iter().find(|end| events[*end].kind == Kind::Delivered),
        false => near.into_iter().find(|end| was_queued(&events[*end], event)),
    }
}

/// Whether what both records state is the same.
fn is_of_one(end: &LogEvent, event: &LogEvent) -> bool {
    let same = |a: &str, b: &str| a.is_empty() || b.is_empty() || a.eq_ignore_ascii_case(b);
    let sender = |event: &LogEvent| if event.sender == "<>" { String::new() } else { event.sender.clone() };
    same(&end.next_id, &event.next_id) && same(&sender(end), &sender(event))
}

/// Whether the message that ended so was in the queue when the record was written.
fn was_queued(end: &LogEvent, event: &LogEvent) -> bool {
    let Some(seconds) = end.delay else { return false };
    let queued = end.at.saturating_sub((seconds * 1000.0) as i64);
    event.at != NO_TIME
        && event.at >= queued.saturating_sub(APART)
        && event.at <= end.at.saturating_add(APART)
}
