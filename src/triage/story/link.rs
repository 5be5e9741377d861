//! Events to queue ids, queue ids to messages: joined only where one hop is
//! proven to have handed to the next. Linear in the events, however they are forged.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use super::node::Node;
use super::{mailbox, order};
use crate::parse::log::Kind;
use crate::parse::log::event::{Millis, NO_TIME};
use crate::parse::log::record::{LogEvent, queued_as};

/// Made-up names of dialogues: nobody else knows them.
pub(super) fn is_made_up(id: &str) -> bool {
    id.starts_with("dialogue-") || id.starts_with("QZMF-")
}

/// As [`is_made_up`], or one that names the message in every file and that no log shows.
pub(super) fn is_shown_nowhere(id: &str) -> bool {
    is_made_up(id) || id.starts_with("PMTA-") || id.starts_with("DOVECOT-")
}

/// Events by machine and queue id; an id used again after its end, or for
/// another message, is another node. Refusals without an id stand alone.
pub(super) fn nodes(events: &[LogEvent]) -> (Vec<Node>, Vec<usize>) {
    let twice = used_by_two(events);
    let mut nodes: Vec<Node> = Vec::new();
    let mut current: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    let mut alone = Vec::new();
    // Files of several machines may overlap, but each is in its own order.
    for (index, event) in events.iter().enumerate() {
        if event.id.is_empty() {
            if matches!(
                event.kind,
                Kind::Rejected
                    | Kind::SessionRefused
                    | Kind::Bounced
                    | Kind::Deferred
                    | Kind::Delivered
                    | Kind::Discarded
                    | Kind::Held
                    | Kind::Redirected
                    | Kind::Quarantined
                    | Kind::Complained
            ) {
                alone.push(index);
            }
            continue;
        }
        let apart = is_made_up(&event.id) || twice.contains(&(event.log_host.as_str(), event.id.as_str()));
        let file = if apart { event.location.file.as_str() } else { "" };
        let key = (file, event.log_host.as_str(), event.id.as_str());
        // What a rule did before the id was given belongs to what the id begins.
        let begins = matches!(event.kind, Kind::Received | Kind::Identified | Kind::Queued)
            || event.line.contains("NOQUEUE: ");
        let reused = current.get(&key).map(|node| &nodes[*node]).is_some_and(|node: &Node| {
            node.done && begins
                || event.kind == Kind::Queued
                    && node.queued.as_ref().is_some_and(|known| differs(known, event))
        });
        let node = match current.get(&key) {
            Some(node) if !reused => *node,
            _ => {
                nodes.push(Node::default());
                current.insert(key, nodes.len() - 1);
                nodes.len() - 1
            }
        };
        let node = &mut nodes[node];
        node.events.push(index);
        node.done |= matches!(event.kind, Kind::Removed | Kind::Deleted);
        if event.kind == Kind::Queued && event.size > 0 {
            node.queued.get_or_insert_with(|| (event.sender.clone(), event.size));
        }
    }
    for node in &mut nodes {
        order::sort(events, &mut node.events);
    }
    (nodes, alone)
}

fn differs(known: &(String, u64), event: &LogEvent) -> bool {
    event.size > 0 && (known.0 != event.sender || known.1 != event.size)
}

/// Queue ids that two files use for different messages, though the machines
/// call themselves alike.
fn used_by_two(events: &[LogEvent]) -> BTreeSet<(&str, &str)> {
    /// The file, the sender and the size.
    type Entry<'e> = (&'e str, (String, u64));
    let mut known: BTreeMap<(&str, &str), Entry<'_>> = BTreeMap::new();
    let mut twice = BTreeSet::new();
    for event in events.iter().filter(|event| event.kind == Kind::Queued && event.size > 0) {
        let key = (event.log_host.as_str(), event.id.as_str());
        let file = event.location.file.as_str();
        let (first, told) = known.entry(key).or_insert_with(|| (file, (event.sender.clone(), event.size)));
        if *first != file && differs(told, event) {
            twice.insert(key);
        }
    }
    twice
}

/// Nodes that are one message, each group in the order of its hops.
pub(super) fn link(events: &[LogEvent], nodes: &[Node]) -> Vec<Vec<usize>> {
    let handed = hand_overs(events, nodes);
    let mut parent: Vec<usize> = (0..nodes.len()).collect();
    let mut after: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); nodes.len()];
    for (from, to) in handed {
        unite(&mut parent, from, to);
        after[from].insert(to);
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for number in 0..nodes.len() {
        groups.entry(find(&mut parent, number)).or_default().push(number);
    }
    groups.into_values().map(|group| hop_order(events, nodes, group, &after)).collect()
}

/// Which node handed to which: by the queue id the next hop named, by the
/// earlier id the next hop was given, or by the client, the time and the Message-ID.
fn hand_overs(events: &[LogEvent], nodes: &[Node]) -> Vec<(usize, usize)> {
    let mut by_id: BTreeMap<&str, Vec<(Millis, usize)>> = BTreeMap::new();
    for (number, node) in nodes.iter().enumerate() {
        if let Some(first) = node.events.first() {
            by_id.entry(&events[*first].id).or_default().push((start(events, node), number));
        }
    }
    by_id.values_mut().for_each(|of| of.sort_unstable());
    let mut out = Vec::new();
    for (number, node) in nodes.iter().enumerate() {
        for index in &node.events {
            let event = &events[*index];
            let next = match event.kind {
                Kind::Delivered | Kind::Note => queued_as(&event.reply),
                Kind::Linked => Some(event.next_id.as_str()),
                _ => None,
            };
            if let Some(other) = next.and_then(|next| nearest(by_id.get(next)?, event.at, number)) {
                out.push((number, other));
            }
            let before = (event.kind == Kind::Received).then(|| original_id(&event.line)).flatten();
            if let Some(other) = before.and_then(|id| nearest(by_id.get(id)?, event.at, number)) {
                out.push((other, number));
            }
        }
    }
    out.extend(listed(events, nodes, &by_id));
    let mut known: BTreeSet<usize> = out.iter().map(|(_, to)| *to).collect();
    let filed = mailbox::filed(events, nodes, &known);
    known.extend(filed.iter().map(|(_, to)| *to));
    out.extend(filed);
    let known_from: BTreeSet<usize> = out.iter().map(|(from, _)| *from).collect();
    out.extend(came_back(events, nodes, &known, &known_from));
    out
}

/// A listing of the queue goes on where the one machine's log of that queue id
/// stops; a log that ends the message is newer than the listing.
fn listed(
    events: &[LogEvent],
    nodes: &[Node],
    by_id: &BTreeMap<&str, Vec<(Millis, usize)>>,
) -> Vec<(usize, usize)> {
    let is_listing = |node: &Node| node.events.first().is_some_and(|first| events[*first].is_listed());
    let mut out = Vec::new();
    for (number, node) in nodes.iter().enumerate().filter(|(_, node)| is_listing(node)) {
        let id = node.events.first().map_or("", |first| events[*first].id.as_str());
        let same = by_id.get(id).map(Vec::as_slice).unwrap_or_default();
        let mut logged = same.iter().filter(|(_, other)| !is_listing(&nodes[*other]));
        if let (Some((_, log)), None) = (logged.next(), logged.next())
            && !nodes[*log].done
        {
            out.push((*log, number));
        }
    }
    out
}

/// `client=..., orig_queue_id=3F1A2B4C5D`: what a filter was told by XFORWARD;
/// `uid=112 from=<a@b> orig_id=3F1A2B4C5D`: what `postsuper -r` put in the queue anew.
fn original_id(line: &str) -> Option<&str> {
    let marks = [", orig_queue_id=", " orig_id="];
    let rest = marks.iter().find_map(|mark| Some(&line[line.find(mark)? + mark.len()..]))?;
    Some(&rest[..rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len())])
}

/// The node nearest in time, within what clocks and queues explain.
fn nearest(of: &[(Millis, usize)], at: Millis, except: usize) -> Option<usize> {
    const CLOCKS_APART: i64 = 26 * 3_600_000;
    const QUEUE_LIFE: i64 = 15 * 86_400_000;
    let here = of.partition_point(|(start, _)| *start < at);
    let near = of.get(here.saturating_sub(3)..(here + 3).min(of.len())).unwrap_or_default();
    near.iter()
        .filter(|(_, number)| *number != except)
        .filter(|(start, _)| {
            at == NO_TIME
                || *start == NO_TIME
                || (at.saturating_sub(CLOCKS_APART)..=at.saturating_add(QUEUE_LIFE)).contains(start)
        })
        .min_by_key(|(start, number)| (start.saturating_sub(at).saturating_abs(), *number))
        .map(|(_, number)| *number)
}

/// Seconds within which a filter that names no queue id hands a message back.
const COMES_BACK: i64 = 600_000;

/// Messages with one Message-ID where the later came from the host of the
/// earlier (or from this machine itself), soon after that was handed over.
fn came_back(
    events: &[LogEvent],
    nodes: &[Node],
    known: &BTreeSet<usize>,
    known_from: &BTreeSet<usize>,
) -> Vec<(usize, usize)> {
    let mut by_message: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, node) in nodes.iter().enumerate() {
        let message = node.events.iter().map(|e| events[*e].message_id.as_str()).find(|id| !id.is_empty());
        by_message.entry(message.unwrap_or_default()).or_default().push(number);
    }
    by_message.remove("");
    let mut out = Vec::new();
    for same in by_message.values_mut() {
        // Within one moment what came from outside was there before what a filter hands back.
        same.sort_by_key(|node| (start(events, &nodes[*node]), from_inside(events, &nodes[*node]), *node));
        let mut given: BTreeSet<usize> = BTreeSet::new();
        for (place, later) in same.iter().enumerate().filter(|(_, later)| !known.contains(later)) {
            let earlier = same[place.saturating_sub(3)..place].iter().rev().find(|earlier| {
                !known_from.contains(earlier)
                    && !given.contains(earlier)
                    && follows(events, &nodes[**earlier], &nodes[*later])
            });
            if let Some(earlier) = earlier {
                given.insert(*earlier);
                out.push((*earlier, *later));
            }
        }
    }
    out
}

/// Handed in on this machine: by a program, or from an address of its own.
fn from_inside(events: &[LogEvent], node: &Node) -> bool {
    let came = node.events.iter().map(|e| &events[*e]).find(|event| event.kind == Kind::Received);
    came.is_some_and(|came| {
        let ip = came.ip.parse::<std::net::IpAddr>();
        came.ip.is_empty() || came.host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
    })
}

fn follows(events: &[LogEvent], earlier: &Node, later: &Node) -> bool {
    let handed = earlier.events.iter().map(|e| &events[*e]).find(|event| event.kind == Kind::Delivered);
    let came = later.events.iter().map(|e| &events[*e]).find(|event| event.kind == Kind::Received);
    let (Some(handed), Some(came)) = (handed, came) else { return false };
    let soon = match (handed.at, came.at) {
        (NO_TIME, _) | (_, NO_TIME) => true,
        (handed, came) => (handed - came).abs() <= COMES_BACK,
    };
    let label = |name: &str| name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let same_machine = handed.log_host == came.log_host && handed.dialect == came.dialect;
    let inside = came.ip.is_empty() && came.host.is_empty()
        || came.ip.starts_with("127.")
        || came.ip == "::1"
        || came.host == "localhost";
    let by_client = !handed.log_host.is_empty() && label(&came.host) == label(&handed.log_host)
        || !handed.source.is_empty() && came.ip == handed.source;
    let to_this = !came.log_host.is_empty() && label(&handed.host) == label(&came.log_host);
    // An application's log names neither itself nor its queue ids.
    let application = matches!(handed.dialect, "ibmi-imail" | "ibmi-qzmf" | "exchange-tracking")
        && handed.dialect != came.dialect;
    soon && (same_machine && inside || !same_machine && (by_client || to_this || application))
}

fn start(events: &[LogEvent], node: &Node) -> Millis {
    node.events.iter().map(|e| events[*e].at).find(|at| *at != NO_TIME).unwrap_or(NO_TIME)
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
    after: &[BTreeSet<usize>],
) -> Vec<usize> {
    if group.len() == 1 {
        return group;
    }
    let mut before: BTreeMap<usize, usize> = group.iter().map(|node| (*node, 0)).collect();
    for node in &group {
        for next in &after[*node] {
            *before.entry(*next).or_default() += 1;
        }
    }
    let key = |node: usize| Reverse((start(events, &nodes[node]), node));
    let mut waiting: BTreeSet<(Millis, usize)> =
        group.iter().map(|node| (start(events, &nodes[*node]), *node)).collect();
    let mut ready: BinaryHeap<Reverse<(Millis, usize)>> =
        group.iter().filter(|node| before[node] == 0).map(|node| key(*node)).collect();
    let mut ordered = Vec::with_capacity(group.len());
    loop {
        let node = match ready.pop() {
            Some(Reverse((_, node))) => node,
            // A loop of ids, which only a forged log has, is cut at its earliest node.
            None => match waiting.first() {
                Some((_, node)) => *node,
                None => return ordered,
            },
        };
        if !waiting.remove(&(start(events, &nodes[node]), node)) {
            continue;
        }
        ordered.push(node);
        for next in &after[node] {
            if let Some(left) = before.get_mut(next) {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    ready.push(key(*next));
                }
            }
        }
    }
}
