//! From the events of one message to a verdict per recipient.

use std::collections::BTreeMap;

use super::{Message, Recipient, Status, Taker, answer, taker};
use crate::model::untrusted::plain;
use crate::parse::log::Kind;
use crate::parse::log::event::{Millis, NO_TIME};
use crate::parse::log::record::{LogEvent, queued_as};
use crate::triage::cause::Cause;
use crate::triage::reply::{self, Who};

/// Default `maximal_queue_lifetime` of Postfix, and the 4-5 days RFC 5321
/// section 4.5.4.1 asks for.
const QUEUE_LIFE: i64 = 5 * 86_400_000;
/// Default `minimal_backoff_time` and `maximal_backoff_time` of Postfix.
const BACKOFF: (i64, i64) = (300_000, 4_000_000);

/// What is known of one address while the events are walked.
#[derive(Default)]
struct Trail {
    address: String,
    /// Deciding event and the hop it happened on.
    last: Option<(usize, usize)>,
    expired: Option<usize>,
    complained: Option<usize>,
    since: Option<Millis>,
    attempts: u32,
    events: Vec<usize>,
    /// Hops that know the recipient.
    hops: Vec<usize>,
}

/// One message; `hops` are its queue ids' events in order.
pub(super) fn message(all: &[LogEvent], hops: &[&[usize]]) -> Message {
    let mut events: Vec<LogEvent> = Vec::new();
    let mut hop_of: Vec<usize> = Vec::new();
    for (hop, indices) in hops.iter().enumerate() {
        for index in *indices {
            events.push(all[*index].clone());
            hop_of.push(hop);
        }
    }
    let mut ids: Vec<String> = Vec::new();
    let mut notifications = Vec::new();
    for event in &events {
        // Made-up names of dialogues are no ids anyone can search for.
        let made_up = event.id.starts_with("dialogue-") || event.id.starts_with("QZMF-");
        if !ids.contains(&event.id) && !event.id.is_empty() && !made_up {
            ids.push(event.id.clone());
        }
        if event.kind == Kind::Notified
            && !event.next_id.is_empty()
            && !notifications.contains(&event.next_id)
        {
            notifications.push(event.next_id.clone());
        }
    }
    let some = |field: fn(&LogEvent) -> &str| {
        events.iter().map(field).find(|text| !text.is_empty()).unwrap_or_default().to_owned()
    };
    let received = events.iter().map(|event| event.at).find(|at| *at != NO_TIME).unwrap_or(NO_TIME);
    let entry = events.iter().find(|event| event.kind == Kind::Received);
    let mut message = Message {
        message_id: some(|event| &event.message_id),
        sender: some(|event| &event.sender),
        size: events.iter().map(|event| event.size).max().unwrap_or(0),
        client_host: entry.map(|event| event.host.clone()).unwrap_or_default(),
        client_ip: entry.map(|event| event.ip.clone()).unwrap_or_default(),
        received,
        recipients: Vec::new(),
        notifications,
        ids,
        events: Vec::new(),
    };
    let trails = trails(&events, &hop_of);
    let finished = finished_hops(&events, &hop_of, hops.len());
    for trail in trails {
        let recipient = verdict(&events, trail, &message, &finished, &hop_of);
        message.recipients.push(recipient);
    }
    message.recipients.sort_by(|a, b| (a.status.rank(), &a.address).cmp(&(b.status.rank(), &b.address)));
    message.events = events;
    for index in 0..message.recipients.len() {
        message.recipients[index].answer = answer::sentence(&message, &message.recipients[index]);
    }
    message
}

/// Which hops removed the message from their queue.
fn finished_hops(events: &[LogEvent], hop_of: &[usize], hops: usize) -> Vec<bool> {
    let mut finished = vec![false; hops];
    for (event, hop) in events.iter().zip(hop_of) {
        finished[*hop] |= event.kind == Kind::Removed;
    }
    finished
}

fn decides(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Delivered | Kind::Deferred | Kind::Bounced | Kind::Expired | Kind::Rejected | Kind::Discarded
    )
}

/// What happened to each address. A later hop speaks over an earlier one; an
/// event that names nobody speaks for all the hop knows.
fn trails(events: &[LogEvent], hop_of: &[usize]) -> Vec<Trail> {
    let mut order: Vec<String> = Vec::new();
    let mut trails: BTreeMap<String, Trail> = BTreeMap::new();
    for (index, event) in events.iter().enumerate() {
        if event.recipient.is_empty() {
            continue;
        }
        let about = decides(event.kind) || matches!(event.kind, Kind::Addressed | Kind::Complained);
        if !about {
            continue;
        }
        // An alias goes on under the address it was expanded from.
        let mut key = event.recipient.to_ascii_lowercase();
        let original = event.original.to_ascii_lowercase();
        if !trails.contains_key(&key) && original.contains('@') && trails.contains_key(&original) {
            key = original;
        }
        let trail = trails.entry(key.clone()).or_insert_with(|| {
            order.push(key.clone());
            Trail { address: event.recipient.clone(), ..Trail::default() }
        });
        trail.events.push(index);
        let hop = hop_of[index];
        if !trail.hops.contains(&hop) {
            trail.hops.push(hop);
        }
        if event.kind == Kind::Complained {
            trail.complained = Some(index);
        }
        if !decides(event.kind) {
            continue;
        }
        if trail.last.is_some_and(|(_, known)| hop > known) {
            // Attempts are those of the hop that has it now.
            trail.attempts = 0;
            trail.since = None;
        }
        if matches!(event.kind, Kind::Delivered | Kind::Deferred | Kind::Bounced) {
            trail.attempts += 1;
        }
        if event.kind != Kind::Delivered && event.at != NO_TIME {
            trail.since = Some(trail.since.map_or(event.at, |since| since.min(event.at)));
        }
        if trail.last.is_none_or(|(_, known)| hop >= known) {
            trail.last = Some((index, hop));
        }
    }
    // Events about everybody: a hand-over without recipients, an expiry.
    let mut nobody = Trail::default();
    for (index, event) in events.iter().enumerate() {
        let refused = event.kind == Kind::SessionRefused && trails.is_empty();
        if !event.recipient.is_empty() || !(decides(event.kind) || refused) {
            continue;
        }
        let hop = hop_of[index];
        let mut spoken = false;
        for trail in trails.values_mut().filter(|trail| trail.hops.contains(&hop)) {
            let deferred = trail.last.is_some_and(|(last, _)| events[last].kind == Kind::Deferred);
            if event.kind == Kind::Expired && deferred {
                trail.expired = Some(index);
                trail.events.push(index);
                spoken = true;
            } else if trail.last.is_none() {
                trail.last = Some((index, hop));
                trail.events.push(index);
                spoken = true;
            }
        }
        if !spoken && trails.is_empty() {
            nobody.last = Some((index, hop));
            nobody.events.push(index);
        }
    }
    let mut out: Vec<Trail> = order.into_iter().filter_map(|key| trails.remove(&key)).collect();
    if out.is_empty() && nobody.last.is_some() {
        out.push(nobody);
    }
    out
}

fn verdict(
    events: &[LogEvent],
    trail: Trail,
    message: &Message,
    finished: &[bool],
    hop_of: &[usize],
) -> Recipient {
    let mut recipient = Recipient {
        address: trail.address,
        status: Status::Unknown,
        cause: None,
        permanent: None,
        reply: String::new(),
        enhanced: String::new(),
        remote_host: String::new(),
        remote_ip: String::new(),
        at: NO_TIME,
        since: trail.since.unwrap_or(NO_TIME),
        attempts: trail.attempts,
        next_try: NO_TIME,
        until: NO_TIME,
        queue_id: String::new(),
        next_id: String::new(),
        who: Who::Sender,
        advice: Vec::new(),
        page: None,
        confirmation: None,
        answer: String::new(),
        events: trail.events,
    };
    let Some((index, _)) = trail.last else {
        let last = recipient.events.last().copied();
        let ended = last.is_some_and(|index| finished[hop_of[index]]);
        recipient.status = if ended { Status::Unknown } else { Status::NeverLeft };
        recipient.at = last.map_or(NO_TIME, |index| events[index].at);
        recipient.queue_id = last.map(|index| events[index].id.clone()).unwrap_or_default();
        recipient.cause = Some(Cause::Undetermined);
        recipient.advice = vec![if ended {
            "Give mailvet the whole log: lines between the reception and the end of this queue id are missing.".to_owned()
        } else {
            "Look at the queue of the sending server (postqueue -p, exim -bp, WRKSMTPEMM): the message waits there, or the log ends too early.".to_owned()
        }];
        return recipient;
    };
    let event = &events[index];
    recipient.at = event.at;
    recipient.reply = event.reply.clone();
    recipient.enhanced = event.enhanced.clone();
    recipient.remote_host = if event.host == "none" { String::new() } else { event.host.clone() };
    recipient.remote_ip = event.ip.clone();
    recipient.queue_id = event.id.clone();
    recipient.next_id = queued_as(&event.reply).unwrap_or_default().to_owned();
    let read = reply::classify(&event.reply, host_hint(event));
    recipient.status = match event.kind {
        Kind::Delivered => match taker(event) {
            Taker::Mailbox | Taker::Receiver => Status::Delivered,
            Taker::Relay => Status::AcceptedByRelay,
        },
        Kind::Discarded => Status::Rejected,
        Kind::Deferred => Status::Deferred,
        Kind::Bounced => Status::Bounced,
        Kind::Expired => Status::Expired,
        Kind::Rejected | Kind::SessionRefused => Status::Rejected,
        _ => Status::Unknown,
    };
    if let Some(expired) = trail.expired {
        recipient.status = Status::Expired;
        recipient.at = events[expired].at;
    }
    match recipient.status {
        Status::Delivered | Status::AcceptedByRelay => {
            recipient.cause = Some(Cause::Delivered);
            recipient.permanent = None;
            recipient.who = Who::Nobody;
            recipient.advice = answer::after_acceptance(&recipient, event);
        }
        _ => {
            recipient.cause = Some(read.cause);
            recipient.permanent = match recipient.status {
                // What the queue does decides: a refused greeting is tried again.
                Status::Deferred => Some(false),
                Status::Bounced | Status::Expired => Some(true),
                _ => read.permanent,
            };
            recipient.who = read.who;
            recipient.advice = read.action;
            recipient.page = read.page;
            if event.dialect == "microsoft-365-trace" && read.cause == Cause::Undetermined {
                recipient.who = Who::Sender;
                recipient.advice = vec![format!(
                    "Ask for the reply, which this trace leaves out: Get-MessageTraceDetailV2 -MessageTraceId {} -RecipientAddress {}",
                    plain(&event.id, 60),
                    plain(&recipient.address, 120)
                )];
            }
            match (recipient.status, read.cause) {
                (Status::Expired, Cause::Undetermined) => recipient.cause = Some(Cause::QueueExpired),
                // No connection so far: nothing was given up yet.
                (Status::Deferred, Cause::QueueExpired) => recipient.cause = Some(Cause::NetworkFailure),
                _ => {}
            }
        }
    }
    if let Some(complaint) = trail.complained {
        recipient.cause = Some(Cause::Complaint);
        recipient.at = events[complaint].at;
        recipient.who = Who::Sender;
        recipient
            .advice
            .insert(0, "Take this recipient off the list: they marked the message as spam.".to_owned());
    }
    if recipient.status == Status::Deferred && recipient.at != NO_TIME {
        let arrived = match event.delay {
            Some(seconds) => recipient.at - (seconds * 1000.0) as i64,
            None => message.received,
        };
        if arrived != NO_TIME {
            let age = (recipient.at - arrived).max(0);
            recipient.next_try = recipient.at + age.clamp(BACKOFF.0, BACKOFF.1);
            recipient.until = arrived + QUEUE_LIFE;
        }
    }
    recipient
}

fn host_hint(event: &LogEvent) -> Option<&str> {
    if !event.host.is_empty() && event.host != "none" {
        return Some(&event.host);
    }
    event.recipient.rsplit_once('@').map(|(_, domain)| domain)
}

/// A refusal that never got a queue id.
pub(super) fn refusal(event: &LogEvent) -> Message {
    let read = reply::classify(&event.reply, None);
    let status = match event.kind {
        Kind::Bounced => Status::Bounced,
        Kind::Deferred => Status::Deferred,
        Kind::Delivered => Status::AcceptedByRelay,
        _ => Status::Rejected,
    };
    let recipient = Recipient {
        address: event.recipient.clone(),
        status,
        cause: Some(read.cause),
        permanent: read.permanent,
        reply: event.reply.clone(),
        enhanced: event.enhanced.clone(),
        remote_host: event.host.clone(),
        remote_ip: event.ip.clone(),
        at: event.at,
        since: event.at,
        attempts: 1,
        next_try: NO_TIME,
        until: NO_TIME,
        queue_id: String::new(),
        next_id: String::new(),
        who: read.who,
        advice: read.action,
        page: read.page,
        confirmation: None,
        answer: String::new(),
        events: vec![0],
    };
    let mut message = Message {
        ids: Vec::new(),
        message_id: event.message_id.clone(),
        sender: event.sender.clone(),
        size: 0,
        client_host: event.host.clone(),
        client_ip: event.ip.clone(),
        received: event.at,
        recipients: vec![recipient],
        notifications: Vec::new(),
        events: vec![event.clone()],
    };
    message.recipients[0].answer = answer::sentence(&message, &message.recipients[0]);
    message
}
