//! Events to the bounded aggregates of [`TrafficSummary`]. Per block a
//! [`Portion`] (parallel), the blocks merged in their order, and beside it the
//! events joined by queue id ([`joined`]). Every map here has a bound.

pub(crate) mod accounts;
pub(crate) mod compared;
mod handed;
pub(crate) mod hash;
mod hops;
pub(crate) mod joined;
pub(crate) mod loops;
mod masked;
mod minutes;
mod onset;
mod peak;
mod portion;
mod tally;
mod waits;
pub(crate) mod week;

use std::collections::BTreeMap;

use crate::model::traffic::{ConnectionErrors, Peak, ProviderTraffic, ReplyCount, Totals, TrafficSummary};
use crate::model::{Location, Untrusted};
use crate::parse::log::event::{Millis, NO_TIME};
use crate::parse::log::stamp::{self, Calendar, DAY, timestamp};

pub(crate) use crate::parse::log::place::Place;
pub(crate) use joined::Shard;
pub(crate) use portion::Portion;

const REPLIES_KEPT: usize = 500;
const REPLIES_TRACKED: usize = 10_000;
const PROVIDERS_KEPT: usize = 500;
const PROVIDERS_TRACKED: usize = 10_000;
const DOMAINS_KEPT: usize = 20;
const CLIENTS_KEPT: usize = 100;
const CLIENTS_TRACKED: usize = 50_000;
const EXAMPLES_KEPT: usize = 10;
const TEXT_KEPT: usize = 1000;

#[derive(Debug)]
struct Reply {
    text: Vec<u8>,
    host: Vec<u8>,
    provider: String,
    ending: crate::model::traffic::Ending,
    count: u64,
    first: Millis,
    last: Millis,
    onsets: Vec<Millis>,
    example: Location,
}

#[derive(Debug, Default)]
struct Provider {
    totals: Totals,
    errors: ConnectionErrors,
    domains: BTreeMap<String, u64>,
    tls: u64,
    returned: u64,
    days: BTreeMap<i64, Totals>,
    minutes: peak::Minutes,
}

/// The aggregates while they grow.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    summary: TrafficSummary,
    from: Option<Millis>,
    until: Option<Millis>,
    providers: BTreeMap<String, Provider>,
    hours: BTreeMap<i64, Totals>,
    replies: BTreeMap<(u64, String), Reply>,
    clients: BTreeMap<String, u64>,
    minutes: peak::Minutes,
    /// What was taken, by provider and minute.
    taken: minutes::MinuteCounts,
    hops: hops::Hops,
    calendar: Option<(i32, u16)>,
    /// Deliveries that came back, which are none.
    returned: u64,
}

impl Traffic {
    /// Years by which the block must be shifted so that it follows the one
    /// before; call in order, shift, then `merge`.
    pub(crate) fn years_off(&mut self, calendar: Option<Calendar>) -> i32 {
        let Some(calendar) = calendar else { return 0 };
        let shift = match self.calendar {
            None => 0,
            Some(last) => stamp::following_year(last, calendar.first.1) - calendar.first.0,
        };
        self.calendar = Some((calendar.last.0 + shift, calendar.last.1));
        shift
    }

    pub(crate) fn file(&mut self, name: &str) {
        if !self.summary.files.iter().any(|known| known == name) {
            self.summary.files.push(name.to_owned());
        }
    }

    pub(crate) fn dialect(&mut self, name: &str) {
        self.summary.dialects.insert(name.to_owned());
    }

    pub(crate) fn note(&mut self, text: impl Into<String>) {
        self.summary.notes.insert(text.into());
    }

    /// Lines of a file no dialect was found for.
    pub(crate) fn unreadable(&mut self, lines: u64, example: Option<(Location, Untrusted)>) {
        self.summary.lines += lines;
        self.summary.unparsed += lines;
        if let Some(example) = example
            && self.summary.unparsed_examples.len() < EXAMPLES_KEPT
        {
            self.summary.unparsed_examples.push(example);
        }
    }

    /// Adds a block, its stamps shifted as [`Traffic::years_off`] says.
    pub(crate) fn merge(&mut self, portion: &Portion, place: &Place) {
        let tally = &portion.tally;
        let sum = &mut self.summary;
        sum.lines += u64::from(tally.lines);
        sum.unparsed += tally.unparsed;
        sum.other_programs += tally.other_programs;
        sum.complaints += tally.complaints;
        sum.handed_over += tally.handed_over;
        sum.discarded += tally.discarded;
        self.returned += tally.returned;
        for (line, text) in &tally.unparsed_examples {
            if sum.unparsed_examples.len() < EXAMPLES_KEPT {
                sum.unparsed_examples.push((place.location(*line), Untrusted::from_bytes(text)));
            }
        }
        if tally.from != NO_TIME {
            self.from = Some(self.from.map_or(tally.from, |from| from.min(tally.from)));
            self.until = Some(self.until.map_or(tally.until, |until| until.max(tally.until)));
        }
        sum.totals.add(&tally.totals);
        sum.errors.add(&tally.errors);
        sum.tls_connections += tally.tls;
        tally.waits.add_to(&mut sum.delays.parts);
        for (hour, totals) in &tally.hours {
            self.hours.entry(*hour).or_default().add(totals);
        }
        self.minutes.append(&tally.minutes);
        for (source, count) in &tally.sources {
            bump(&mut sum.sources, source, *count, CLIENTS_KEPT);
        }
        for (client, count) in &tally.clients {
            bump(&mut self.clients, client, *count, CLIENTS_TRACKED);
        }
        self.hops.append(&tally.hops);
        self.merge_providers(tally);
        self.merge_replies(tally, place);
    }

    fn merge_providers(&mut self, tally: &tally::Tally) {
        for provider in &tally.providers {
            let into = self.providers.entry(provider.name.clone()).or_default();
            into.totals.add(&provider.totals);
            into.errors.add(&provider.errors);
            into.tls += provider.tls;
            into.returned += provider.returned;
            for (domain, count) in provider.domains.iter().filter(|(_, count)| *count > 0) {
                bump(&mut into.domains, domain, *count, 10 * DOMAINS_KEPT);
            }
            for (day, totals) in &provider.days {
                into.days.entry(*day).or_default().add(totals);
            }
            into.minutes.append(&provider.minutes);
            for (minute, count) in &provider.taken {
                self.taken.add(provider.mark, minute * peak::MINUTE, *count);
            }
        }
        self.fold_providers();
    }

    fn merge_replies(&mut self, tally: &tally::Tally, place: &Place) {
        for reply in tally.replies() {
            let provider = tally.provider_name(reply.provider);
            let key = (reply.hash, provider.to_owned());
            if let Some(known) = self.replies.get_mut(&key) {
                known.count += reply.count;
                onset::append(&mut known.onsets, known.last, &reply.onsets);
                known.first = earliest(known.first, reply.first);
                known.last = known.last.max(reply.last);
            } else {
                self.replies.insert(
                    key,
                    Reply {
                        text: reply.text[..reply.text.len().min(TEXT_KEPT)].to_vec(),
                        host: reply.host.clone(),
                        provider: provider.to_owned(),
                        ending: reply.ending,
                        count: reply.count,
                        first: reply.first,
                        last: reply.last,
                        onsets: reply.onsets.clone(),
                        example: place.location(reply.line),
                    },
                );
            }
        }
        self.fold_replies();
    }

    /// Where more providers are seen than are followed, the least busy are counted together.
    fn fold_providers(&mut self) {
        if self.providers.len() <= PROVIDERS_TRACKED {
            return;
        }
        let attempts = |provider: &Provider| provider.totals.attempts() + provider.tls;
        let names = self.providers.iter().map(|(name, provider)| (attempts(provider), name.clone()));
        let mut rest = Provider::default();
        for (_, name) in least(names.collect(), PROVIDERS_TRACKED / 2) {
            if let Some(provider) = self.providers.remove(&name) {
                rest.fold(provider);
            }
        }
        self.providers.entry(OTHER.to_owned()).or_default().fold(rest);
        self.summary.notes.insert(format!(
            "more recipient domains than are followed ({PROVIDERS_TRACKED}): the least busy are counted together as {OTHER}"
        ));
    }

    /// Likewise of replies: the rarest are only counted.
    fn fold_replies(&mut self) {
        if self.replies.len() <= REPLIES_TRACKED {
            return;
        }
        let keys = self.replies.iter().map(|(key, reply)| (reply.count, key.clone()));
        for (count, key) in least(keys.collect(), REPLIES_TRACKED / 2) {
            self.replies.remove(&key);
            self.summary.replies_omitted += count;
        }
        self.summary.notes.insert(format!(
            "more different replies than are followed ({REPLIES_TRACKED}): the rarest are counted and not shown"
        ));
    }

    /// The latest stamp so far.
    pub(crate) fn until(&self) -> Option<Millis> {
        self.until
    }

    /// The finished summary. `years` moves every stamp: stamps without a year
    /// that would lie in the future belong to an earlier one.
    pub(crate) fn finish(self, shards: Vec<Shard>, places: &[Place], years: i32) -> TrafficSummary {
        let at = |millis: Millis| timestamp(stamp::shift_years(millis, years));
        let mut sum = self.summary;
        sum.from = self.from.and_then(at);
        sum.until = self.until.and_then(at);
        sum.by_hour =
            self.hours.iter().filter_map(|(hour, totals)| Some((at(hour * 3_600_000)?, *totals))).collect();
        sum.busiest_minute = self.minutes.peak(years);
        // By hour and day each record stays where it happened.
        sum.totals.delivered = sum.totals.delivered.saturating_sub(self.returned);
        let mut providers: Vec<_> = self.providers.into_iter().collect();
        providers.sort_by_key(|(_, provider)| std::cmp::Reverse(provider.totals.attempts()));
        for (place, (name, mut provider)) in providers.into_iter().enumerate() {
            provider.totals.delivered = provider.totals.delivered.saturating_sub(provider.returned);
            let name = if place < PROVIDERS_KEPT { name } else { OTHER.to_owned() };
            let into = sum.by_provider.entry(name).or_default();
            add_provider(into, provider, years);
        }
        let most = self.taken.most();
        for (name, traffic) in &mut sum.by_provider {
            traffic.taken = most.get(&u64::from(minutes::mark(name))).copied().filter(|_| name != OTHER);
            keep_largest(&mut traffic.domains, DOMAINS_KEPT);
        }
        let mut replies: Vec<Reply> = self.replies.into_values().collect();
        replies.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.example.cmp(&b.example)));
        sum.replies_omitted += replies.iter().skip(REPLIES_KEPT).map(|reply| reply.count).sum::<u64>();
        sum.replies = replies
            .into_iter()
            .take(REPLIES_KEPT)
            .map(|reply| ReplyCount {
                onsets: onset::rated(&reply.onsets, &self.taken, minutes::mark(&reply.provider), years),
                text: Untrusted::from_bytes(&reply.text),
                ending: reply.ending,
                provider: reply.provider,
                shared: self.hops.is_shared(&reply.host),
                host: String::from_utf8_lossy(&reply.host).into_owned(),
                count: reply.count,
                first: at(reply.first),
                last: at(reply.last),
                example: Some(reply.example),
                cause: None,
            })
            .collect();
        sum.clients = self.clients;
        keep_largest(&mut sum.clients, CLIENTS_KEPT);
        joined::finish(&mut sum, shards, places, years);
        sum
    }
}

impl Provider {
    fn fold(&mut self, other: Provider) {
        self.totals.add(&other.totals);
        self.errors.add(&other.errors);
        self.tls += other.tls;
        self.returned += other.returned;
        for (domain, count) in &other.domains {
            bump(&mut self.domains, domain, *count, 10 * DOMAINS_KEPT);
        }
        for (day, totals) in &other.days {
            self.days.entry(*day).or_default().add(totals);
        }
        self.minutes.append(&other.minutes);
    }
}

/// All but the `kept` largest; of equals the later name goes.
fn least<K: Ord>(mut counted: Vec<(u64, K)>, kept: usize) -> Vec<(u64, K)> {
    counted.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    counted.split_off(kept.min(counted.len()))
}

/// Where names beyond a bound are counted.
pub(crate) const OTHER: &str = "(other)";

fn earliest(a: Millis, b: Millis) -> Millis {
    match (a, b) {
        (NO_TIME, other) | (other, NO_TIME) => other,
        _ => a.min(b),
    }
}

fn bump(map: &mut BTreeMap<String, u64>, key: &str, count: u64, bound: usize) {
    if let Some(known) = map.get_mut(key) {
        *known += count;
    } else {
        let key = if map.len() < bound { key } else { OTHER };
        *map.entry(key.to_owned()).or_default() += count;
    }
}

fn keep_largest(map: &mut BTreeMap<String, u64>, bound: usize) {
    if map.len() > bound {
        let mut all: Vec<_> = std::mem::take(map).into_iter().collect();
        all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        all.truncate(bound);
        *map = all.into_iter().collect();
    }
}

fn add_provider(into: &mut ProviderTraffic, provider: Provider, years: i32) {
    into.totals.add(&provider.totals);
    into.errors.add(&provider.errors);
    into.tls_connections += provider.tls;
    for (domain, count) in provider.domains {
        *into.domains.entry(domain).or_default() += count;
    }
    const DAYS_KEPT: usize = 400;
    for (day, totals) in provider.days.iter().rev().take(DAYS_KEPT) {
        if let Some(at) = timestamp(stamp::shift_years(day * DAY, years)) {
            into.by_day.entry(at).or_default().add(totals);
        }
    }
    let peak: Option<Peak> = provider.minutes.peak(years);
    if peak.map(|peak| peak.attempts) > into.busiest_minute.map(|peak| peak.attempts) {
        into.busiest_minute = peak;
    }
}

#[cfg(test)]
mod tests;
