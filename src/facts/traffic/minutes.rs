//! Counts by provider and minute, in bounded memory: of a log that is too long
//! the last days stay, and of too many providers the busiest. What is no longer
//! whole is not given at all.

use std::collections::BTreeMap;

use super::hash::{self, HashedMap};
use super::peak::MINUTE;
use crate::model::traffic::{Taken, TrafficSummary};
use crate::parse::log::event::{Millis, NO_TIME};
use crate::parse::log::stamp::{self, timestamp};

/// Minutes of all providers that are held at once.
const CELLS: usize = 100_000;
/// Minutes of a log that stay where there are more.
const KEPT: u32 = 31 * 24 * 60;
/// Fixed: blocks and shards must agree.
const SEED: u64 = 0x6d69_6e75_7465_7331;

/// What stands for a provider's name here; never 0.
pub(super) fn mark(name: &str) -> u32 {
    (hash::bytes(SEED, name.as_bytes()) as u32).max(1)
}

/// Counts by the mark of a provider and the minute since 1970.
#[derive(Debug, Default)]
pub(super) struct MinuteCounts {
    cells: HashedMap<u32>,
    newest: u32,
    /// Earlier minutes were dropped.
    since: u32,
    /// The providers that are still whole, once others were dropped.
    followed: Option<HashedMap<()>>,
}

fn key(provider: u32, minute: u32) -> u64 {
    u64::from(provider) << 32 | u64::from(minute)
}

impl MinuteCounts {
    /// Counts `count` at `at`; a provider of 0 is none.
    #[inline]
    pub(super) fn add(&mut self, provider: u32, at: Millis, count: u64) {
        let Ok(minute) = u32::try_from(at.div_euclid(MINUTE)) else { return };
        if provider == 0 || at == NO_TIME || minute < self.since || !self.follows(provider) {
            return;
        }
        self.newest = self.newest.max(minute);
        let cell = self.cells.entry(key(provider, minute)).or_default();
        *cell = cell.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        if self.cells.len() > CELLS {
            self.shrink();
        }
    }

    /// Provider, minute and count of each cell, in no order.
    pub(super) fn all(&self) -> impl Iterator<Item = (u32, u32, u64)> {
        self.cells.iter().map(|(key, count)| ((key >> 32) as u32, *key as u32, u64::from(*count)))
    }

    /// Whether what stands here of the provider is all of it.
    pub(super) fn follows(&self, provider: u32) -> bool {
        self.followed.as_ref().is_none_or(|followed| followed.contains_key(&u64::from(provider)))
    }

    /// Old minutes go first; then the providers with the least, until half is free.
    fn shrink(&mut self) {
        self.since = self.since.max(self.newest.saturating_sub(KEPT));
        let since = self.since;
        self.cells.retain(|key, _| *key as u32 >= since);
        if self.cells.len() <= CELLS / 2 {
            return;
        }
        let mut providers: BTreeMap<u32, (u64, usize)> = BTreeMap::new();
        for (key, count) in &self.cells {
            let of = providers.entry((key >> 32) as u32).or_default();
            of.0 += u64::from(*count);
            of.1 += 1;
        }
        let mut ranked: Vec<(u64, usize, u32)> =
            providers.into_iter().map(|(provider, (count, cells))| (count, cells, provider)).collect();
        ranked.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.2.cmp(&b.2)));
        let (mut followed, mut held) = (HashedMap::default(), 0);
        for (_, cells, provider) in ranked {
            if held + cells <= CELLS / 2 {
                held += cells;
                followed.insert(u64::from(provider), ());
            }
        }
        self.cells.retain(|key, _| followed.contains_key(&(key >> 32)));
        self.followed = Some(followed);
    }

    /// Counts from `from` to `to`, both included; `None` where they are not all there.
    pub(super) fn sum(&self, provider: u32, from: u32, to: u32) -> Option<u64> {
        if from < self.since || !self.follows(provider) {
            return None;
        }
        Some(
            (from..=to)
                .filter_map(|minute| self.cells.get(&key(provider, minute)))
                .map(|n| u64::from(*n))
                .sum(),
        )
    }
}

impl MinuteCounts {
    /// The most by provider, of those that are whole, in a minute and in sixty in a row.
    pub(super) fn most(&self) -> HashedMap<Taken> {
        let mut by_provider: HashedMap<BTreeMap<u32, u64>> = HashedMap::default();
        for (provider, minute, count) in self.all().filter(|(provider, ..)| self.follows(*provider)) {
            by_provider.entry(u64::from(provider)).or_default().insert(minute, count);
        }
        let most = |minutes: BTreeMap<u32, u64>| {
            let (mut most, mut hour, mut row) = (Taken::default(), 0, std::collections::VecDeque::new());
            for (minute, count) in minutes {
                row.push_back((minute, count));
                hour += count;
                while let Some((_, gone)) = row.pop_front_if(|(first, _)| *first + 60 <= minute) {
                    hour -= gone;
                }
                most = Taken { minute: most.minute.max(count), hour: most.hour.max(hour) };
            }
            most
        };
        by_provider.into_iter().map(|(provider, minutes)| (provider, most(minutes))).collect()
    }
}

/// Hands each provider of the summary its minutes, where each shard has all of them.
pub(super) fn arrivals<'s>(
    sum: &mut TrafficSummary,
    shards: impl Iterator<Item = &'s MinuteCounts> + Clone,
    years: i32,
) {
    let since = shards.clone().map(|shard| shard.since).max().unwrap_or_default();
    let mut by_provider: HashedMap<BTreeMap<u32, u64>> = HashedMap::default();
    for (key, count) in shards.clone().flat_map(|shard| &shard.cells) {
        if *key as u32 >= since {
            *by_provider.entry(key >> 32).or_default().entry(*key as u32).or_default() += u64::from(*count);
        }
    }
    for (name, provider) in &mut sum.by_provider {
        let mark = mark(name);
        if name == super::OTHER || !shards.clone().all(|shard| shard.follows(mark)) {
            continue;
        }
        let minutes = by_provider.remove(&u64::from(mark)).unwrap_or_default();
        let at = |minute: u32| timestamp(stamp::shift_years(i64::from(minute) * MINUTE, years));
        provider.arrivals =
            Some(minutes.into_iter().filter_map(|(minute, count)| Some((at(minute)?, count))).collect());
    }
    if since > 0 {
        sum.notes.insert("the log is long: minutes are followed of its last 31 days".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floods_leave_the_busiest_whole_and_the_rest_unknown() {
        let mut counts = MinuteCounts::default();
        let big = mark("example.com");
        for minute in 0..200_000_i64 {
            counts.add(big, minute / 10 * MINUTE, 3);
            counts.add(mark(&format!("d{minute}.example")), minute / 10 * MINUTE, 1);
        }
        assert!(counts.cells.len() <= CELLS, "{}", counts.cells.len());
        assert_eq!(counts.sum(big, 19_990, 19_999), Some(300));
        assert_eq!(counts.sum(mark("d199999.example"), 19_990, 19_999), None);
    }

    #[test]
    fn the_most_taken_is_found_across_the_hour() {
        let mut counts = MinuteCounts::default();
        for (minute, count) in [(10, 3), (69, 9), (70, 2), (200, 5)] {
            counts.add(7, minute * MINUTE, count);
        }
        assert_eq!(counts.most()[&7], Taken { minute: 9, hour: 12 });
    }

    #[test]
    fn of_a_long_log_the_last_days_stay() {
        let mut counts = MinuteCounts::default();
        let one = mark("example.com");
        for minute in 0..300_000_i64 {
            counts.add(one, minute * MINUTE, 1);
        }
        assert!(counts.cells.len() <= CELLS);
        assert_eq!(counts.sum(one, 0, 10), None);
        assert_eq!(counts.sum(one, 299_990, 299_999), Some(10));
    }
}
