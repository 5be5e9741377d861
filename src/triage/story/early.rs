//! What a rule of Postfix did at RCPT, before the message had a queue id: it belongs to
//! the id that the same server process gives the same client next.

use std::collections::{BTreeMap, BTreeSet};

use super::{Message, Status};
use crate::model::untrusted::{Width, plain};
use crate::parse::log::Kind;
use crate::parse::log::event::Millis;
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

/// A retry comes within this.
const RETRIED_WITHIN: i64 = 5 * 86_400_000;

/// Says of a refusal for now which later message from the same sender to the same address was taken:
/// most likely the same one, tried again. No log proves that, so each keeps its verdict.
pub(super) fn point_to_retries(messages: &mut [Message]) {
    let key = |message: &Message, to: &str| (message.sender.to_ascii_lowercase(), to.to_ascii_lowercase());
    let mut taken: BTreeMap<(String, String), Vec<(Millis, String)>> = BTreeMap::new();
    for message in messages.iter().filter(|message| !message.ids.is_empty() && !message.sender.is_empty()) {
        for recipient in &message.recipients {
            for address in [&recipient.address, &recipient.original].into_iter().filter(|a| !a.is_empty()) {
                let of = taken.entry(key(message, address)).or_default();
                of.push((message.received, message.ids[0].clone()));
            }
        }
    }
    for message in messages.iter_mut().filter(|message| message.ids.is_empty()) {
        let [recipient] = message.recipients.as_slice() else { continue };
        if recipient.status != Status::Rejected || recipient.permanent != Some(false) {
            continue;
        }
        let Some(of) = taken.get(&key(message, &recipient.address)) else { continue };
        let at = recipient.at;
        let Some((when, id)) = of.iter().find(|(when, _)| (at..=at + RETRIED_WITHIN).contains(when)) else {
            continue;
        };
        let when = super::moment(*when).unwrap_or_else(|| "the time in the log".to_owned());
        let step = format!(
            "look first at the message with queue id {}, taken on {when} from the same sender for the same \
             address: most likely this one, tried again",
            plain(id, Width::Name)
        );
        message.recipients[0].advice.insert(0, step);
    }
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
