//! What a rule of Postfix did at RCPT, before the message had a queue id: it belongs to
//! the id that the same server process gives the same client next.

use std::collections::{BTreeMap, BTreeSet};

use crate::parse::log::Kind;
use crate::parse::log::record::LogEvent;

/// Between the rule and the queue id.
const SOON: i64 = 300_000;
/// Of one process waiting for an id.
const WAITING_BOUND: usize = 100;

/// What is known of one queue id.
#[derive(Default)]
struct Known {
    senders: BTreeSet<String>,
    recipients: BTreeSet<String>,
}

/// Gives such events the id of their message. A message that is thrown away gets none.
pub(super) fn adopt(events: &mut [LogEvent]) {
    let found = followed(events);
    if found.is_empty() {
        return;
    }
    let ids: BTreeSet<(String, String)> = found.iter().map(|(_, next)| key(&events[*next])).collect();
    let mut known: BTreeMap<(String, String), Known> = BTreeMap::new();
    for event in events.iter().filter(|event| !event.id.is_empty()) {
        let key = key(event);
        if !ids.contains(&key) {
            continue;
        }
        let of = known.entry(key).or_default();
        let lower = |text: &str| Some(text.to_ascii_lowercase()).filter(|text| !text.is_empty());
        of.senders.extend(lower(&event.sender));
        of.recipients.extend(lower(&event.recipient).into_iter().chain(lower(&event.original)));
    }
    for (early, next) in found {
        let of = known.get(&key(&events[next]));
        let fits = |texts: &BTreeSet<String>, text: &str| {
            texts.is_empty() || texts.contains(&text.to_ascii_lowercase())
        };
        let event = &events[early];
        if of.is_some_and(|of| fits(&of.senders, &event.sender) && fits(&of.recipients, &event.recipient)) {
            events[early].id = events[next].id.clone();
        }
    }
}

fn key(event: &LogEvent) -> (String, String) {
    (event.log_host.clone(), event.id.clone())
}

/// Pairs of such an event and the reception that follows it.
fn followed(events: &[LogEvent]) -> Vec<(usize, usize)> {
    let mut waiting: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    let mut found = Vec::new();
    for (index, event) in events.iter().enumerate() {
        let early = event.id.is_empty()
            && matches!(event.kind, Kind::Held | Kind::Redirected)
            && event.line.contains("NOQUEUE: ");
        let received = event.kind == Kind::Received && !event.id.is_empty();
        if !(early || received) {
            continue;
        }
        let Some(process) = process(&event.line) else { continue };
        let process = (event.log_host.as_str(), process);
        if early {
            let of = waiting.entry(process).or_default();
            if of.len() < WAITING_BOUND {
                of.push(index);
            }
        } else if let Some(of) = waiting.remove(&process) {
            let soon = |early: &&usize| {
                let early = &events[**early];
                early.ip == event.ip && event.at.saturating_sub(early.at).saturating_abs() <= SOON
            };
            found.extend(of.iter().filter(soon).map(|early| (*early, index)));
        }
    }
    found
}

/// `postfix/smtpd[100]`.
fn process(line: &str) -> Option<&str> {
    let at = line.find("smtpd[")?;
    let end = line[at..].find(']')?;
    Some(&line[at..at + end])
}
