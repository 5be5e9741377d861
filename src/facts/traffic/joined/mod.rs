//! Events joined by queue id: attempts per recipient, retry intervals, who
//! sent, who still waits. Sharded by hash of the id; memory is bounded by what
//! is in the queue at one time.

mod finish;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::OTHER;
use super::accounts::Accounts;
use super::hash::{self, HashedMap};
use super::minutes::MinuteCounts;
use super::portion::{Portion, Record, Texts};
use crate::model::Untrusted;
use crate::model::traffic::{Ending, SenderTraffic, Undelivered, bucket};
use crate::parse::log::event::{Kind, Millis, NO_DELAY, NO_TIME};
use crate::parse::log::stamp::{DAY, timestamp};

pub(super) use finish::finish;

const UNDELIVERED_KEPT: usize = 200;
const SENDERS_KEPT: usize = 500;
const SENDERS_TRACKED: usize = 50_000;
/// Messages followed at once by one shard; beyond it the idle ones are settled. One more would double
/// the table, which holds 7/8 of a power of two.
const LIVE_BOUND: usize = 57_000;
/// Failures whose texts one shard keeps: of more the older ones lose theirs, as
/// only the latest [`UNDELIVERED_KEPT`] are shown.
const WAITING_BOUND: usize = 10_000;
const RECIPIENTS_BOUND: usize = 50_000;

/// The last failure, its texts one behind the other.
#[derive(Debug)]
struct Waiting {
    /// Recipient, queue id, host, reply.
    text: Vec<u8>,
    ends: [u16; 3],
    place: u32,
    line: u32,
}

impl Waiting {
    fn new(texts: &Texts<'_>) -> Waiting {
        let mut text =
            Vec::with_capacity(texts.recipient.len() + texts.id.len() + texts.host.len() + texts.reply.len());
        text.extend_from_slice(texts.recipient);
        let recipient = text.len() as u16;
        text.extend_from_slice(texts.id);
        Waiting { ends: [recipient, text.len() as u16, 0], text, place: 0, line: 0 }
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
    /// First failure.
    since: Millis,
    attempts: u32,
    ending: Ending,
    waiting: Option<Box<Waiting>>,
}

#[derive(Debug)]
struct Live {
    sender: Box<[u8]>,
    sender_domain: u32,
    /// What stands for its sender among the addresses; 0 for none.
    account: u32,
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

impl Live {
    fn new(at: Millis) -> Live {
        Live {
            sender: Box::default(),
            sender_domain: NO_SENDER,
            account: 0,
            arrived: at,
            seen: at,
            real: false,
            came_back: false,
            received: false,
            first: None,
            more: Vec::new(),
        }
    }

    /// `status=expired` speaks for all who still wait.
    fn all_ended(&mut self, ending: Ending) {
        for recipient in self.first.iter_mut().chain(&mut self.more) {
            if recipient.ending == Ending::Deferred {
                recipient.ending = ending;
            }
        }
    }

    /// Seconds from arrival to this delivery.
    fn took(&self, event: &Record) -> u64 {
        let millis = match event.delay {
            NO_DELAY if event.at == NO_TIME || self.arrived == NO_TIME => 0,
            NO_DELAY => event.at.saturating_sub(self.arrived).max(0),
            delay => i64::from(delay),
        };
        millis as u64 / 1000
    }

    /// Whom this event speaks of; `None` where there are too many.
    fn recipient(&mut self, event: &Record, ending: Ending) -> Option<&mut Recipient> {
        let hash = event.recipient;
        let known = self.first.iter().chain(&self.more).position(|known| known.hash == hash);
        let new = || Recipient { hash, last: NO_TIME, since: NO_TIME, attempts: 0, ending, waiting: None };
        match known {
            Some(0) => self.first.as_mut(),
            Some(known) => self.more.get_mut(known - 1),
            None if self.more.len() >= RECIPIENTS_BOUND => None,
            None if self.first.is_none() => Some(self.first.insert(new())),
            None => Some(self.more.push_mut(new())),
        }
    }
}

impl Recipient {
    /// Milliseconds since the deferral before this attempt.
    fn waited(&self, event: &Record) -> Option<i64> {
        let again = self.ending == Ending::Deferred && event.at != NO_TIME && self.last != NO_TIME;
        again.then(|| event.at.saturating_sub(self.last).max(0))
    }

    /// Takes the attempt in; whether its texts are kept from now on.
    fn attempted(&mut self, event: &Record, ending: Ending, texts: &Texts<'_>, place: u32) -> bool {
        // What came back is the end of the attempt before.
        let new_attempt = !(event.returned && self.attempts > 0);
        self.attempts = self.attempts.saturating_add(u32::from(new_attempt));
        self.last = event.at;
        self.ending = ending;
        if ending == Ending::Delivered {
            self.waiting = None;
            self.since = NO_TIME;
            return false;
        }
        if self.since == NO_TIME {
            self.since = event.at;
        }
        let new = self.waiting.is_none();
        self.waiting.get_or_insert_with(|| Box::new(Waiting::new(texts))).failed(texts, place, event.line);
        new
    }
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

impl Shortest {
    fn new(millis: i64, event: &Record, texts: &Texts<'_>, place: u32) -> Shortest {
        let (id, host) = (texts.id.to_vec(), texts.host.to_vec());
        Shortest { millis, at: event.at, id, host, place, line: event.line }
    }
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
    /// Failures whose texts are kept, at most.
    waiting: usize,
    messages: u64,
    recipients: u64,
    /// Recipients tried for the first time.
    arrivals: MinuteCounts,
    accounts: Accounts,
    /// Messages handed back by filters, by the hour they came back in.
    came_back: BTreeMap<i64, u64>,
    crowded: bool,
}

const NO_SENDER: u32 = u32::MAX;
const HOUR: i64 = 3_600_000;

/// How an attempt ended; `None` for what is none, or is not of a message in the queue.
fn ending(kind: Kind) -> Option<Ending> {
    match kind {
        Kind::Delivered => Some(Ending::Delivered),
        Kind::Deferred => Some(Ending::Deferred),
        Kind::Bounced => Some(Ending::Bounced),
        Kind::Expired => Some(Ending::Expired),
        _ => None,
    }
}

fn count(sender: &mut SenderTraffic, ending: Ending) {
    match ending {
        Ending::Delivered => sender.delivered += 1,
        Ending::Deferred => sender.deferred += 1,
        _ => sender.bounced += 1,
    }
}

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
        let live = self.live.entry(key).or_insert_with(|| Live::new(event.at));
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
            live.account = self.accounts.mark(texts.sender);
            live.sender_domain = sender_index(&mut self.senders, &mut self.sender_index, texts.sender);
            if let Some((_, sender)) = self.senders.get_mut(live.sender_domain as usize) {
                sender.messages += 1;
            }
        }
        let Some(ending) = ending(event.kind) else { return };
        if event.recipient == 0 {
            live.all_ended(ending);
            return;
        }
        if let Some((_, sender)) = self.senders.get_mut(live.sender_domain as usize) {
            count(sender, ending);
        }
        if ending == Ending::Delivered {
            let seconds = live.took(event);
            *self.delivered_within.entry(bucket(seconds)).or_default() += 1;
            self.longest = self.longest.max(seconds);
        }
        let account = live.account;
        let Some(recipient) = live.recipient(event, ending) else {
            self.crowded = true;
            return;
        };
        if recipient.attempts == 0 {
            self.arrivals.add(event.provider, event.at, 1);
            self.accounts.add(account, event.at, ending == Ending::Bounced);
        }
        let came_back = event.returned && recipient.ending == Ending::Delivered;
        if let Some(millis) = recipient.waited(event) {
            *self.retries.entry(bucket(millis as u64 / 1000)).or_default() += 1;
            let candidate = (millis, event.at, texts.id);
            if self.shortest.as_ref().is_none_or(|s| candidate < (s.millis, s.at, &s.id)) {
                self.shortest = Some(Shortest::new(millis, event, &texts, place));
            }
        }
        self.waiting += usize::from(recipient.attempted(event, ending, &texts, place));
        if came_back && let Some((_, sender)) = self.senders.get_mut(live.sender_domain as usize) {
            sender.delivered = sender.delivered.saturating_sub(1);
        }
        if self.waiting > WAITING_BOUND {
            self.forget();
        }
    }

    /// Drops the texts of the older half of the failures, where really so many are kept: of those
    /// settled or delivered since nobody took count.
    fn forget(&mut self) {
        let mut ages: Vec<(Millis, u64, u64)> = waiting(&mut self.live).map(|(age, _)| age).collect();
        self.waiting = ages.len();
        let half = ages.len() / 2;
        if self.waiting <= WAITING_BOUND / 2 {
            return;
        }
        let (_, middle, _) = ages.select_nth_unstable(half);
        let middle = *middle;
        for (_, recipient) in waiting(&mut self.live).filter(|(age, _)| *age < middle) {
            recipient.waiting = None;
        }
        self.waiting -= half;
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
                    since: timestamp(recipient.since),
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

/// Failures whose texts are kept, each with what orders them: its age, message and recipient.
fn waiting(live: &mut HashedMap<Live>) -> impl Iterator<Item = ((Millis, u64, u64), &mut Recipient)> {
    live.iter_mut()
        .flat_map(|(key, live)| live.first.iter_mut().chain(&mut live.more).map(move |one| (*key, one)))
        .filter(|(_, one)| one.waiting.is_some())
        .map(|(key, one)| ((one.last, key, one.hash), one))
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
