//! Events joined by queue id: attempts per recipient, retry intervals, who
//! sent, who still waits. Sharded by hash of the id; memory is bounded by what
//! is in the queue at one time.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::super::event::{Batch, Event, Kind, Millis, NO_DELAY, NO_TIME};
use super::super::stamp::{self, DAY};
use super::hash::{self, HashedMap};
use super::{OTHER, Place, timestamp};
use crate::model::Untrusted;
use crate::model::traffic::{Ending, Retry, SenderTraffic, TrafficSummary, Undelivered, bucket};

const UNDELIVERED_KEPT: usize = 200;
const SENDERS_KEPT: usize = 500;
const SENDERS_TRACKED: usize = 50_000;
/// Messages followed at once by one shard; beyond it the idle ones are settled.
const LIVE_BOUND: usize = 500_000;
const RECIPIENTS_BOUND: usize = 50_000;

/// Which events of a batch belong to which shard, in order.
#[derive(Debug, Default)]
pub struct Route(Vec<Vec<(u64, u32)>>);

impl Route {
    pub fn of(batch: &Batch<'_>, shards: usize, seed: u64) -> Route {
        let shards = shards.max(1);
        let mut route: Vec<Vec<(u64, u32)>> = vec![Vec::with_capacity(batch.len() / shards + 1); shards];
        let (mut host, mut host_seed) = (Vec::new(), seed);
        for (index, event) in batch.iter().enumerate() {
            let joins = matches!(
                event.kind,
                Kind::Received
                    | Kind::Queued
                    | Kind::Delivered
                    | Kind::Deferred
                    | Kind::Bounced
                    | Kind::Expired
                    | Kind::Removed
            );
            if !joins || event.id.is_empty() {
                continue;
            }
            if event.log_host != host {
                host = event.log_host.to_vec();
                host_seed = hash::bytes(seed, &host);
            }
            let key = hash::bytes(host_seed, event.id);
            route[(key >> 40) as usize % shards].push((key, index as u32));
        }
        Route(route)
    }
}

#[derive(Debug)]
struct Waiting {
    recipient: Box<[u8]>,
    sender: Box<[u8]>,
    id: Box<[u8]>,
    reply: Vec<u8>,
    host: Vec<u8>,
    since: Millis,
    place: u32,
    line: u32,
}

#[derive(Debug)]
struct Recipient {
    hash: u64,
    last: Millis,
    attempts: u32,
    ending: Ending,
    waiting: Option<Box<Waiting>>,
}

#[derive(Debug)]
struct Live {
    sender: Box<[u8]>,
    sender_domain: u32,
    arrived: Millis,
    seen: Millis,
    recipients: Vec<Recipient>,
}

#[derive(Clone, Debug)]
struct Shortest {
    millis: i64,
    at: Millis,
    id: Vec<u8>,
    host: Vec<u8>,
    place: u32,
    line: u32,
}

/// One part of the join.
#[derive(Debug, Default)]
pub struct Shard {
    live: HashedMap<Live>,
    senders: Vec<(String, SenderTraffic)>,
    sender_index: HashedMap<u32>,
    attempts: BTreeMap<u32, u64>,
    retries: BTreeMap<u64, u64>,
    delivered_within: BTreeMap<u64, u64>,
    longest: u64,
    shortest: Option<Shortest>,
    undelivered: Vec<(Millis, Undelivered, u32, u32)>,
    undelivered_total: u64,
    messages: u64,
    recipients: u64,
    crowded: bool,
}

const NO_SENDER: u32 = u32::MAX;

impl Shard {
    /// Applies this shard's events of one batch; `place` is the block's number.
    pub fn apply(&mut self, number: usize, batch: &Batch<'_>, route: &Route, place: u32) {
        for (key, index) in route.0.get(number).into_iter().flatten() {
            if let Some(event) = batch.get(*index as usize) {
                self.event(*key, &event, place);
            }
        }
    }

    fn event(&mut self, key: u64, event: &Event<'_>, place: u32) {
        if event.kind == Kind::Removed {
            if let Some(live) = self.live.remove(&key) {
                self.settle(live);
            }
            return;
        }
        if self.live.len() >= LIVE_BOUND && !self.live.contains_key(&key) {
            self.make_room(event.at);
        }
        let messages = &mut self.messages;
        let live = self.live.entry(key).or_insert_with(|| {
            *messages += 1;
            Live {
                sender: Box::default(),
                sender_domain: NO_SENDER,
                arrived: event.at,
                seen: event.at,
                recipients: Vec::new(),
            }
        });
        live.seen = event.at;
        if !event.sender.is_empty() && live.sender_domain == NO_SENDER {
            live.sender = event.sender.into();
            live.sender_domain = sender_index(&mut self.senders, &mut self.sender_index, event.sender);
            if let Some((_, sender)) = self.senders.get_mut(live.sender_domain as usize) {
                sender.messages += 1;
            }
        }
        let ending = match event.kind {
            Kind::Delivered => Ending::Delivered,
            Kind::Deferred => Ending::Deferred,
            Kind::Bounced => Ending::Bounced,
            Kind::Expired => Ending::Expired,
            _ => return,
        };
        if event.recipient.is_empty() {
            // `status=expired` speaks for all who still wait.
            for recipient in live.recipients.iter_mut().filter(|r| r.ending == Ending::Deferred) {
                recipient.ending = ending;
            }
            return;
        }
        if let Some((_, sender)) = self.senders.get_mut(live.sender_domain as usize) {
            match ending {
                Ending::Delivered => sender.delivered += 1,
                Ending::Deferred => sender.deferred += 1,
                _ => sender.bounced += 1,
            }
        }
        if ending == Ending::Delivered {
            let millis = match event.delay {
                NO_DELAY if event.at == NO_TIME || live.arrived == NO_TIME => 0,
                NO_DELAY => event.at.saturating_sub(live.arrived).max(0),
                delay => i64::from(delay),
            };
            let seconds = millis as u64 / 1000;
            *self.delivered_within.entry(bucket(seconds)).or_default() += 1;
            self.longest = self.longest.max(seconds);
        }
        let hash = hash::lowercase(0, event.recipient);
        let found = live.recipients.iter().position(|recipient| recipient.hash == hash);
        let recipient = match found {
            Some(found) => {
                let recipient = &mut live.recipients[found];
                if recipient.ending == Ending::Deferred && event.at != NO_TIME && recipient.last != NO_TIME {
                    let millis = event.at.saturating_sub(recipient.last).max(0);
                    *self.retries.entry(bucket(millis as u64 / 1000)).or_default() += 1;
                    let candidate = (millis, event.at, event.id);
                    if self.shortest.as_ref().is_none_or(|s| candidate < (s.millis, s.at, &s.id)) {
                        self.shortest = Some(Shortest {
                            millis,
                            at: event.at,
                            id: event.id.to_vec(),
                            host: event.host.to_vec(),
                            place,
                            line: event.line,
                        });
                    }
                }
                recipient
            }
            None if live.recipients.len() < RECIPIENTS_BOUND => {
                live.recipients.push(Recipient { hash, last: event.at, attempts: 0, ending, waiting: None });
                match live.recipients.last_mut() {
                    Some(recipient) => recipient,
                    None => return,
                }
            }
            None => {
                self.crowded = true;
                return;
            }
        };
        recipient.attempts = recipient.attempts.saturating_add(1);
        recipient.last = event.at;
        recipient.ending = ending;
        if ending == Ending::Delivered {
            recipient.waiting = None;
            return;
        }
        const KEPT: usize = 600;
        let reply = &event.reply[..event.reply.len().min(KEPT)];
        match &mut recipient.waiting {
            Some(waiting) => {
                waiting.reply.clear();
                waiting.reply.extend_from_slice(reply);
                waiting.host.clear();
                waiting.host.extend_from_slice(event.host);
                (waiting.place, waiting.line) = (place, event.line);
            }
            none => {
                *none = Some(Box::new(Waiting {
                    recipient: event.recipient.into(),
                    sender: live.sender.clone(),
                    id: event.id.into(),
                    reply: reply.to_vec(),
                    host: event.host.to_vec(),
                    since: event.at,
                    place,
                    line: event.line,
                }));
            }
        }
    }

    fn settle(&mut self, live: Live) {
        for recipient in live.recipients {
            self.recipients += 1;
            *self.attempts.entry(recipient.attempts.min(20)).or_default() += 1;
            if recipient.ending == Ending::Delivered {
                continue;
            }
            self.undelivered_total += 1;
            let Some(waiting) = recipient.waiting else { continue };
            self.undelivered.push((
                recipient.last,
                Undelivered {
                    recipient: Untrusted::from_bytes(&waiting.recipient),
                    sender: (!waiting.sender.is_empty()).then(|| Untrusted::from_bytes(&waiting.sender)),
                    queue_id: String::from_utf8_lossy(&waiting.id).into_owned(),
                    ending: recipient.ending,
                    attempts: recipient.attempts,
                    since: timestamp(waiting.since),
                    last: timestamp(recipient.last),
                    reply: Untrusted::from_bytes(&waiting.reply),
                    host: String::from_utf8_lossy(&waiting.host).into_owned(),
                    location: None,
                },
                waiting.place,
                waiting.line,
            ));
            if self.undelivered.len() > 20 * UNDELIVERED_KEPT {
                self.trim();
            }
        }
    }

    fn trim(&mut self) {
        self.undelivered.sort_by(|a, b| {
            Reverse(a.0)
                .cmp(&Reverse(b.0))
                .then_with(|| (&a.1.queue_id, &a.1.recipient).cmp(&(&b.1.queue_id, &b.1.recipient)))
        });
        self.undelivered.truncate(UNDELIVERED_KEPT);
    }

    fn make_room(&mut self, now: Millis) {
        self.crowded = true;
        for age in [5 * DAY, DAY, 3_600_000, 0] {
            let idle: Vec<u64> = self
                .live
                .iter()
                .filter(|(_, live)| live.seen.saturating_add(age) <= now)
                .map(|(key, _)| *key)
                .collect();
            for key in idle {
                if let Some(live) = self.live.remove(&key) {
                    self.settle(live);
                }
            }
            if self.live.len() < LIVE_BOUND / 2 {
                return;
            }
        }
        let all: Vec<u64> = self.live.keys().copied().collect();
        for key in all {
            if let Some(live) = self.live.remove(&key) {
                self.settle(live);
            }
        }
    }
}

fn sender_index(
    senders: &mut Vec<(String, SenderTraffic)>,
    index: &mut HashedMap<u32>,
    sender: &[u8],
) -> u32 {
    let domain = match memchr::memrchr(b'@', sender) {
        Some(at) => &sender[at + 1..],
        None => sender,
    };
    let key = hash::lowercase(1, domain);
    if let Some(known) = index.get(&key) {
        return *known;
    }
    let bounded = senders.len() >= SENDERS_TRACKED;
    let (key, name) = match bounded {
        true => (0, OTHER.to_owned()),
        false => (key, String::from_utf8_lossy(domain).to_ascii_lowercase()),
    };
    *index.entry(key).or_insert_with(|| {
        senders.push((name, SenderTraffic::default()));
        senders.len() as u32 - 1
    })
}

/// Settles what is still in the queue and adds the shards to the summary.
pub(super) fn finish(sum: &mut TrafficSummary, shards: Vec<Shard>, places: &[Place], years: i32) {
    let mut senders: BTreeMap<String, SenderTraffic> = BTreeMap::new();
    let mut undelivered = Vec::new();
    let mut shortest: Option<Shortest> = None;
    for mut shard in shards {
        let rest: Vec<Live> = std::mem::take(&mut shard.live).into_values().collect();
        for live in rest {
            shard.settle(live);
        }
        shard.trim();
        undelivered.append(&mut shard.undelivered);
        sum.undelivered_total += shard.undelivered_total;
        sum.messages += shard.messages;
        sum.recipients += shard.recipients;
        sum.delays.longest_seconds = sum.delays.longest_seconds.max(shard.longest);
        for (map, add) in [
            (&mut sum.retry_within, shard.retries),
            (&mut sum.delays.delivered_within, shard.delivered_within),
        ] {
            for (bound, count) in add {
                *map.entry(bound).or_default() += count;
            }
        }
        for (attempts, count) in shard.attempts {
            *sum.attempts.entry(attempts).or_default() += count;
        }
        for (name, traffic) in shard.senders {
            let into = senders.entry(name).or_default();
            into.messages += traffic.messages;
            into.delivered += traffic.delivered;
            into.deferred += traffic.deferred;
            into.bounced += traffic.bounced;
        }
        if let Some(candidate) = shard.shortest
            && shortest
                .as_ref()
                .is_none_or(|s| (candidate.millis, candidate.at, &candidate.id) < (s.millis, s.at, &s.id))
        {
            shortest = Some(candidate);
        }
        if shard.crowded {
            sum.notes.insert(
                "more messages at once than are followed; idle ones were counted as they stood".into(),
            );
        }
    }
    let mut ranked: Vec<_> = senders.into_iter().collect();
    ranked.sort_by_key(|(_, traffic)| Reverse(traffic.messages));
    ranked.truncate(SENDERS_KEPT);
    sum.senders = ranked.into_iter().collect();
    undelivered.sort_by(|a, b| {
        Reverse(a.0)
            .cmp(&Reverse(b.0))
            .then_with(|| (&a.1.queue_id, &a.1.recipient).cmp(&(&b.1.queue_id, &b.1.recipient)))
    });
    undelivered.truncate(UNDELIVERED_KEPT);
    let locate = |place: u32, line: u32| places.get(place as usize).map(|place| place.location(line));
    let shift = |at: Option<jiff::Timestamp>| {
        timestamp(stamp::shift_years(at.map_or(NO_TIME, |at| at.as_millisecond()), years))
    };
    sum.undelivered = undelivered
        .into_iter()
        .map(|(_, one, place, line)| Undelivered {
            since: shift(one.since),
            last: shift(one.last),
            location: locate(place, line),
            ..one
        })
        .collect();
    sum.shortest_retry = shortest.map(|s| Retry {
        seconds: s.millis as u64 / 1000,
        queue_id: String::from_utf8_lossy(&s.id).into_owned(),
        host: String::from_utf8_lossy(&s.host).into_owned(),
        location: locate(s.place, s.line),
    });
}
