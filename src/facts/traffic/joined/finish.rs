//! The shards of a join to the summary, once all logs are read.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{HOUR, Live, SENDERS_KEPT, Shard, Shortest, UNDELIVERED_KEPT};
use crate::facts::traffic::{Place, accounts, minutes};
use crate::model::traffic::{Retry, SenderTraffic, TrafficSummary, Undelivered};
use crate::parse::log::event::{Millis, NO_TIME};
use crate::parse::log::stamp::{self, timestamp};

/// What all shards together rank.
#[derive(Default)]
struct Ranked {
    senders: BTreeMap<String, SenderTraffic>,
    undelivered: Vec<(Millis, Undelivered, u32, u32)>,
    shortest: Option<Shortest>,
}

/// Settles what is still in the queue and adds the shards to the summary.
pub(in crate::facts::traffic) fn finish(
    sum: &mut TrafficSummary,
    shards: Vec<Shard>,
    places: &[Place],
    years: i32,
) {
    let mut ranked = Ranked::default();
    accounts::finish(sum, shards.iter().map(|shard| &shard.accounts), years);
    minutes::arrivals(sum, shards.iter().map(|shard| &shard.arrivals), years);
    for mut shard in shards {
        let rest: Vec<Live> = std::mem::take(&mut shard.live).into_values().collect();
        for live in rest {
            shard.settle(live);
        }
        shard.trim();
        take_back(sum, &shard, years);
        ranked.rank(&mut shard);
        add(sum, shard);
    }
    let locate = |place: u32, line: u32| places.get(place as usize).map(|place| place.location(line));
    let shift = |at: Option<jiff::Timestamp>| {
        timestamp(stamp::shift_years(at.map_or(NO_TIME, |at| at.as_millisecond()), years))
    };
    let mut senders: Vec<_> = ranked.senders.into_iter().collect();
    senders.sort_by_key(|(_, traffic)| Reverse(traffic.messages));
    senders.truncate(SENDERS_KEPT);
    sum.senders = senders.into_iter().collect();
    let mut undelivered = ranked.undelivered;
    undelivered.sort_by(|a, b| {
        Reverse(a.0)
            .cmp(&Reverse(b.0))
            .then_with(|| (&a.1.queue_id, &a.1.recipient).cmp(&(&b.1.queue_id, &b.1.recipient)))
    });
    undelivered.truncate(UNDELIVERED_KEPT);
    sum.undelivered = undelivered
        .into_iter()
        .map(|(_, one, place, line)| Undelivered {
            since: shift(one.since),
            last: shift(one.last),
            location: locate(place, line),
            ..one
        })
        .collect();
    sum.shortest_retry = ranked.shortest.map(|s| Retry {
        seconds: s.millis as u64 / 1000,
        queue_id: String::from_utf8_lossy(&s.id).into_owned(),
        host: String::from_utf8_lossy(&s.host).into_owned(),
        location: locate(s.place, s.line),
    });
}

/// What a filter handed back was received once.
fn take_back(sum: &mut TrafficSummary, shard: &Shard, years: i32) {
    for (hour, count) in &shard.came_back {
        sum.totals.received = sum.totals.received.saturating_sub(*count);
        sum.handed_back += *count;
        let at = timestamp(stamp::shift_years(hour.saturating_mul(HOUR), years));
        if let Some(totals) = at.and_then(|at| sum.by_hour.get_mut(&at)) {
            totals.received = totals.received.saturating_sub(*count);
        }
    }
}

/// Adds what only counts.
fn add(sum: &mut TrafficSummary, shard: Shard) {
    sum.undelivered_total += shard.undelivered_total;
    sum.messages += shard.messages;
    sum.recipients += shard.recipients;
    sum.delays.longest_seconds = sum.delays.longest_seconds.max(shard.longest);
    for (map, add) in
        [(&mut sum.retry_within, shard.retries), (&mut sum.delays.delivered_within, shard.delivered_within)]
    {
        for (bound, count) in add {
            *map.entry(bound).or_default() += count;
        }
    }
    for (attempts, count) in shard.attempts {
        *sum.attempts.entry(attempts).or_default() += count;
    }
    if shard.crowded {
        sum.notes
            .insert("more messages at once than are followed; idle ones were counted as they stood".into());
    }
}

impl Ranked {
    /// Takes over what of the shard is compared with the other shards'.
    fn rank(&mut self, shard: &mut Shard) {
        self.undelivered.append(&mut shard.undelivered);
        for (name, traffic) in std::mem::take(&mut shard.senders) {
            let into = self.senders.entry(name).or_default();
            into.messages += traffic.messages;
            into.delivered += traffic.delivered;
            into.deferred += traffic.deferred;
            into.bounced += traffic.bounced;
        }
        if let Some(candidate) = shard.shortest.take()
            && self
                .shortest
                .as_ref()
                .is_none_or(|s| (candidate.millis, candidate.at, &candidate.id) < (s.millis, s.at, &s.id))
        {
            self.shortest = Some(candidate);
        }
    }
}
