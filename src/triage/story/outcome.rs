//! From the events of one message to a verdict per recipient.

use std::collections::BTreeSet;

use super::fate;
use super::link::is_made_up;
use super::patience;
use super::trail::{Trail, trails};
use super::{Message, Recipient, Status, answer};
use crate::model::enhanced_code::EnhancedCode;
use crate::model::speaker::Stage;
use crate::model::untrusted::{Width, plain};
use crate::parse::log::Kind;
use crate::parse::log::event::{Millis, NO_TIME};
use crate::parse::log::record::{LogEvent, queued_as};
use crate::triage::cause::Cause;
use crate::triage::custody::{self, Hop, Hosts, Party};
use crate::triage::reply::{self, Who};

/// One message; `hops` are its queue ids' events in order.
pub(super) fn message(all: &[LogEvent], hops: &[&[usize]], hosts: &Hosts) -> Message {
    let mut events: Vec<LogEvent> = Vec::new();
    let mut hop_of: Vec<usize> = Vec::new();
    for (hop, indices) in hops.iter().enumerate() {
        for index in *indices {
            events.push(all[*index].clone());
            hop_of.push(hop);
        }
    }
    let mut message = heading(events);
    let finished = finished_hops(&message.events, &hop_of, hops.len());
    for trail in trails(&message.events, &hop_of) {
        let recipient = verdict(trail, &message, &finished, &hop_of, hosts);
        message.recipients.push(recipient);
    }
    message.recipients.sort_by(|a, b| (a.status.rank(), &a.address).cmp(&(b.status.rank(), &b.address)));
    message.retell();
    message
}

/// What holds for all recipients.
fn heading(events: Vec<LogEvent>) -> Message {
    let (mut seen, mut told) = (BTreeSet::new(), BTreeSet::new());
    let (mut ids, mut notifications) = (Vec::new(), Vec::new());
    for event in &events {
        // Made-up names of dialogues are no ids anyone can search for.
        if !event.id.is_empty() && !is_made_up(&event.id) && seen.insert(event.id.clone()) {
            ids.push(event.id.clone());
        }
        if event.kind == Kind::Notified && !event.next_id.is_empty() && told.insert(event.next_id.clone()) {
            notifications.push(event.next_id.clone());
        }
    }
    let some = |field: fn(&LogEvent) -> &str| {
        events.iter().map(field).find(|text| !text.is_empty()).unwrap_or_default().to_owned()
    };
    let entry = events.iter().find(|event| event.kind == Kind::Received);
    Message {
        message_id: some(|event| &event.message_id),
        sender: some(|event| &event.sender),
        size: events.iter().map(|event| event.size).max().unwrap_or(0),
        client_host: entry.map(|event| event.host.clone()).unwrap_or_default(),
        client_ip: entry.map(|event| event.ip.clone()).unwrap_or_default(),
        received: events.iter().map(|event| event.at).find(|at| *at != NO_TIME).unwrap_or(NO_TIME),
        recipients: Vec::new(),
        notifications,
        ids,
        clock: answer::Clock::default(),
        events,
    }
}

/// Which hops removed the message from their queue.
fn finished_hops(events: &[LogEvent], hop_of: &[usize], hops: usize) -> Vec<bool> {
    let mut finished = vec![false; hops];
    for (event, hop) in events.iter().zip(hop_of) {
        finished[*hop] |= event.kind == Kind::Removed;
    }
    finished
}

fn blank(address: String) -> Recipient {
    Recipient {
        address,
        original: String::new(),
        final_address: String::new(),
        siblings: 1,
        status: Status::Unknown,
        cause: None,
        permanent: None,
        reply: String::new(),
        enhanced: String::new(),
        remote_host: String::new(),
        remote_ip: String::new(),
        at: NO_TIME,
        since: NO_TIME,
        attempts: 0,
        next_try: NO_TIME,
        until: NO_TIME,
        queue_id: String::new(),
        next_id: String::new(),
        who: Who::Sender,
        speaker: None,
        custody: Vec::new(),
        advice: Vec::new(),
        page: None,
        confirmation: None,
        named: String::new(),
        answer: String::new(),
        events: Vec::new(),
    }
}

fn verdict(trail: Trail, message: &Message, finished: &[bool], hop_of: &[usize], hosts: &Hosts) -> Recipient {
    let events = &message.events;
    let mut recipient = Recipient {
        original: trail.original,
        final_address: trail.final_address,
        siblings: trail.siblings,
        since: trail.since.unwrap_or(NO_TIME),
        attempts: trail.attempts,
        events: trail.events,
        ..blank(trail.address)
    };
    recipient.custody = custody_of(&recipient, message, hosts);
    let Some((index, hop)) = trail.last else {
        let hop = trail.hops.last().copied().unwrap_or(0);
        untried(&mut recipient, events, finished.get(hop).copied().unwrap_or(false));
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
    recipient.status = status(event, &message.sender, hosts);
    if let Some(expired) = trail.expired {
        recipient.status = Status::Expired;
        recipient.at = events[expired].at;
    }
    if let Some(told) = told_before(events, hop_of, index) {
        recipient.reply = told.reply.clone();
        (recipient.remote_host, recipient.remote_ip) = (told.host.clone(), told.ip.clone());
        explain(
            &mut recipient,
            &LogEvent { recipient: event.recipient.clone(), ..told.clone() },
            message,
            hosts,
        );
    } else {
        explain(&mut recipient, event, message, hosts);
    }
    if recipient.status == Status::Deferred && finished.get(hop) == Some(&true) {
        // The queue is done with it, and the lines that say how are missing.
        recipient.until = NO_TIME;
    } else {
        outlook(&mut recipient, event, message.received);
    }
    if let Some(complaint) = trail.complained {
        recipient.cause = Some(Cause::Complaint);
        recipient.at = events[complaint].at;
        recipient.who = Who::Sender;
        recipient
            .advice
            .insert(0, "Take this recipient off the list: they marked the message as spam.".to_owned());
    }
    recipient
}

/// Where the last of several hosts could not be reached at all, what another of
/// them said within the same attempt: that is the reason.
fn told_before<'e>(events: &'e [LogEvent], hop_of: &[usize], index: usize) -> Option<&'e LogEvent> {
    const LINES: usize = 20;
    const ATTEMPT: i64 = 600_000;
    let event = &events[index];
    let silent = event.reply.starts_with("connect to ") || event.reply.is_empty();
    if !silent || !matches!(event.kind, Kind::Deferred | Kind::Bounced) {
        return None;
    }
    let before = events[..index].iter().zip(hop_of).rev().take(LINES);
    before
        .filter(|(_, hop)| **hop == hop_of[index])
        .map(|(other, _)| other)
        .take_while(|other| !matches!(other.kind, Kind::Deferred | Kind::Bounced | Kind::Delivered))
        .find(|other| {
            other.kind == Kind::HostFailed
                && other.at.saturating_sub(event.at).saturating_abs() <= ATTEMPT
                && (other.reply.contains("refused to talk to me") || other.reply.contains(" said: "))
        })
}

/// Nothing was tried, as far as the log goes.
fn untried(recipient: &mut Recipient, events: &[LogEvent], ended: bool) {
    let last = recipient.events.last().and_then(|index| events.get(*index));
    // An application's log shows the whole dialogue: what it does not show was not sent.
    let application = last.is_some_and(|event| matches!(event.dialect, "ibmi-imail" | "ibmi-qzmf"));
    let reported = last.is_some_and(|event| event.dialect == "microsoft-365-trace");
    recipient.status = match (ended || reported, application) {
        (true, _) => Status::Unknown,
        (false, true) => Status::NeverLeft,
        (false, false) => Status::Queued,
    };
    recipient.at = last.map_or(NO_TIME, |event| event.at);
    recipient.queue_id = last.map(|event| event.id.clone()).unwrap_or_default();
    recipient.cause = Some(Cause::Undetermined);
    recipient.advice = vec![match recipient.status {
        Status::Unknown if reported => {
            "The trace has no result for this address yet, or it was expanded to members: trace again in an hour, and trace the members.".to_owned()
        }
        Status::Unknown => "Give mailvet the whole log: lines between the reception and the end of this queue id are missing.".to_owned(),
        _ => "Look at the queue of the sending server (postqueue -p, exim -bp, WRKSMTPEMM): the message waits there, or the log ends too early.".to_owned(),
    }];
}

fn status(event: &LogEvent, sender: &str, hosts: &Hosts) -> Status {
    match event.kind {
        Kind::Delivered => match custody::kept(event) {
            Some(custody::Kept::Discarded) => Status::Discarded,
            Some(custody::Kept::Quarantined) => Status::Quarantined,
            None if custody::of(event, sender, hosts).party.delivers() => Status::Delivered,
            None => Status::AcceptedByRelay,
        },
        Kind::Discarded | Kind::Redirected => match custody::kept(event) {
            Some(custody::Kept::Quarantined) => Status::Quarantined,
            _ => Status::Discarded,
        },
        Kind::Quarantined => Status::Quarantined,
        Kind::Held => Status::Held,
        Kind::Deleted => Status::Deleted,
        Kind::Deferred => Status::Deferred,
        Kind::Bounced => Status::Bounced,
        Kind::Expired => Status::Expired,
        Kind::Rejected | Kind::SessionRefused => Status::Rejected,
        _ => Status::Unknown,
    }
}

/// Each hop that took the copy.
fn custody_of(recipient: &Recipient, message: &Message, hosts: &Hosts) -> Vec<Hop> {
    let mut out: Vec<Hop> = Vec::new();
    for event in recipient.events.iter().filter_map(|index| message.events.get(*index)) {
        if out.is_empty() && !event.log_host.is_empty() {
            out.push(Hop {
                host: event.log_host.clone(),
                party: Party::Own,
                proof: "the log is its own".to_owned(),
                at: event.at,
            });
        }
        if !matches!(event.kind, Kind::Delivered | Kind::Quarantined | Kind::Discarded) {
            continue;
        }
        let taker = custody::of(event, &message.sender, hosts);
        let host = if event.host.is_empty() || event.host == "none" { &event.ip } else { &event.host };
        let host = if host.is_empty() { &event.log_host } else { host };
        out.push(Hop { host: host.clone(), party: taker.party, proof: taker.proof, at: event.at });
    }
    out
}

/// Cause, who must act and the steps.
fn explain(recipient: &mut Recipient, event: &LogEvent, message: &Message, hosts: &Hosts) {
    let hosts_named: Vec<&str> = host_hint(event).into_iter().collect();
    let read = reply::classify_waiting(
        &event.reply,
        &hosts_named,
        stage(event),
        EnhancedCode::parse(&event.enhanced).filter(|code| code.class != 2),
    );
    recipient.permanent = match recipient.status {
        // What the queue does decides: a refused greeting is tried again.
        Status::Deferred => Some(false),
        Status::Bounced | Status::Expired => Some(true),
        Status::Rejected => read.permanent,
        _ => None,
    };
    match recipient.status {
        Status::Delivered | Status::AcceptedByRelay => {
            recipient.cause = Some(Cause::Delivered);
            recipient.who = Who::Nobody;
            recipient.advice = answer::after_acceptance(recipient, event);
            return;
        }
        Status::Discarded | Status::Quarantined | Status::Held | Status::Deleted => {
            return fate::explain(recipient, event);
        }
        _ => {}
    }
    let speaker = custody::speaker(event, &message.sender, hosts);
    recipient.speaker = speaker;
    recipient.cause = Some(read.cause);
    recipient.who = read.who;
    recipient.named = answer::names(&read);
    recipient.advice = read.action;
    recipient.page = read.page;
    if event.dialect == "microsoft-365-trace" && read.cause == Cause::Undetermined {
        recipient.who = Who::Sender;
        recipient.advice = vec![format!(
            "Ask for the reply, which this trace leaves out: Get-MessageTraceDetailV2 -MessageTraceId {} -RecipientAddress {}",
            plain(&event.id, Width::Name),
            plain(&recipient.address, Width::Line)
        )];
    }
    match (recipient.status, read.cause) {
        (Status::Expired, Cause::Undetermined) => recipient.cause = Some(Cause::QueueExpired),
        // No connection so far: nothing was given up yet.
        (Status::Deferred, Cause::QueueExpired) => recipient.cause = Some(Cause::NetworkFailure),
        _ => {}
    }
    if speaker.is_some_and(|speaker| speaker.is_own()) {
        fate::own_component(recipient, event);
    }
}

/// When the queue tries again and when it gives up.
fn outlook(recipient: &mut Recipient, event: &LogEvent, received: Millis) {
    if recipient.status != Status::Deferred || recipient.at == NO_TIME {
        return;
    }
    let arrived = match event.delay {
        Some(seconds) => recipient.at - (seconds * 1000.0) as i64,
        None => received,
    };
    if arrived != NO_TIME {
        let system = if event.is_listed() { &event.agent } else { event.dialect };
        (recipient.next_try, recipient.until) = patience::of(system).outlook(arrived, recipient.at);
        if event.is_listed() {
            // A listing says since when, not when it was tried last.
            recipient.next_try = NO_TIME;
        }
    }
}

/// The command a line names beside the reply: "NOQUEUE: reject: RCPT from", "rejected MAIL".
fn stage(event: &LogEvent) -> Option<Stage> {
    let named = [("reject: ", " from "), ("rejected ", " ")].iter().find_map(|(before, after)| {
        let rest = event.line.get(event.line.find(before)? + before.len()..)?;
        rest.get(..rest.find(after)?)
    })?;
    Some(match named {
        "CONNECT" | "connect" | "connection" => Stage::Connect,
        "HELO" | "EHLO" => Stage::Hello,
        "MAIL" => Stage::Mail,
        "RCPT" => Stage::Rcpt,
        "DATA" | "END-OF-MESSAGE" | "after" => Stage::Data,
        _ => return None,
    })
}

fn host_hint(event: &LogEvent) -> Option<&str> {
    if !event.host.is_empty() && event.host != "none" {
        return Some(&event.host);
    }
    event.recipient.rsplit_once('@').map(|(_, domain)| domain)
}

/// A refusal that never got a queue id.
pub(super) fn refusal(event: &LogEvent) -> Message {
    let read = reply::classify_waiting(&event.reply, &[], stage(event), EnhancedCode::parse(&event.enhanced));
    let status = match event.kind {
        Kind::Bounced => Status::Bounced,
        Kind::Deferred => Status::Deferred,
        Kind::Delivered => Status::AcceptedByRelay,
        _ => Status::Rejected,
    };
    let recipient = Recipient {
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
        who: read.who,
        named: answer::names(&read),
        advice: read.action,
        page: read.page,
        events: vec![0],
        ..blank(event.recipient.clone())
    };
    let mut message = heading(vec![event.clone()]);
    message.ids.clear();
    message.size = 0;
    (message.client_host, message.client_ip) = (event.host.clone(), event.ip.clone());
    message.received = event.at;
    message.recipients.push(recipient);
    message.retell();
    message
}
