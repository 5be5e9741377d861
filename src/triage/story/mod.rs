//! Delivery stories: the events of one message, joined over queue ids, hops and
//! files, to one verdict per recipient. Pure.

mod accounting;
mod answer;
mod brief;
mod early;
mod fate;
mod link;
mod mailbox;
mod node;
mod order;
mod outcome;
pub(crate) mod patience;
mod reason;
mod refusal;
mod trail;
mod whose;
pub(crate) mod zone;

use crate::model::speaker::Speaker;
use crate::parse::log::event::Millis;
use crate::parse::log::record::LogEvent;
use crate::triage::cause::Cause;
use crate::triage::confirmation::Confirmation;
use crate::triage::custody::{Hop, Hosts};
use crate::triage::queue_commands;
use crate::triage::reply::{self, Who};

pub(crate) use answer::{Clock, moment};
pub(crate) use brief::brief;

/// Where a recipient's copy stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Status {
    Delivered,
    /// A relay took it; its log has the rest.
    AcceptedByRelay,
    Deferred,
    Bounced,
    Expired,
    /// Refused before it was queued.
    Rejected,
    /// Kept in the queue until somebody releases it.
    Held,
    /// In the queue when the log ends; nothing was tried.
    Queued,
    /// Thrown away by a rule or filter of the sender's side.
    Discarded,
    /// Kept apart by a filter for somebody to look at.
    Quarantined,
    /// Taken out of the queue by hand.
    Deleted,
    /// The application had it and no server took it.
    NeverLeft,
    Unknown,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Status::Delivered => "delivered",
            Status::AcceptedByRelay => "accepted-by-relay",
            Status::Deferred => "deferred",
            Status::Bounced => "bounced",
            Status::Expired => "expired",
            Status::Rejected => "rejected",
            Status::Held => "held",
            Status::Queued => "queued",
            Status::Discarded => "discarded",
            Status::Quarantined => "quarantined",
            Status::Deleted => "deleted",
            Status::NeverLeft => "never-left",
            Status::Unknown => "unknown",
        }
    }

    /// Whether someone must look at it, worst first.
    pub(crate) fn rank(self) -> u8 {
        match self {
            Status::Bounced => 0,
            Status::Expired => 1,
            Status::Rejected => 2,
            Status::Discarded => 3,
            Status::Quarantined => 4,
            Status::Deleted => 5,
            Status::Held => 6,
            Status::Deferred => 7,
            Status::NeverLeft => 8,
            Status::Queued => 9,
            Status::Unknown => 10,
            Status::AcceptedByRelay => 11,
            Status::Delivered => 12,
        }
    }
}

/// One recipient's verdict.
#[derive(Clone, Debug)]
pub(crate) struct Recipient {
    /// Empty where the log names none.
    pub address: String,
    /// The address the sender wrote, where an alias or rule put this one in its place.
    pub original: String,
    /// The address the last hop knows it by, where it was rewritten on the way.
    pub final_address: String,
    /// How many addresses stand behind `original`; 1 without an alias.
    pub siblings: usize,
    pub status: Status,
    pub cause: Option<Cause>,
    /// The cause in words, where the reply's wording says more than its class.
    pub title: Option<&'static str>,
    pub permanent: Option<bool>,
    pub reply: String,
    pub enhanced: String,
    pub remote_host: String,
    pub remote_ip: String,
    /// Of the event that decided.
    pub at: Millis,
    /// When the last hop took it, which a later complaint does not change; no time where nothing
    /// was taken.
    pub accepted: Millis,
    /// First failed attempt.
    pub since: Millis,
    pub attempts: u32,
    /// When the queue is likely to try again, and when it gives up, at default
    /// settings of the mail system that wrote the log; only while deferred.
    pub next_try: Millis,
    pub until: Millis,
    /// The id the deciding hop or the next one knows it by.
    pub queue_id: String,
    pub next_id: String,
    pub who: Who,
    /// Whose words the reply is, where the custody shows it.
    pub speaker: Option<Speaker>,
    /// Who had the message, hop by hop, and how that is known.
    pub custody: Vec<Hop>,
    pub advice: Vec<String>,
    pub page: Option<String>,
    /// Whether the cause still holds; `None` where nobody asked or the DNS has no say.
    pub confirmation: Option<Confirmation>,
    /// The cause with its names: list, address, provider. Hostile text.
    pub named: String,
    /// The answer to give to the sender, in one sentence.
    pub answer: String,
    /// Indices into the message's events.
    pub events: Vec<usize>,
}

/// One message.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// Queue ids in the order of the hops.
    pub ids: Vec<String>,
    pub message_id: String,
    pub sender: String,
    pub size: u64,
    /// Who handed it in: host and address.
    pub client_host: String,
    pub client_ip: String,
    pub received: Millis,
    pub recipients: Vec<Recipient>,
    /// Notifications sent about it, by their queue ids.
    pub notifications: Vec<String>,
    pub events: Vec<LogEvent>,
    /// How times are written.
    pub clock: Clock,
}

impl Message {
    /// The rank of the recipient most in need.
    pub(crate) fn worst(&self) -> u8 {
        self.recipients.iter().map(|recipient| recipient.status.rank()).min().unwrap_or(u8::MAX)
    }

    /// Takes the clock by which the log is read: times and tenses follow it.
    pub(crate) fn read_by(&mut self, clock: Clock) {
        self.clock = clock;
        for recipient in &mut self.recipients {
            if matches!(recipient.status, Status::Delivered | Status::AcceptedByRelay) {
                let complained = recipient.cause == Some(Cause::Complaint);
                recipient.advice = answer::after_acceptance(recipient, &clock);
                if complained {
                    recipient.advice.insert(0, outcome::OFF_THE_LIST.to_owned());
                }
            }
            let system = recipient.events.last().and_then(|index| self.events.get(*index));
            let listing = system.and_then(|event| queue_commands::listing(event.system()));
            if let Some(first) = answer::after_the_log(recipient, &clock, listing) {
                // What waited when the log ended need not wait today.
                recipient.advice.retain(|step| !reply::is_waiting(step) && !outcome::is_in_queue(step));
                recipient.advice.insert(0, first);
            }
        }
        self.retell();
    }

    /// Words the answers again, after what they are about has changed.
    pub(crate) fn retell(&mut self) {
        let answers: Vec<String> = self.recipients.iter().map(|one| answer::sentence(self, one)).collect();
        for (recipient, answer) in self.recipients.iter_mut().zip(answers) {
            recipient.answer = answer;
        }
    }
}

/// Joins events, which must be in the order of their files. What they show of
/// hosts is added to what is known of them.
#[cfg(test)]
pub(crate) fn join(events: Vec<LogEvent>) -> Vec<Message> {
    let hosts = Hosts::seen(&events);
    join_with(events, &hosts)
}

/// Joins events, which must be in the order of their files, with what is known of hosts.
pub(crate) fn join_with(events: Vec<LogEvent>, hosts: &Hosts) -> Vec<Message> {
    let mut events = order::by_time(events);
    early::adopt(&mut events);
    accounting::adopt(&mut events);
    let (nodes, alone) = link::nodes(&events);
    let groups = link::link(&events, &nodes);
    let mut messages: Vec<Message> = Vec::new();
    for group in groups {
        let hops: Vec<&[usize]> = group.iter().map(|node| nodes[*node].events.as_slice()).collect();
        messages.push(outcome::message(&events, &hops, hosts));
    }
    messages.extend(alone.into_iter().map(|index| refusal::refusal(&events[index])));
    early::point_to_retries(&mut messages);
    messages.sort_by(|a, b| (a.received, &a.ids, first(a)).cmp(&(b.received, &b.ids, first(b))));
    messages
}

fn first(message: &Message) -> Option<&crate::model::Location> {
    message.events.first().map(|event| &event.location)
}

#[cfg(test)]
mod tests;
