//! What each sender's address sends by the hour: first attempts, and those refused for good.

use std::collections::{BTreeMap, BTreeSet};

use super::hash::HashedMap;
use super::minutes::{MinuteCounts, mark};
use crate::model::Untrusted;
use crate::model::traffic::{AccountHour, AccountTraffic, AccountsCut, TrafficSummary};
use crate::parse::log::event::Millis;
use crate::parse::log::stamp::{self, timestamp};

/// Addresses whose names are held.
const NAMES: usize = 20_000;
const KEPT: usize = 100;
/// Recipients below which an address is no sender to speak of.
const LEAST: u64 = 50;
/// Digits that no lasting address has.
const DIGITS: usize = 5;
/// Hours around the worst that do not tell what is usual.
const AROUND: u32 = 12;
/// Recipients in an hour below which nobody notices.
const NOTICED: u64 = 50;
/// Of them, refused at once.
pub(crate) const REFUSED: u64 = 10;
/// Share of the refused from which the list is none of the sender's.
const SHARE: f64 = 0.15;
const HOUR: i64 = 3_600_000;
/// Minutes are counted; hours stand in their place.
const IN_AN_HOUR: i64 = 60;

/// Whether an hour went to a list that is none of the sender's.
pub(crate) fn is_bad(recipients: u64, refused: u64) -> bool {
    recipients >= NOTICED && refused >= REFUSED && refused as f64 >= SHARE * recipients as f64
}

/// The addresses of one shard.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    names: HashedMap<Box<str>>,
    tried: MinuteCounts,
    refused: MinuteCounts,
    omitted: u64,
}

impl Accounts {
    /// What stands for a sender here; 0 where it is not followed.
    pub(super) fn mark(&mut self, sender: &[u8]) -> u32 {
        let name = lasting(sender);
        if name.is_empty() {
            return 0;
        }
        let mark = mark(&name);
        match self.names.get(&u64::from(mark)) {
            Some(known) if **known == *name => return mark,
            None if self.names.len() < NAMES => {
                self.names.insert(u64::from(mark), name.into());
                return mark;
            }
            _ => {}
        }
        self.omitted += 1;
        0
    }

    /// Counts a recipient's first attempt.
    #[inline]
    pub(super) fn add(&mut self, mark: u32, at: Millis, refused: bool) {
        self.tried.add(mark, at.div_euclid(IN_AN_HOUR), 1);
        if refused {
            self.refused.add(mark, at.div_euclid(IN_AN_HOUR), 1);
        }
    }
}

/// The address without what differs from message to message, in lower case.
fn lasting(sender: &[u8]) -> String {
    let sender = String::from_utf8_lossy(sender).to_lowercase();
    let Some((local, domain)) = sender.rsplit_once('@') else { return String::new() };
    let local = local.split(['+', '=']).next().unwrap_or_default();
    let made = local.bytes().filter(u8::is_ascii_digit).count() >= DIGITS;
    format!("{}@{domain}", if made { "" } else { local })
}

/// Recipients and refused ones by hour.
type Hours = BTreeMap<u32, (u64, u64)>;

/// The addresses of all shards to the summary.
pub(super) fn finish<'s>(
    sum: &mut TrafficSummary,
    shards: impl Iterator<Item = &'s Accounts> + Clone,
    years: i32,
) {
    let mut by_mark: BTreeMap<u32, (&str, Hours)> = BTreeMap::new();
    for shard in shards.clone() {
        sum.accounts_omitted += shard.omitted;
        for (mark, hour, count) in shard.tried.all() {
            let Some(name) = shard.names.get(&u64::from(mark)) else { continue };
            by_mark.entry(mark).or_insert((name, Hours::new())).1.entry(hour).or_default().0 += count;
        }
        for (mark, hour, count) in shard.refused.all() {
            if let Some((_, hours)) = by_mark.get_mut(&mark) {
                hours.entry(hour).or_default().1 += count;
            }
        }
    }
    let whole =
        |mark: &u32| shards.clone().all(|shard| shard.tried.follows(*mark) && shard.refused.follows(*mark));
    // Of an address that is not whole at least one message is left out.
    let partial: BTreeSet<u64> = shards
        .clone()
        .flat_map(|shard| shard.names.keys().copied())
        .filter(|mark| !whole(&(*mark as u32)))
        .collect();
    sum.accounts_omitted += partial.len() as u64;
    let accounts = by_mark.into_iter().filter(|(mark, _)| whole(mark));
    let mut accounts: Vec<AccountTraffic> =
        accounts.filter_map(|(_, (name, hours))| account(name, &hours, years)).collect();
    accounts.sort_by(|a, b| {
        let rank = |one: &AccountTraffic| (one.worst.refused, one.recipients);
        rank(b).cmp(&rank(a)).then_with(|| a.address.raw().cmp(b.address.raw()))
    });
    let cut = accounts.split_off(KEPT.min(accounts.len()));
    sum.accounts_cut = (!cut.is_empty()).then(|| AccountsCut {
        addresses: cut.len() as u64,
        busiest: cut.iter().map(|one| one.busiest.recipients).max().unwrap_or_default(),
        refused: cut.iter().map(|one| one.worst.refused).max().unwrap_or_default(),
    });
    sum.accounts = accounts;
}

fn account(name: &str, hours: &Hours, years: i32) -> Option<AccountTraffic> {
    let of = |(hour, (recipients, refused)): (&u32, &(u64, u64))| {
        let at = timestamp(stamp::shift_years(i64::from(*hour) * HOUR, years))?;
        Some(AccountHour { at, recipients: *recipients, refused: *refused })
    };
    let recipients = hours.values().map(|(recipients, _)| recipients).sum();
    if recipients < LEAST {
        return None;
    }
    // The earliest of equals.
    let busiest = hours.iter().rev().max_by_key(|(_, (recipients, _))| *recipients)?;
    let worst = hours.iter().rev().max_by_key(|(_, (recipients, refused))| (*refused, *recipients))?;
    let (first, last) = stretch(hours, *worst.0);
    let elsewhere: Vec<(u64, u64)> = hours
        .iter()
        .filter(|(hour, _)| **hour < first.saturating_sub(AROUND) || **hour > last.saturating_add(AROUND))
        .map(|(_, counts)| *counts)
        .collect();
    let mut counts: Vec<u64> = elsewhere.iter().map(|(recipients, _)| *recipients).collect();
    counts.sort_unstable();
    let total = |of: fn(&(u64, u64)) -> u64| elsewhere.iter().map(of).sum();
    Some(AccountTraffic {
        address: Untrusted::new(name),
        recipients,
        refused: hours.values().map(|(_, refused)| refused).sum(),
        hours: hours.len() as u64,
        busiest: of(busiest)?,
        worst: of(worst)?,
        usual: super::week::median(&counts).map_or(0, |median| median.ceil() as u64),
        elsewhere: (total(|of| of.0), total(|of| of.1)),
        elsewhere_hours: elsewhere.len() as u64,
    })
}

/// The bad hours around `worst`, first and last: what lasts for days must not make itself usual.
fn stretch(hours: &Hours, worst: u32) -> (u32, u32) {
    let bad =
        |(hour, (recipients, refused)): (&u32, &(u64, u64))| is_bad(*recipients, *refused).then_some(*hour);
    let (mut first, mut last) = (worst, worst);
    for hour in hours.range(..worst).rev().filter_map(bad) {
        if first - hour > AROUND {
            break;
        }
        first = hour;
    }
    for hour in hours.range(worst..).filter_map(bad) {
        if hour - last > AROUND {
            break;
        }
        last = hour;
    }
    (first, last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_mailing_adds_makes_no_new_address() {
        for (sender, name) in [
            ("App@Shop.example", "app@shop.example"),
            ("bounce+a=b.example@shop.example", "bounce@shop.example"),
            ("b-1234567-x@shop.example", "@shop.example"),
            ("sales2024@shop.example", "sales2024@shop.example"),
            ("<>", ""),
            ("", ""),
        ] {
            assert_eq!(lasting(sender.as_bytes()), name, "{sender}");
        }
    }

    #[test]
    fn the_worst_hour_does_not_make_itself_usual() {
        let mut accounts = Accounts::default();
        let mark = accounts.mark(b"a@shop.example");
        for hour in 0..100_i64 {
            for one in 0..4 {
                accounts.add(mark, hour * HOUR + one, false);
            }
        }
        for one in 0..300 {
            accounts.add(mark, 60 * HOUR + one, one % 3 == 0);
        }
        let mut sum = TrafficSummary::default();
        finish(&mut sum, [&accounts].into_iter(), 0);
        let account = &sum.accounts[0];
        assert_eq!((account.recipients, account.refused, account.hours), (700, 100, 100));
        assert_eq!((account.worst.recipients, account.worst.refused), (304, 100));
        assert_eq!((account.usual, account.elsewhere, account.elsewhere_hours), (4, (300, 0), 75));
    }

    #[test]
    fn bad_days_do_not_make_themselves_usual_and_cut_addresses_are_counted() {
        let mut accounts = Accounts::default();
        let mark = accounts.mark(b"a@shop.example");
        for hour in 0..200_i64 {
            let bad = (100..160).contains(&hour);
            for one in 0..if bad { 100 } else { 4 } {
                accounts.add(mark, hour * HOUR + one, bad && one % 4 == 0);
            }
        }
        for letter in ('a'..='z').flat_map(|a| ('a'..='f').map(move |b| format!("{a}{b}@x.example"))) {
            let mark = accounts.mark(letter.as_bytes());
            (0..60).for_each(|one| accounts.add(mark, one, false));
        }
        let mut sum = TrafficSummary::default();
        finish(&mut sum, [&accounts].into_iter(), 0);
        let account = &sum.accounts[0];
        assert_eq!((account.usual, account.elsewhere.1, account.elsewhere_hours), (4, 0, 200 - 60 - 24));
        assert_eq!(sum.accounts_cut, Some(AccountsCut { addresses: 57, busiest: 60, refused: 0 }));
    }

    #[test]
    fn floods_of_addresses_are_counted_and_not_followed() {
        let mut accounts = Accounts::default();
        let marks = (0..40_000).map(|number| {
            let letters: String = format!("{number:x}")
                .chars()
                .map(|digit| (b'a' + digit.to_digit(16).unwrap() as u8) as char)
                .collect();
            accounts.mark(format!("{letters}@shop.example").as_bytes())
        });
        assert_eq!(marks.filter(|mark| *mark > 0).count(), accounts.names.len());
        assert!(accounts.names.len() <= NAMES && accounts.omitted >= 20_000);
    }
}
