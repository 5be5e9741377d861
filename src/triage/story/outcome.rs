//! From the events of one message to a verdict per recipient.

use std::collections::BTreeSet;

use super::fate;
use super::link::is_shown_nowhere;
use super::patience;
use super::reason::{reason_before, spoken, told_before};
use super::trail::{Trail, drop_own_control, trails};
use super::{Message, Recipient, Status, answer, whose};
use crate::model::enhanced_code::EnhancedCode;
use crate::model::speaker::{Speaker, Stage};
use crate::model::untrusted::{Width, plain};
use crate::parse::log::Kind;
use crate::parse::log::event::{Millis, NO_TIME};
use crate::parse::log::record::{LogEvent, queued_as};
use crate::triage::cause::Cause;
use crate::triage::custody::{self, Hop, Hosts, Party};
use crate::triage::queue_commands;
use crate::triage::reply::{self, Queue, Setting, Who};

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
    drop_own_control(&mut events);
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

/// Who sent it: the address, where a later line completes a login name that stands first.
fn sender_of(events: &[LogEvent]) -> &str {
    let mut senders = events.iter().map(|event| event.sender.as_str()).filter(|sender| !sender.is_empty());
    let Some(first) = senders.next() else { return "" };
    let completes = |sender: &&str| sender.split_once('@').is_some_and(|(login, _)| login == first);
    senders.find(completes).unwrap_or(first)
}

/// What holds for all recipients.
pub(super) fn heading(events: Vec<LogEvent>) -> Message {
    let (mut seen, mut told) = (BTreeSet::new(), BTreeSet::new());
    let (mut ids, mut notifications) = (Vec::new(), Vec::new());
    for event in &events {
        // Made-up names of dialogues are no ids anyone can search for.
        if !event.id.is_empty() && !is_shown_nowhere(&event.id) && seen.insert(event.id.clone()) {
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
        sender: sender_of(&events).to_owned(),
        size: events.iter().map(|event| event.size).max().unwrap_or(0),
        client_host: entry.map(|event| event.host.clone()).unwrap_or_default(),
        client_ip: entry.map(|event| event.ip.clone()).unwrap_or_default(),
        // A complaint comes days after the message.
        received: events
            .iter()
            .filter(|event| event.kind != Kind::Complained)
            .map(|event| event.at)
            .find(|at| *at != NO_TIME)
            .unwrap_or(NO_TIME),
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

pub(super) fn blank(address: String) -> Recipient {
    Recipient {
        address,
        original: String::new(),
        final_address: String::new(),
        siblings: 1,
        status: Status::Unknown,
        cause: None,
        title: None,
        permanent: None,
        reply: String::new(),
        enhanced: String::new(),
        remote_host: String::new(),
        remote_ip: String::new(),
        at: NO_TIME,
        accepted: NO_TIME,
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
        match trail.complained {
            Some(index) => complained(&mut recipient, &events[index]),
            None => untried(&mut recipient, events, finished.get(hop).copied().unwrap_or(false)),
        }
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
    if matches!(recipient.status, Status::Delivered | Status::AcceptedByRelay) {
        recipient.accepted = event.at;
    }
    if let Some(expired) = trail.expired {
        recipient.status = Status::Expired;
        recipient.at = events[expired].at;
    }
    match (reason_before(&recipient, events, event), told_before(events, hop_of, index)) {
        (Some(before), _) => held(&mut recipient, before, message, hosts),
        (None, Some(told)) => told_by(&mut recipient, told, message, hosts),
        (None, None) => explain(&mut recipient, event, message, hosts),
    }
    if recipient.status == Status::Rejected {
        whose::settle(&mut recipient, event);
    }
    given_up(&mut recipient, event, message, hosts);
    if recipient.status == Status::Deferred && finished.get(hop) == Some(&true) {
        // The queue is done with it, and the lines that say how are missing.
        recipient.until = NO_TIME;
    } else {
        outlook(&mut recipient, event, message.received);
    }
    if let Some(complaint) = trail.complained {
        recipient.cause = Some(Cause::Complaint);
        recipient.title = None;
        recipient.at = events[complaint].at;
        recipient.who = Who::Sender;
        recipient.advice.insert(0, OFF_THE_LIST.to_owned());
    }
    recipient
}

/// The cause is that of the last try, and the message waits to be released.
fn held(recipient: &mut Recipient, before: &LogEvent, message: &Message, hosts: &Hosts) {
    let status = std::mem::replace(&mut recipient.status, Status::Bounced);
    told_by(recipient, before, message, hosts);
    recipient.status = status;
    recipient.permanent = None;
    recipient.named = format!("\"{}\"", plain(&before.reply, Width::Line));
    recipient.advice.retain(|step| !step.starts_with("send the message again"));
    let id = plain(&before.id, Width::Name);
    recipient.advice.push(format!("then release the message: exim -Mt {id}, and try it: exim -M {id}"));
}

/// The cause by what another line says of the same recipient.
fn told_by(recipient: &mut Recipient, told: &LogEvent, message: &Message, hosts: &Hosts) {
    recipient.reply = told.reply.clone();
    (recipient.remote_host, recipient.remote_ip) = (told.host.clone(), told.ip.clone());
    let told = LogEvent { recipient: recipient.address.clone(), ..told.clone() };
    explain(recipient, &told, message, hosts);
}

/// What ended only because its time was over was given up and not refused, and why it waited is the reason:
/// the last answer before the end says it.
fn given_up(recipient: &mut Recipient, end: &LogEvent, message: &Message, hosts: &Hosts) {
    let over = recipient.status == Status::Expired
        || recipient.status == Status::Bounced && reply::is_time_over(&recipient.reply);
    if !over {
        return;
    }
    recipient.status = Status::Expired;
    if recipient.cause != Some(Cause::QueueExpired) {
        return;
    }
    let before = recipient.events.iter().rev().filter_map(|index| message.events.get(*index));
    let waited = before.filter(|event| event.kind == Kind::Deferred && event.id == end.id);
    let Some(waited) = waited.into_iter().find(|event| !event.reply.is_empty()) else { return };
    let mut known = recipient.clone();
    told_by(&mut known, waited, message, hosts);
    match known.cause {
        // Words that nobody here knows say more than that the time is over.
        None | Some(Cause::QueueExpired | Cause::Undetermined) => {
            recipient.reply.clone_from(&waited.reply);
            recipient.named = format!("\"{}\"", plain(&waited.reply, Width::Line));
        }
        Some(_) => *recipient = known,
    }
}

/// A complaint about a message whose delivery the log does not hold.
pub(super) fn complained(recipient: &mut Recipient, event: &LogEvent) {
    recipient.status = Status::Unknown;
    recipient.cause = Some(Cause::Complaint);
    recipient.at = event.at;
    recipient.queue_id = event.id.clone();
    recipient.who = Who::Sender;
    recipient.advice = vec![if recipient.address.is_empty() {
        "Find whom the message went to: search the logs of the days before the complaint for its Message-ID or id."
            .to_owned()
    } else {
        OFF_THE_LIST.to_owned()
    }];
}

/// What to do first about a complaint.
pub(super) const OFF_THE_LIST: &str = "Take this recipient off the list: they marked the message as spam.";

const LOOK_INTO_QUEUE: &str = "Look at the queue of the sending server";

/// True of the step that says that mail waits in the queue.
pub(super) fn is_in_queue(step: &str) -> bool {
    step.starts_with(LOOK_INTO_QUEUE)
}

/// Nothing was tried, as far as the log goes.
fn untried(recipient: &mut Recipient, events: &[LogEvent], ended: bool) {
    let last = recipient.events.last().and_then(|index| events.get(*index));
    let reported = last.is_some_and(|event| event.dialect == "microsoft-365-trace");
    let probe = last.and_then(probed);
    recipient.status = match last.map_or("", |event| event.dialect) {
        _ if ended || reported || probe.is_some() => Status::Unknown,
        "ibmi-qzmf" => Status::NeverLeft,
        "ibmi-imail" if is_unsent(events) => Status::NeverLeft,
        "ibmi-imail" => Status::Unknown,
        _ => Status::Queued,
    };
    recipient.at = last.map_or(NO_TIME, |event| event.at);
    recipient.queue_id = last.map(|event| event.id.clone()).unwrap_or_default();
    recipient.cause = Some(Cause::Undetermined);
    if let Some(found) = probe {
        recipient.named =
            format!("the server only asked whether the address can be reached, and found it {found}");
    }
    recipient.advice = vec![match recipient.status {
        Status::Unknown if probe.is_some() => "Look for the message itself under another queue id.".to_owned(),
        Status::Unknown if reported => {
            "The trace has no result for this address yet, or it was expanded to members: trace again in an hour, and trace the members.".to_owned()
        }
        Status::Unknown => "Give mailvet the whole log: lines between the reception and the end of this queue id are missing.".to_owned(),
        _ => format!(
            "{LOOK_INTO_QUEUE}{}: the message waits there, or the log ends too early.",
            last.and_then(|event| queue_commands::listing(event.system())).map(|command| format!(" ({command})")).unwrap_or_default()
        ),
    }];
}

/// What Postfix found out about an address that it asked for without sending anything.
fn probed(event: &LogEvent) -> Option<&'static str> {
    let is = |found: &str| event.line.contains(&format!(", status={found} "));
    ["deliverable", "undeliverable"].into_iter().find(|found| is(found))
}

/// A dialogue in which the other side spoke and the message itself was never sent:
/// what such a log shows whole did not leave. Else the log may be cut.
fn is_unsent(events: &[LogEvent]) -> bool {
    let code = |reply: &str| reply.get(..3).is_some_and(|code| code.bytes().all(|b| b.is_ascii_digit()));
    let is_data = |event: &LogEvent| {
        let word = event.reply.get(..4).unwrap_or_default();
        event.kind == Kind::Note && (word.eq_ignore_ascii_case("DATA") || word.eq_ignore_ascii_case("BDAT"))
    };
    events.iter().any(|event| code(&event.reply)) && !events.iter().any(is_data)
}

pub(super) fn status(event: &LogEvent, sender: &str, hosts: &Hosts) -> Status {
    match event.kind {
        Kind::Delivered | Kind::Filed => match custody::kept(event) {
            Some(custody::Kept::Discarded) => Status::Discarded,
            Some(custody::Kept::Quarantined) => Status::Quarantined,
            Some(custody::Kept::Bounced) => Status::Bounced,
            None if custody::of(event, sender, hosts).party.delivers() => Status::Delivered,
            None => Status::AcceptedByRelay,
        },
        // The recipient's own rule sent it on: nothing is lost, and nothing proven delivered.
        Kind::Redirected if fate::is_sieve(event) => Status::AcceptedByRelay,
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
        if !matches!(event.kind, Kind::Delivered | Kind::Filed | Kind::Quarantined | Kind::Discarded) {
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
pub(super) fn explain(recipient: &mut Recipient, event: &LogEvent, message: &Message, hosts: &Hosts) {
    // The peer of a refusal is the client: who refuses is the server that wrote the line.
    let refused = event.kind == Kind::Rejected;
    let speaker = custody::speaker(event, &message.sender, hosts).filter(|_| !refused);
    let hosts_named: Vec<&str> = host_hint(event).into_iter().collect();
    let service = if refused { String::new() } else { service(event) };
    let setting = Setting {
        speaker,
        stage: stage(event),
        status: EnhancedCode::parse(&event.enhanced).filter(|code| code.class != 2),
        hosts: &hosts_named,
        queue: match recipient.status {
            Status::Deferred => Queue::Waits,
            Status::Bounced | Status::Expired => Queue::GaveUp,
            _ => Queue::Unknown,
        },
        transport: &event.agent,
        system: event.system(),
        service: &service,
        machine: &event.log_host,
    };
    let read = reply::classify_in(spoken(event), &setting);
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
            recipient.advice = answer::after_acceptance(recipient, &message.clock);
            if event.kind == Kind::Redirected {
                fate::sent_on(recipient, event);
            }
            return;
        }
        _ if fate::is_own(recipient.status, event) => return fate::explain(recipient, event),
        _ => {}
    }
    recipient.speaker = Some(read.speaker);
    recipient.cause = Some(read.cause);
    recipient.title = read.own_title();
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
        (Status::Expired, Cause::NetworkFailure) if speaker.is_some_and(Speaker::is_own) => {
            recipient.cause = Some(Cause::QueueExpired);
            recipient.title = None;
        }
        _ => {}
    }
}

/// The service that was asked, as the line names it.
fn service(event: &LogEvent) -> String {
    match (event.host.as_str(), event.ip.as_str()) {
        ("" | "none", ip) => ip.to_owned(),
        (host, ip) if host == ip || ip.is_empty() => host.to_owned(),
        (host, ip) => format!("{host} ({ip})"),
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
        (recipient.next_try, recipient.until) = patience::of(event.system()).outlook(arrived, recipient.at);
        if event.is_listed() {
            // A listing says since when, not when it was tried last.
            recipient.next_try = NO_TIME;
        }
    }
}

/// The command a line names beside the reply: "NOQUEUE: reject: RCPT from", "rejected MAIL".
pub(super) fn stage(event: &LogEvent) -> Option<Stage> {
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
