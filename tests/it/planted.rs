//! Events planted in logs of thirty days: each is found, and quiet logs stay quiet.

use std::collections::BTreeMap;

use jiff::Timestamp;
use mailvet::evidence::Evidence;
use mailvet::facts::{Facts, Prepared};
use mailvet::model::traffic::{Totals, TrafficSummary};
use mailvet::model::{Scope, Topic};
use mailvet::policy::Policy;

use crate::dice::Dice;

const HOUR: i64 = 3600;
/// Monday, 2026-11-02.
const BEGIN: i64 = 1_793_577_600;
const DAYS: i64 = 30;

/// A business: busy by day, quiet at night and on Sundays, a newsletter on Tuesdays at ten.
fn quiet(seed: u64) -> BTreeMap<i64, u64> {
    let mut dice = Dice::new(seed);
    let volume = 20 + dice.roll(200);
    (0..DAYS * 24)
        .map(|hour| {
            let (day, time) = (hour / 24 % 7, hour % 24);
            let usual = match (day, time) {
                (1, 10) => volume * 12,
                (6, _) => 0,
                (_, 7..19) => volume,
                _ => volume / 20,
            };
            (hour, if usual == 0 { 0 } else { usual * 7 / 10 + dice.roll(usual * 6 / 10 + 1) })
        })
        .collect()
}

/// Codes and summaries of the two checks.
fn found(hours: &BTreeMap<i64, u64>) -> Vec<(String, String)> {
    let at = |hour: i64| Timestamp::from_second(BEGIN + hour * HOUR).unwrap();
    let by_hour: BTreeMap<Timestamp, Totals> = hours
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(hour, count)| (at(*hour), Totals { delivered: *count, ..Totals::default() }))
        .collect();
    let mut totals = Totals::default();
    by_hour.values().for_each(|hour| totals.add(hour));
    let traffic = TrafficSummary {
        dialects: ["postfix".to_owned()].into_iter().collect(),
        from: Some(at(0)),
        until: Some(at(DAYS * 24)),
        totals,
        by_hour,
        ..TrafficSummary::default()
    };
    let evidence = Evidence { traffic: Some(traffic), ..Evidence::default() };
    let scope = Scope { topics: [Topic::Traffic].into_iter().collect(), ..Scope::everything() };
    let prepared = Prepared::new(&evidence);
    let facts = Facts::build(&evidence, &scope, &prepared);
    mailvet::judge::catalog::all()
        .filter(|check| matches!(check.code, "volume-spike" | "volume-silence"))
        .flat_map(|check| {
            let result = mailvet::judge::judge_one(check, &facts, &Policy::default());
            let found = result.findings().iter().map(|f| (check.code.to_owned(), f.problem.summary.clone()));
            found.collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn twenty_quiet_logs_are_quiet() {
    for seed in 1..=20 {
        assert_eq!(found(&quiet(seed)), [], "seed {seed}");
    }
}

#[test]
fn a_burst_and_a_standstill_are_found_where_they_were_planted() {
    for seed in 1..=20 {
        let mut dice = Dice(seed | 1 << 40);
        // A weekday of the second or third week, in business hours.
        let day = 7 + dice.roll(2) as i64 * 7 + [0, 2, 3, 4][dice.roll(4) as usize];
        let start = day * 24 + 8 + dice.roll(6) as i64;
        let shown = |hour: i64| Timestamp::from_second(BEGIN + hour * HOUR).unwrap().to_string();

        let mut burst = quiet(seed);
        let usual = burst[&start];
        burst.insert(start, usual * 8 + 400);
        let seen = found(&burst);
        assert_eq!(seen.len(), 1, "seed {seed}: {seen:?}");
        assert!(seen[0].0 == "volume-spike" && seen[0].1.contains(&shown(start)), "seed {seed}: {seen:?}");

        let mut standstill = quiet(seed);
        (start..start + 5).for_each(|hour| {
            standstill.insert(hour, 0);
        });
        let seen = found(&standstill);
        assert_eq!(seen.len(), 1, "seed {seed}: {seen:?}");
        assert!(seen[0].0 == "volume-silence" && seen[0].1.contains(&shown(start)), "seed {seed}: {seen:?}");
    }
}
