//! Events joined by queue id: attempts per recipient, retry intervals, who
//! sent, who still waits. Sharded by hash of the id; memory is bounded by what
//! is in the queue at one time.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::hash::{self, HashedMap};
use super::portion::{Portion, Record, Texts};
use super::{OTHER, Place};
use crate::model::Untrusted;
use crate::model::traffic::{Ending, Retry, SenderTraffic, TrafficSummary, Undelivered, bucket};
use crate::parse::log::event::{Kind, Millis, NO_DELAY, NO_TIME};
use crate::parse::log::stamp::{self, DAY, timestamp};

const UNDELIVERED_KEPT: usize = 200;
const SENDERS_KEPT: usize = 500;
const SENDERS_TRACKED: usize = 50_000;
/// Messages followed at once by one shard; beyond it the idle ones are settled.
const LIVE_BOUND: usize = 500_000;
const RECIPIENTS_BOUND: usize = 50_000;

/// The last failure, its texts one behind the other.
#[derive(Debug)]
struct Waiting {
    /// Recipient, queue id, host, reply.
    text: Vec<u8>,
    ends: [u16; 3],
    since: Millis,
    place: u32,
    line: u32,
}

impl Waiting {
    fn new(texts: &Texts<'_>, since: Millis) -> Waiting {
        let mut text =
            Vec::with_capacity(texts.recipient.len() + texts.id.len() + texts.host.len() + texts.reply.len());
        text.extend_from_slice(texts.recipient);
        let recipient = text.len() as u16;
        text.extend_from_slice(texts.id);
        Waiting { ends: [recipient, text.len() as u16, 0], text, since, place: 0, line: 0 }
    }

    fn failed(&mut self, texts: &Texts<'_>, place: u32, line: u32) {
        self.text.truncate(usize::from(self.ends[1]));
        self.text.extend_from_slice(texts.host);
        self.ends[2] = self.text.len() as u16;
        self.text.extend_from_slice(texts.reply);
        (self.place, self.line) = (place, line);
    }

    /// Recipient, queue id, host, reply.
    fn texts(&self) -> [&[u8]; 4] {
        let [a, b, c] = self.ends.map(usize::from);
        let all = &self.text;
        [0..a, a..b, b..c, c..all.len()].map(|range| all.get(range).unwrap_or_default())
    }
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
    /// The log has lines of it, not only the mention by a filter.
    real: bool,
    /// A filter handed it back: the message is counted under its earlier id.
    came_back: bool,
    received: bool,
    /// Most messages have one recipient.
    first: Option<Recipient>,
    more: Vec<Recipient>,
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
pub(crate) struct Shard {
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
    /// Messages handed back by filters, by the hour they came back in.
    came_back: BTreeMap<i64, u64>,
    crowded: bool,
}

const NO_SENDER: u32 = u32::MAX;
const HOUR: i64 = 3_600_000;

impl Shard {
    /// Applies this shard's events of one portion; `place` is its number.
    pub(crate) fn apply(&mut self, number: usize, portion: &Portion, place: u32) {
        for record in portion.records(number) {
            self.event(record, portion, place);
        }
    }

    fn event(&mut self, event: &Record, portion: &Portion, place: u32) {
        let key = event.key;
        if matches!(event.kind, Kind::Removed | Kind::Deleted) {
            if let Some(live) = self.live.remove(&key) {
                self.settle(live);
            }
            return;
        }
        if self.live.len() >= LIVE_BOUND && !self.live.contains_key(&key) {
            self.make_room(event.at);
        }
        let live = self.live.entry(key).or_insert_with(|| Live {
            sender: Box::default(),
            sender_domain: NO_SENDER,
            arrived: event.at,
            seen: event.at,
            real: false,
            came_back: false,
            received: false,
            first: None,
            more: Vec::new(),
        });
        live.seen = event.at;
        if event.kind == Kind::Identified {
            live.came_back = true;
            return;
        }
        live.real = true;
        live.received |= event.kind == Kind::Received;
        let texts = portion.texts(event);
        if !texts.sender.is_empty() && live.sender_domain == NO_SENDER {
            live.sender = texts.sender.into();
            live.sender_domain = sender_index(&mut self.senders, &mut self.sender_index, texts.sender);
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
        if event.recipient == 0 {
            // `status=expired` speaks for all who still wait.
            let all = live.first.iter_mut().chain(&mut live.more);
            for recipient in all.filter(|recipient| recipient.ending == Ending::Deferred) {
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
        let hash = event.recipient;
        let known = live.first.iter_mut().chain(&mut live.more).position(|known| known.hash == hash);
        let (first, more) = (&mut live.first, &mut live.more);
        let crowded = more.len() >= RECIPIENTS_BOUND;
        let found = match known {
            Some(0) => first.as_mut(),
            Some(known) => more.get_mut(known - 1),
            None if crowded => None,
            None => {
                let new = Recipient { hash, last: event.at, attempts: 0, ending, waiting: None };
                match first {
                    None => Some(first.insert(new)),
                    Some(_) => Some(more.push_mut(new)),
                }
            }
        };
        let Some(recipient) = found else {
            self.crowded = true;
            return;
        };
        if known.is_some()
            && recipient.ending == Ending::Deferred
            && event.at != NO_TIME
            && recipient.last != NO_TIME
        {
            let millis = event.at.saturating_sub(recipient.last).max(0);
            *self.retries.entry(bucket(millis as u64 / 1000)).or_default() += 1;
            let candidate = (millis, event.at, texts.id);
            if self.shortest.as_ref().is_none_or(|s| candidate < (s.millis, s.at, &s.id)) {
                self.shortest = Some(Shortest {
                    millis,
                    at: event.at,
                    id: texts.id.to_vec(),
                    host: texts.host.to_vec(),
                    place,
                    line: event.line,
                });
            }
        }
        recipient.attempts = recipient.attempts.saturating_add(1);
        recipient.last = event.at;
        recipient.ending = ending;
        if ending == Ending::Delivered {
            recipient.waiting = None;
            return;
        }
        let waiting = recipient.waiting.get_or_insert_with(|| Box::new(Waiting::new(&texts, event.at)));
        waiting.failed(&texts, place, event.line);
    }

    fn settle(&mut self, live: Live) {
        match (live.real, live.came_back) {
            (false, _) => return,
            (true, false) => self.messages += 1,
            (true, true) => {
                if live.received {
                    *self.came_back.entry(live.arrived.div_euclid(HOUR)).or_default() += 1;
                }
                if let Some((_, sender)) = self.senders.get_mut(live.sender_domain as usize) {
                    sender.messages = sender.messages.saturating_sub(1);
                }
            }
        }
        for recipient in live.first.into_iter().chain(live.more) {
            self.recipients += 1;
            *self.attempts.entry(recipient.attempts.min(20)).or_default() += 1;
            if recipient.ending == Ending::Delivered {
                continue;
            }
            self.undelivered_total += 1;
            let Some(waiting) = recipient.waiting else { continue };
            let [address, id, host, reply] = waiting.texts();
            self.undelivered.push((
                recipient.last,
                Undelivered {
                    recipient: Untrusted::from_bytes(address),
                    sender: (!live.sender.is_empty()).then(|| Untrusted::from_bytes(&live.sender)),
                    queue_id: String::from_utf8_lossy(id).into_owned(),
                    ending: recipient.ending,
                    attempts: recipient.attempts,
                    since: timestamp(waiting.since),
                    last: timestamp(recipient.last),
                    reply: Untrusted::from_bytes(reply),
                    host: String::from_utf8_lossy(host).into_owned(),
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
        for (hour, count) in &shard.came_back {
            sum.totals.received = sum.totals.received.saturating_sub(*count);
            sum.handed_back += *count;
            let at = timestamp(stamp::shift_years(hour.saturating_mul(HOUR), years));
            if let Some(totals) = at.and_then(|at| sum.by_hour.get_mut(&at)) {
                totals.received = totals.received.saturating_sub(*count);
            }
        }
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
