//! The aggregates of one block, made where the block was parsed.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use memchr::memmem::{self, Finder};

use super::hash::{self, HashedMap};
use super::hops::Hops;
use super::masked;
use super::minutes;
use super::onset;
use super::peak::{MINUTE, Minutes};
use super::waits::Waits;
use crate::model::traffic::{ConnectionErrors, Ending, Totals};
use crate::parse::log::batch;
use crate::parse::log::event::{Event, Kind, Millis, NO_TIME};
use crate::parse::log::provider::provider;
use crate::parse::log::stamp::{self, DAY};

const HOUR: i64 = 3_600_000;

#[derive(Debug)]
pub(super) struct ProviderTally {
    pub name: String,
    /// Its name, as minutes are counted by.
    pub mark: u32,
    pub totals: Totals,
    pub errors: ConnectionErrors,
    pub domains: Vec<(String, u64)>,
    pub tls: u64,
    pub returned: u64,
    /// Few in one block, and thousands of providers may be: a list, the latest last.
    pub days: Vec<(i64, Totals)>,
    pub minutes: Minutes,
    /// What it took by minute, the latest last; a minute may stand twice.
    pub taken: Vec<(i64, u64)>,
}

impl ProviderTally {
    fn day(&mut self, day: i64) -> Option<&mut Totals> {
        let known = self.days.iter().rposition(|(known, _)| *known == day);
        let place = known.unwrap_or_else(|| {
            self.days.push((day, Totals::default()));
            self.days.len() - 1
        });
        self.days.get_mut(place).map(|(_, totals)| totals)
    }

    fn tried(&mut self, minute: i64, ending: Ending) {
        self.minutes.hit(minute);
        // What was refused says nothing of what the receiver bears.
        if ending != Ending::Delivered {
            return;
        }
        match self.taken.last_mut() {
            Some((last, count)) if *last == minute => *count += 1,
            _ => self.taken.push((minute, 1)),
        }
    }
}

#[derive(Debug)]
pub(super) struct ReplyTally {
    pub hash: u64,
    pub provider: usize,
    pub text: Vec<u8>,
    pub host: Vec<u8>,
    pub ending: Ending,
    pub count: u64,
    pub first: Millis,
    pub last: Millis,
    pub onsets: Vec<Millis>,
    pub line: u32,
}

/// What one block adds.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) lines: u32,
    pub(super) unparsed: u64,
    pub(super) unparsed_examples: Vec<(u32, Vec<u8>)>,
    pub(super) other_programs: u64,
    pub(super) complaints: u64,
    pub(super) handed_over: u64,
    pub(super) discarded: u64,
    /// Deliveries that came back: they are in `totals` twice, as delivered and as bounced.
    pub(super) returned: u64,
    pub(super) from: Millis,
    pub(super) until: Millis,
    pub(super) totals: Totals,
    pub(super) errors: ConnectionErrors,
    pub(super) tls: u64,
    pub(super) waits: Waits,
    pub(super) hours: BTreeMap<i64, Totals>,
    pub(super) minutes: Minutes,
    pub(super) sources: BTreeMap<String, u64>,
    pub(super) clients: BTreeMap<String, u64>,
    pub(super) providers: Vec<ProviderTally>,
    pub(super) hops: Hops,
    /// Domain hash to provider and place in its `domains`.
    domains: HashedMap<(u32, u32)>,
    names: BTreeMap<String, u32>,
    replies: HashedMap<ReplyTally>,
    order: Vec<u64>,
    client_counts: HashedMap<(Vec<u8>, u64)>,
    hour: (i64, Totals),
}

impl Default for Tally {
    fn default() -> Tally {
        Tally {
            lines: 0,
            unparsed: 0,
            unparsed_examples: Vec::new(),
            other_programs: 0,
            complaints: 0,
            handed_over: 0,
            discarded: 0,
            returned: 0,
            from: NO_TIME,
            until: NO_TIME,
            totals: Totals::default(),
            errors: ConnectionErrors::default(),
            tls: 0,
            waits: Waits::default(),
            hours: BTreeMap::new(),
            minutes: Minutes::default(),
            sources: BTreeMap::new(),
            clients: BTreeMap::new(),
            providers: Vec::new(),
            hops: Hops::default(),
            domains: HashedMap::default(),
            names: BTreeMap::new(),
            replies: HashedMap::default(),
            order: Vec::new(),
            client_counts: HashedMap::default(),
            hour: (i64::MIN, Totals::default()),
        }
    }
}

/// Fixed: template hashes of different blocks must agree.
const SEED: u64 = 0x6d61_696c_7665_7431;

impl Tally {
    /// To be called once, after the last event.
    pub(super) fn close(&mut self, lines: u32) {
        self.lines = lines;
        self.flush_hour();
        for (client, count) in self.client_counts.values() {
            *self.clients.entry(String::from_utf8_lossy(client).into_owned()).or_default() += count;
        }
    }

    /// A line no rule understands.
    pub(super) fn torn(&mut self, line: u32, text: &[u8]) {
        self.unparsed += 1;
        if self.unparsed_examples.len() < batch::EXAMPLES {
            self.unparsed_examples.push(batch::example(line, text));
        }
    }

    pub(super) fn replies(&self) -> impl Iterator<Item = &ReplyTally> {
        self.order.iter().filter_map(|key| self.replies.get(key))
    }

    pub(super) fn provider_name(&self, index: usize) -> &str {
        self.providers.get(index).map_or("", |provider| &provider.name)
    }

    fn flush_hour(&mut self) {
        let (hour, totals) = std::mem::take(&mut self.hour);
        if hour != i64::MIN && totals != Totals::default() {
            self.hours.entry(hour).or_default().add(&totals);
        }
    }

    /// Notes the time of an event that counts for nothing else.
    #[inline]
    pub(super) fn seen(&mut self, event: &Event<'_>) {
        if event.at != NO_TIME {
            if self.from == NO_TIME {
                (self.from, self.until) = (event.at, event.at);
            } else if event.at > self.until {
                self.until = event.at;
            } else if event.at < self.from {
                self.from = event.at;
            }
            let hour = event.at.div_euclid(HOUR);
            if hour != self.hour.0 {
                self.flush_hour();
                self.hour = (hour, Totals::default());
            }
        }
    }

    /// Counts what is no attempt; gives how an attempt ended.
    #[inline]
    fn ending(&mut self, event: &Event<'_>) -> Option<Ending> {
        match event.kind {
            Kind::Received => {
                self.totals.received += 1;
                self.hour.1.received += 1;
                let key = hash::bytes(SEED, event.ip);
                if !event.ip.is_empty() {
                    self.client_counts.entry(key).or_insert_with(|| (event.ip.to_vec(), 0)).1 += 1;
                }
                None
            }
            Kind::TlsOut => {
                self.tls += 1;
                let host = domain_of_host(event.host);
                let index = self.provider_of(host, event.host).0;
                if let Some(provider) = self.providers.get_mut(index) {
                    provider.tls += 1;
                }
                None
            }
            Kind::Complained => {
                self.complaints += 1;
                None
            }
            Kind::Discarded => {
                self.discarded += 1;
                None
            }
            Kind::Delivered => Some(Ending::Delivered),
            Kind::Deferred => Some(Ending::Deferred),
            Kind::Bounced => Some(Ending::Bounced),
            Kind::Expired => Some(Ending::Expired),
            Kind::Rejected => Some(Ending::Rejected),
            _ => None,
        }
    }

    /// Counts the event; gives the mark of its provider where it is an attempt, else 0.
    #[inline]
    pub(super) fn event(&mut self, event: &Event<'_>) -> u32 {
        self.seen(event);
        let Some(ending) = self.ending(event) else { return 0 };
        count(&mut self.totals, ending);
        count(&mut self.hour.1, ending);
        if event.returned {
            self.returned += 1;
        }
        if ending == Ending::Rejected {
            self.reply(event, ending, usize::MAX);
            return 0;
        }
        if event.recipient.is_empty() {
            return 0;
        }
        if !event.source.is_empty() {
            *self.sources.entry(String::from_utf8_lossy(event.source).into_owned()).or_default() += 1;
        }
        let domain = match memchr::memrchr(b'@', event.recipient) {
            Some(at) => &event.recipient[at + 1..],
            None => b"",
        };
        let (index, place) = self.provider_of(domain, event.host);
        let Some(provider) = self.providers.get_mut(index) else { return 0 };
        let mark = provider.mark;
        self.hops.add(event.host, mark);
        if let Some((_, count)) = provider.domains.get_mut(place) {
            *count += 1;
        }
        count(&mut provider.totals, ending);
        if event.returned {
            provider.returned += 1;
        }
        if event.at != NO_TIME && event.returned {
            if let Some(totals) = provider.day(event.at.div_euclid(DAY)) {
                count(totals, ending);
            }
        } else if event.at != NO_TIME {
            if let Some(totals) = provider.day(event.at.div_euclid(DAY)) {
                count(totals, ending);
            }
            let minute = event.at.div_euclid(MINUTE);
            provider.tried(minute, ending);
            self.minutes.hit(minute);
        }
        if ending == Ending::Delivered {
            self.waits.count(&event.delays);
        } else {
            if let Some(slot) = connection_error(event.reply) {
                *slot(&mut provider.errors) += 1;
                *slot(&mut self.errors) += 1;
            }
            self.reply(event, ending, index);
        }
        mark
    }

    fn provider_of(&mut self, domain: &[u8], next_hop: &[u8]) -> (usize, usize) {
        let key = hash::lowercase(SEED, domain);
        if let Some((provider, place)) = self.domains.get(&key) {
            return (*provider as usize, *place as usize);
        }
        let domain = String::from_utf8_lossy(domain).to_ascii_lowercase();
        let hop = String::from_utf8_lossy(next_hop).to_ascii_lowercase();
        let name = match provider(&domain, &hop) {
            "" => "(local)",
            name => name,
        };
        let index = match self.names.get(name) {
            Some(index) => *index as usize,
            None => {
                self.names.insert(name.to_owned(), self.providers.len() as u32);
                self.providers.push(ProviderTally {
                    name: name.to_owned(),
                    mark: minutes::mark(name),
                    totals: Totals::default(),
                    errors: ConnectionErrors::default(),
                    domains: Vec::new(),
                    tls: 0,
                    returned: 0,
                    days: Vec::new(),
                    minutes: Minutes::default(),
                    taken: Vec::new(),
                });
                self.providers.len() - 1
            }
        };
        let place = self.providers[index].domains.len();
        self.providers[index].domains.push((domain, 0));
        self.domains.insert(key, (index as u32, place as u32));
        (index, place)
    }

    fn reply(&mut self, event: &Event<'_>, ending: Ending, provider: usize) {
        let key = masked::hash(SEED ^ (ending as u64) << 8, event.reply);
        let here = key ^ (provider as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        if let Some(known) = self.replies.get_mut(&here) {
            if ending == Ending::Deferred && onset::is_new(known.last, event.at) {
                onset::add(&mut known.onsets, event.at);
            }
            known.count += 1;
            known.last = known.last.max(event.at);
            if event.at < known.first {
                known.first = event.at;
            }
            return;
        }
        self.order.push(here);
        self.replies.insert(
            here,
            ReplyTally {
                hash: key,
                provider,
                text: event.reply.to_vec(),
                host: event.host.to_vec(),
                ending,
                count: 1,
                first: event.at,
                last: event.at,
                onsets: onset::first(ending, event.at),
                line: event.line,
            },
        );
    }

    pub(super) fn shift_years(&mut self, years: i32) {
        if years == 0 {
            return;
        }
        let shift = |at: &mut Millis| *at = stamp::shift_years(*at, years);
        shift(&mut self.from);
        shift(&mut self.until);
        let hour = |hour: i64| stamp::shift_years(hour * HOUR, years).div_euclid(HOUR);
        self.hours = self.hours.iter().map(|(key, totals)| (hour(*key), *totals)).collect();
        self.minutes.shift_years(years);
        for provider in &mut self.providers {
            for (day, _) in &mut provider.days {
                *day = stamp::shift_years(*day * DAY, years).div_euclid(DAY);
            }
            provider.minutes.shift_years(years);
            for (minute, _) in &mut provider.taken {
                *minute = stamp::shift_years(*minute * MINUTE, years).div_euclid(MINUTE);
            }
        }
        for reply in self.replies.values_mut() {
            shift(&mut reply.first);
            shift(&mut reply.last);
            reply.onsets.iter_mut().for_each(shift);
        }
    }
}

/// `mx01.example.co.uk` groups with itself: only known hosts matter here.
fn domain_of_host(host: &[u8]) -> &[u8] {
    match memchr::memchr(b'.', host) {
        Some(dot) if memchr::memchr(b'.', &host[dot + 1..]).is_some() => &host[dot + 1..],
        _ => host,
    }
}

fn count(totals: &mut Totals, ending: Ending) {
    match ending {
        Ending::Delivered => totals.delivered += 1,
        Ending::Deferred => totals.deferred += 1,
        Ending::Bounced => totals.bounced += 1,
        Ending::Expired => totals.expired += 1,
        Ending::Rejected => totals.rejected += 1,
    }
}

/// Picks a counter.
type Slot = fn(&mut ConnectionErrors) -> &mut u64;

const REFUSED: &[u8] = b"refused to talk to me";
const SAID: &[u8] = b" said: ";

/// What went wrong with a connection, by any of these words.
const FAILURES: [(&[&[u8]], Slot); 6] = [
    (&[b"imed out", b"timeout"], |errors| &mut errors.timed_out),
    (&[b"onnection refused"], |errors| &mut errors.refused),
    (&[b"nreachable", b"No route to host"], |errors| &mut errors.unreachable),
    (&[b"ost or domain name not found", b"ame service error", b"name resolution"], |errors| {
        &mut errors.name_service
    }),
    (&[b"TLS"], |errors| &mut errors.tls_failed),
    (&[b"ost connection", b"onnection reset", b"onnection closed"], |errors| &mut errors.lost),
];

/// The counter for a failure of the connection, where the text names one.
fn connection_error(text: &[u8]) -> Option<Slot> {
    // Built once: a search of a few hundred bytes costs less than its set-up.
    static REPLIES: LazyLock<[Finder<'static>; 2]> =
        LazyLock::new(|| [Finder::new(REFUSED), Finder::new(SAID)]);
    let head = &text[..text.len().min(400)];
    let [refused, said] = &*REPLIES;
    // A reply from the peer is no failure of the connection, unless it was the greeting.
    if refused.find(head).is_some() {
        return Some(|errors| &mut errors.banner_refused);
    }
    if said.find(head).is_some() {
        return None;
    }
    let has = |word: &&[u8]| memmem::find(head, word).is_some();
    FAILURES.iter().find(|(words, _)| words.iter().any(has)).map(|(_, slot)| *slot)
}
