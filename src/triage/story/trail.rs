//! What happened to each address of a message. Recipients are kept apart: by
//! final and original address, an alias and its leaves as a tree.

use std::collections::{BTreeMap, BTreeSet};

use crate::parse::log::Kind;
use crate::parse::log::event::{Millis, NO_TIME};
use crate::parse::log::exim;
use crate::parse::log::record::{LogEvent, queued_as};
use crate::triage::custody::kept;

/// What is known of one address while the events are walked.
#[derive(Clone, Debug, Default)]
pub(super) struct Trail {
    pub address: String,
    /// The address the sender wrote, where another was put in its place.
    pub original: String,
    /// The address the last hop knew it by, where no line says it was rewritten.
    pub final_address: String,
    /// How many addresses stand behind the original.
    pub siblings: usize,
    /// Deciding event and the hop it happened on.
    pub last: Option<(usize, usize)>,
    pub expired: Option<usize>,
    pub complained: Option<usize>,
    pub since: Option<Millis>,
    pub attempts: u32,
    pub events: Vec<usize>,
    /// Hops that know the recipient, ascending.
    pub hops: Vec<usize>,
    /// Only its leaves count any more.
    expanded: bool,
    /// The hop that sent it on to its leaves.
    parted_on: Option<usize>,
}

fn decides(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Delivered
            | Kind::Filed
            | Kind::Deferred
            | Kind::Bounced
            | Kind::Expired
            | Kind::Rejected
            | Kind::Discarded
            | Kind::Quarantined
            | Kind::Redirected
            | Kind::Held
            | Kind::Deleted
    )
}

/// The trails of all addresses, or one without an address where none is named.
pub(super) fn trails(events: &[LogEvent], hop_of: &[usize]) -> Vec<Trail> {
    let mut trails = named(events, hop_of);
    rewritten(events, hop_of, &mut trails);
    spoken_for_all(events, hop_of, &mut trails);
    let mut behind: BTreeMap<String, usize> = BTreeMap::new();
    for trail in trails.iter().filter(|trail| !trail.expanded && !trail.original.is_empty()) {
        *behind.entry(trail.original.to_ascii_lowercase()).or_default() += 1;
    }
    for trail in trails.iter().filter(|trail| !trail.expanded && trail.parted_on.is_some()) {
        // The copy that the address kept for itself is one of them.
        behind.entry(trail.address.to_ascii_lowercase()).and_modify(|count| *count += 1);
    }
    let mut out: Vec<Trail> = trails.into_iter().filter(|trail| !trail.expanded).collect();
    for trail in &mut out {
        trail.siblings = behind.get(&trail.original.to_ascii_lowercase()).copied().unwrap_or(1).max(1);
    }
    if out.is_empty() {
        out.extend(nobody(events, hop_of));
    }
    out
}

/// By address, in the order of the log; a later hop speaks over an earlier one.
fn named(events: &[LogEvent], hop_of: &[usize]) -> Vec<Trail> {
    let mut trails: Vec<Trail> = Vec::new();
    let mut by_pair: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut by_address: BTreeMap<String, usize> = BTreeMap::new();
    // Addresses whose mail went on under another id, by that id.
    let linked = events.iter().filter(|event| event.kind == Kind::Linked && !event.recipient.is_empty());
    let forwarded: BTreeMap<&str, &str> =
        linked.map(|event| (event.next_id.as_str(), event.recipient.as_str())).collect();
    let removed = events.iter().enumerate().filter(|(_, event)| event.kind == Kind::Removed);
    let removed: BTreeMap<usize, usize> = removed.map(|(index, _)| (hop_of[index], index)).collect();
    for (index, event) in events.iter().enumerate() {
        if event.kind == Kind::Released
            && let Some(number) = by_address.get(&event.recipient.to_ascii_lowercase())
            && let Some(trail) = trails.get_mut(*number)
            && trail.last.is_some_and(|(last, _)| matches!(events[last].kind, Kind::Quarantined | Kind::Held))
        {
            // It goes on: what it waited for is over.
            trail.last = None;
            trail.events.push(index);
            continue;
        }
        let about = decides(event.kind) || matches!(event.kind, Kind::Addressed | Kind::Complained);
        if event.recipient.is_empty() || !about {
            continue;
        }
        let address = in_full(event, &by_address);
        let stated = instead_of(event, &forwarded, &address);
        let original = stated.to_ascii_lowercase();
        let key = (address.clone(), original.clone());
        let known = by_pair.get(&key).copied().or_else(|| {
            // The same copy on another hop, which knows no or another original.
            let number = *by_address.get(&address)?;
            let trail: &Trail = &trails[number];
            let fits = original.is_empty() || trail.original.is_empty();
            (fits && (trail.hops.last() != Some(&hop_of[index]) || original.is_empty())).then_some(number)
        });
        let number = known.unwrap_or_else(|| {
            let mut trail =
                Trail { address: event.recipient.clone(), original: stated.to_owned(), ..Trail::default() };
            if let Some(parent) = by_address.get(&original).copied() {
                let parent = &mut trails[parent];
                let redirected = parent.last.is_some_and(|(last, _)| events[last].kind == Kind::Redirected);
                let keeps = keeps_a_copy(parent, events, hop_of[index], &removed);
                parent.expanded = !redirected && !keeps;
                parent.parted_on = (!redirected).then_some(hop_of[index]);
                let shared = |about: &&usize| !keeps || !decides(events[**about].kind);
                trail.events = parent.events.iter().filter(shared).copied().collect();
                trail.hops.clone_from(&parent.hops);
            }
            trails.push(trail);
            by_address.entry(address.clone()).or_insert(trails.len() - 1);
            trails.len() - 1
        });
        by_pair.insert(key, number);
        let trail = &mut trails[number];
        if is_skipped(trail, events, event, hop_of[index]) || is_apart(trail, events, event) {
            trail.events.push(index);
        } else if !is_beside(trail, events, event) {
            note(trail, event, index, hop_of[index]);
        }
        if let Some(hop) = trail.parted_on.filter(|_| trail.expanded) {
            trail.expanded = !keeps_a_copy(trail, events, hop, &removed);
        }
    }
    trails
}

/// True where the address has an outcome of its own on the hop that also sends the message on for it: a forward that
/// keeps a copy. A deferral that the end of the queue overcame was the expansion's. `removed`: the last event by hop
/// that ended its queue entry.
fn keeps_a_copy(trail: &Trail, events: &[LogEvent], hop: usize, removed: &BTreeMap<usize, usize>) -> bool {
    let Some((last, _)) = trail.last.filter(|(_, known)| *known == hop) else { return false };
    match events[last].kind {
        _ if events[last].reply.starts_with("forwarded as ") => false,
        Kind::Deferred => removed.get(&hop).is_none_or(|end| *end < last),
        Kind::Delivered
        | Kind::Filed
        | Kind::Bounced
        | Kind::Rejected
        | Kind::Discarded
        | Kind::Quarantined => true,
        _ => false,
    }
}

/// What a filter answers after it put the message apart: that the message went no further is known, and so is where
/// its copy lies.
fn is_apart(trail: &Trail, events: &[LogEvent], event: &LogEvent) -> bool {
    let apart = |last: usize| {
        events[last].kind == Kind::Quarantined
            && events[last].agent == "amavis"
            && events[last].id == event.id
    };
    matches!(event.kind, Kind::Delivered | Kind::Discarded)
        && kept(event).is_some()
        && trail.last.is_some_and(|(last, _)| apart(last))
}

/// A look at the queue that tried nothing: what the last try met still stands, and is still the last try.
fn is_skipped(trail: &Trail, events: &[LogEvent], event: &LogEvent, hop: usize) -> bool {
    let waits = |(last, known): (usize, usize)| known == hop && events[last].kind == Kind::Deferred;
    event.kind == Kind::Deferred
        && event.dialect == "exim"
        && exim::tried_nothing(&event.reply)
        && trail.last.is_some_and(waits)
}

/// The address that the sender wrote, where it is not `address`.
fn instead_of<'e>(event: &'e LogEvent, forwarded: &BTreeMap<&str, &'e str>, address: &str) -> &'e str {
    let stated = match event.original.as_str() {
        "" => forwarded.get(event.id.as_str()).copied().unwrap_or_default(),
        stated => stated,
    };
    let stands = stated.contains('@') && !stated.eq_ignore_ascii_case(address);
    if stands { stated } else { "" }
}

/// Sendmail's `ctladdr=` is an alias that led to the address, or the sender's own: that
/// is not told apart without the sender.
pub(super) fn drop_own_control(events: &mut [LogEvent]) {
    let is_control = |event: &LogEvent| !event.original.is_empty() && event.line.contains("ctladdr=");
    if !events.iter().any(is_control) {
        return;
    }
    let senders: BTreeSet<String> = events
        .iter()
        .filter(|event| !event.sender.is_empty())
        .map(|event| event.sender.to_ascii_lowercase())
        .collect();
    for event in events.iter_mut().filter(|event| is_control(event)) {
        if senders.is_empty() || senders.contains(&event.original.to_ascii_lowercase()) {
            event.original.clear();
        }
    }
}

/// The address in small letters; a mailbox program may know its user by the local part alone.
fn in_full(event: &LogEvent, known: &BTreeMap<String, usize>) -> String {
    let address = event.recipient.to_ascii_lowercase();
    if event.agent != "dovecot" || address.contains('@') {
        return address;
    }
    let begins = format!("{address}@");
    let full = known.range(begins.clone()..).next().map(|(full, _)| full);
    full.filter(|full| full.starts_with(&begins)).cloned().unwrap_or(address)
}

/// A copy that Sieve sends on, or would drop, beside the one that it stored; a discard behind a
/// forward drops only what would else have been stored.
fn is_beside(trail: &Trail, events: &[LogEvent], event: &LogEvent) -> bool {
    let stored = |last: usize| {
        let forwarded = event.kind == Kind::Discarded && events[last].kind == Kind::Redirected;
        (events[last].kind == Kind::Filed || forwarded) && events[last].id == event.id
    };
    matches!(event.kind, Kind::Discarded | Kind::Redirected)
        && event.agent == "dovecot"
        && trail.last.is_some_and(|(last, _)| stored(last))
}

fn note(trail: &mut Trail, event: &LogEvent, index: usize, hop: usize) {
    trail.events.push(index);
    if trail.hops.last() != Some(&hop) {
        trail.hops.push(hop);
    }
    if event.kind == Kind::Complained {
        trail.complained = Some(index);
    }
    if !decides(event.kind) {
        return;
    }
    if trail.last.is_some_and(|(_, known)| hop > known) {
        // Attempts are those of the hop that has it now.
        trail.attempts = 0;
        trail.since = None;
    }
    if matches!(event.kind, Kind::Delivered | Kind::Deferred | Kind::Bounced) {
        trail.attempts += 1;
    }
    if !matches!(event.kind, Kind::Delivered | Kind::Filed) && event.at != NO_TIME {
        trail.since = Some(trail.since.map_or(event.at, |since| since.min(event.at)));
    }
    if trail.last.is_none_or(|(_, known)| hop >= known) {
        trail.last = Some((index, hop));
    }
}

/// Addresses that the next hop knows under another name: the trail goes on with
/// the worse of what became of them.
fn rewritten(events: &[LogEvent], hop_of: &[usize], trails: &mut [Trail]) {
    let mut hop_of_id: BTreeMap<&str, usize> = BTreeMap::new();
    for (event, hop) in events.iter().zip(hop_of) {
        hop_of_id.entry(event.id.as_str()).or_insert(*hop);
    }
    // Trails that begin on a hop, without a name for where they come from.
    let mut begun: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (number, trail) in trails.iter().enumerate().filter(|(_, trail)| trail.original.is_empty()) {
        begun.entry(trail.hops.first().copied().unwrap_or(0)).or_default().push(number);
    }
    // Addresses that trails beginning on a hop say they stand for.
    let stated: BTreeSet<(usize, String)> = trails
        .iter()
        .filter(|trail| !trail.original.is_empty())
        .filter_map(|trail| Some((*trail.hops.first()?, trail.original.to_ascii_lowercase())))
        .collect();
    let mut heads: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (number, trail) in trails.iter().enumerate().filter(|(_, trail)| !trail.expanded) {
        let Some((last, hop)) = trail.last else { continue };
        let next = (events[last].kind == Kind::Delivered).then(|| queued_as(&events[last].reply)).flatten();
        if let Some(next) = next.and_then(|next| hop_of_id.get(next)).filter(|next| **next > hop) {
            heads.entry(*next).or_default().push(number);
        }
    }
    for (hop, heads) in heads {
        // The next hop names the address that the sender wrote as well: the same copy, further on.
        for head in &heads {
            let head = &mut trails[*head];
            let goes_on = |address: &str| stated.contains(&(hop, address.to_ascii_lowercase()));
            head.expanded |= goes_on(&head.original) || goes_on(&head.address);
        }
        let heads: Vec<usize> = heads.into_iter().filter(|head| !trails[*head].expanded).collect();
        let Some(leaves) = begun.get(&hop).filter(|leaves| !leaves.is_empty()) else { continue };
        let worst = leaves.iter().copied().min_by_key(|leaf| rank(events, &trails[*leaf]));
        let Some(worst) = worst else { continue };
        for head in heads {
            let leaf = trails[worst].clone();
            let head = &mut trails[head];
            // Shown under the name that the sender knows.
            head.final_address = leaf.address;
            head.events.extend(&leaf.events);
            head.hops.extend(&leaf.hops);
            (head.last, head.expired, head.complained) = (leaf.last, leaf.expired, leaf.complained);
            (head.since, head.attempts) = (leaf.since, leaf.attempts);
        }
        for leaf in leaves {
            trails[*leaf].expanded = true;
        }
    }
}

/// Worst first.
fn rank(events: &[LogEvent], trail: &Trail) -> u8 {
    match trail.last.map(|(last, _)| events[last].kind) {
        Some(Kind::Bounced | Kind::Expired | Kind::Rejected) => 0,
        Some(Kind::Discarded | Kind::Deleted | Kind::Quarantined) => 1,
        Some(Kind::Deferred | Kind::Held) => 2,
        None => 3,
        Some(_) => 4,
    }
}

/// Events about everybody on a hop: an expiry, a hold, a deletion.
fn spoken_for_all(events: &[LogEvent], hop_of: &[usize], trails: &mut [Trail]) {
    let mut on_hop: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (number, trail) in trails.iter().enumerate() {
        for hop in &trail.hops {
            on_hop.entry(*hop).or_default().push(number);
        }
    }
    // The last of a kind speaks for those before it.
    let mut spoken: BTreeMap<(usize, Kind), usize> = BTreeMap::new();
    for (index, event) in events.iter().enumerate().filter(|(_, event)| event.recipient.is_empty()) {
        if decides(event.kind) || event.kind == Kind::Released {
            spoken.insert((hop_of[index], event.kind), index);
        }
    }
    let mut spoken: Vec<(usize, usize)> = spoken.into_iter().map(|((hop, _), index)| (index, hop)).collect();
    spoken.sort_unstable();
    for (index, hop) in spoken {
        let kind = events[index].kind;
        for number in on_hop.get(&hop).into_iter().flatten() {
            let trail = &mut trails[*number];
            let last =
                trail.last.filter(|(_, known)| *known >= hop).map(|(last, _)| (last, events[last].kind));
            // What is written after it has more to say.
            let open = match last {
                None => trail.last.is_none() || kind != Kind::Delivered,
                Some((at, Kind::Deferred | Kind::Held)) => at < index || kind == Kind::Expired,
                Some(_) => false,
            };
            if !open {
                continue;
            }
            match (kind, last) {
                (Kind::Expired, Some((_, Kind::Deferred))) => trail.expired = Some(index),
                (Kind::Released, Some((_, Kind::Held))) => trail.last = None,
                (Kind::Released, _) => continue,
                _ => trail.last = Some((index, hop)),
            }
            trail.events.push(index);
        }
    }
}

/// A message of which the log names no recipient: what is known of it at all.
fn nobody(events: &[LogEvent], hop_of: &[usize]) -> Option<Trail> {
    let mut trail = Trail::default();
    for (index, event) in events.iter().enumerate() {
        let decided = decides(event.kind) && event.kind != Kind::Redirected;
        if decided || event.kind == Kind::SessionRefused && trail.last.is_none() {
            trail.last = Some((index, hop_of[index]));
        } else if event.kind == Kind::Released {
            trail.last = None;
        }
        if event.kind == Kind::Complained {
            trail.complained = Some(index);
        }
        if !event.id.is_empty() || decided || event.kind == Kind::SessionRefused {
            trail.events.push(index);
        }
    }
    trail.hops = hop_of.last().copied().into_iter().collect();
    let tells = |index: &usize| {
        decides(events[*index].kind)
            || matches!(
                events[*index].kind,
                Kind::SessionRefused
                    | Kind::Complained
                    | Kind::Received
                    | Kind::Identified
                    | Kind::Queued
                    | Kind::Removed
                    | Kind::Released
            )
    };
    trail.events.iter().any(tells).then_some(trail)
}
