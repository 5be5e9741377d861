//! Delivery stories: the events of one message, joined over queue ids, hops and
//! files, to one verdict per recipient. Pure.

mod answer;
mod brief;
mod outcome;
mod relay;

use std::collections::{BTreeMap, BTreeSet};

use crate::parse::log::Kind;
use crate::parse::log::event::{Millis, NO_TIME};
use crate::parse::log::record::{LogEvent, queued_as};
use crate::triage::cause::Cause;
use crate::triage::confirmation::Confirmation;
use crate::triage::reply::Who;

pub use answer::{moment, sentence};
pub use brief::brief;
pub use relay::{Taker, taker};

/// Where a recipient's copy stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    Delivered,
    /// A relay took it; its log has the rest.
    AcceptedByRelay,
    Deferred,
    Bounced,
    Expired,
    /// Refused before it was queued.
    Rejected,
    /// Queued, and nothing was tried yet.
    NeverLeft,
    Unknown,
}

impl Status {
    pub fn name(self) -> &'static str {
        match self {
            Status::Delivered => "delivered",
            Status::AcceptedByRelay => "accepted-by-relay",
            Status::Deferred => "deferred",
            Status::Bounced => "bounced",
            Status::Expired => "expired",
            Status::Rejected => "rejected",
            Status::NeverLeft => "never-left",
            Status::Unknown => "unknown",
        }
    }

    /// Whether someone must look at it, worst first.
    pub fn rank(self) -> u8 {
        match self {
            Status::Bounced => 0,
            Status::Expired => 1,
            Status::Rejected => 2,
            Status::Deferred => 3,
            Status::NeverLeft => 4,
            Status::Unknown => 5,
            Status::AcceptedByRelay => 6,
            Status::Delivered => 7,
        }
    }
}

/// One recipient's verdict.
#[derive(Clone, Debug)]
pub struct Recipient {
    /// Empty where the log names none.
    pub address: String,
    pub status: Status,
    pub cause: Option<Cause>,
    pub permanent: Option<bool>,
    pub reply: String,
    pub enhanced: String,
    pub remote_host: String,
    pub remote_ip: String,
    /// Of the event that decided.
    pub at: Millis,
    /// First failed attempt.
    pub since: Millis,
    pub attempts: u32,
    /// When the queue is likely to try again, and when it gives up, at default
    /// settings of Postfix; only while deferred.
    pub next_try: Millis,
    pub until: Millis,
    /// The id the deciding hop or the next one knows it by.
    pub queue_id: String,
    pub next_id: String,
    pub who: Who,
    pub advice: Vec<String>,
    pub page: Option<String>,
    /// Whether the cause still holds; `None` where nobody asked or the DNS has no say.
    pub confirmation: Option<Confirmation>,
    /// The answer to give to the sender, in one sentence.
    pub answer: String,
    /// Indices into the message's events.
    pub events: Vec<usize>,
}

/// One message.
#[derive(Clone, Debug)]
pub struct Message {
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
}

impl Message {
    pub fn worst(&self) -> u8 {
        self.recipients.iter().map(|recipient| recipient.status.rank()).min().unwrap_or(u8::MAX)
    }
}

/// One queue id on one machine.
#[derive(Debug, Default)]
struct Node {
    events: Vec<usize>,
    done: bool,
}

/// Joins events, which must be in the order of their files.
pub fn join(events: Vec<LogEvent>) -> Vec<Message> {
    let (nodes, alone) = nodes(&events);
    let groups = link(&events, &nodes);
    let mut messages: Vec<Message> = Vec::new();
    for group in groups {
        messages.push(outcome::message(
            &events,
            &group.iter().map(|n| nodes[*n].events.as_slice()).collect::<Vec<_>>(),
        ));
    }
    for index in alone {
        messages.push(outcome::refusal(&events[index]));
    }
    messages.sort_by(|a, b| (a.received, &a.ids, first(a)).cmp(&(b.received, &b.ids, first(b))));
    messages
}

fn first(message: &Message) -> Option<&crate::model::Location> {
    message.events.first().map(|event| &event.location)
}

/// Events by machine and queue id; an id used again after its end is another
/// message. Refusals without an id stand alone.
fn nodes(events: &[LogEvent]) -> (Vec<Node>, Vec<usize>) {
    let mut nodes: Vec<Node> = Vec::new();
    let mut current: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    let mut alone = Vec::new();
    // Files of several machines may overlap, but each is in its own order.
    for (index, event) in events.iter().enumerate() {
        if event.id.is_empty() {
            if matches!(
                event.kind,
                Kind::Rejected | Kind::SessionRefused | Kind::Bounced | Kind::Deferred | Kind::Delivered
            ) {
                alone.push(index);
            }
            continue;
        }
        let synthetic = event.id.starts_with("dialogue-") || event.id.starts_with("QZMF-");
        let file = if synthetic { event.location.file.as_str() } else { "" };
        let key = (file, event.log_host.as_str(), event.id.as_str());
        let reused = current.get(&key).is_some_and(|node| {
            nodes[*node].done && matches!(event.kind, Kind::Received | Kind::Identified | Kind::Queued)
        });
        let node = match current.get(&key) {
            Some(node) if !reused => *node,
            _ => {
                nodes.push(Node::default());
                current.insert(key, nodes.len() - 1);
                nodes.len() - 1
            }
        };
        nodes[node].events.push(index);
        nodes[node].done |= event.kind == Kind::Removed;
    }
    (nodes, alone)
}

/// Nodes that are one message: handed on under another id, or with the same
/// Message-ID on another machine. Each group in the order of its hops.
fn link(events: &[LogEvent], nodes: &[Node]) -> Vec<Vec<usize>> {
    let mut by_id: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut by_message_id: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, node) in nodes.iter().enumerate() {
        if let Some(first) = node.events.first() {
            by_id.entry(&events[*first].id).or_default().push(number);
        }
        let message_id = node.events.iter().map(|e| events[*e].message_id.as_str()).find(|id| !id.is_empty());
        if let Some(message_id) = message_id {
            by_message_id.entry(message_id).or_default().push(number);
        }
    }
    let mut parent: Vec<usize> = (0..nodes.len()).collect();
    let mut before: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); nodes.len()];
    for (number, node) in nodes.iter().enumerate() {
        for index in &node.events {
            let event = &events[*index];
            let next = match event.kind {
                Kind::Delivered => queued_as(&event.reply),
                Kind::Linked => Some(event.next_id.as_str()),
                Kind::Note => queued_as(&event.reply),
                _ => None,
            };
            for other in next.and_then(|next| by_id.get(next)).into_iter().flatten() {
                if *other != number && plausible(events, node, &nodes[*other]) {
                    unite(&mut parent, number, *other);
                    before[*other].insert(number);
                }
            }
        }
    }
    for same in by_message_id.values() {
        for pair in same.windows(2) {
            unite(&mut parent, pair[0], pair[1]);
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for number in 0..nodes.len() {
        groups.entry(find(&mut parent, number)).or_default().push(number);
    }
    groups.into_values().map(|group| hop_order(events, nodes, group, &before)).collect()
}

/// A queue id may be used again years later; a next hop takes over at once.
fn plausible(events: &[LogEvent], from: &Node, to: &Node) -> bool {
    let time = |node: &Node| node.events.iter().map(|e| events[*e].at).find(|at| *at != NO_TIME);
    const CLOCKS_APART: i64 = 26 * 3_600_000;
    const QUEUE_LIFE: i64 = 15 * 86_400_000;
    match (time(from), time(to)) {
        (Some(from), Some(to)) => (from - CLOCKS_APART..=from + QUEUE_LIFE).contains(&to),
        _ => true,
    }
}

fn find(parent: &mut [usize], mut node: usize) -> usize {
    while parent[node] != node {
        parent[node] = parent[parent[node]];
        node = parent[node];
    }
    node
}

fn unite(parent: &mut [usize], a: usize, b: usize) {
    let (a, b) = (find(parent, a), find(parent, b));
    // The lower number leads, so that the order is that of the log.
    parent[a.max(b)] = a.min(b);
}

/// Hops that hand on come before those they hand to; else by time.
fn hop_order(
    events: &[LogEvent],
    nodes: &[Node],
    group: Vec<usize>,
    before: &[BTreeSet<usize>],
) -> Vec<usize> {
    let time = |node: &usize| {
        nodes[*node].events.iter().map(|e| events[*e].at).find(|at| *at != NO_TIME).unwrap_or(NO_TIME)
    };
    let mut left: Vec<usize> = group;
    left.sort_by_key(|node| (time(node), *node));
    let mut ordered: Vec<usize> = Vec::with_capacity(left.len());
    let mut placed: BTreeSet<usize> = BTreeSet::new();
    while !left.is_empty() {
        let members: BTreeSet<usize> = left.iter().copied().collect();
        // A loop of ids, which only a forged log has, is cut at its earliest node.
        let at = left
            .iter()
            .position(|node| before[*node].iter().all(|b| placed.contains(b) || !members.contains(b)))
            .unwrap_or(0);
        let node = left.remove(at);
        placed.insert(node);
        ordered.push(node);
    }
    ordered
}

#[cfg(test)]
mod tests;
