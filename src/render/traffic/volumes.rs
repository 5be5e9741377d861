//! When mail leaves, who sends it, and where it waits.

use std::collections::BTreeMap;

use crate::model::traffic::{DELAY_PARTS, Totals, TrafficSummary};
use crate::model::untrusted::{Width, plain};
use crate::render::style::table;

/// Senders shown.
const SENDERS: usize = 10;
/// Shares of the deliveries that a wait is told for.
const QUANTILES: [u64; 3] = [50, 90, 99];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Attempts by hour of the day, UTC; without those in which nothing happened.
pub(super) fn by_hour(summary: &TrafficSummary) -> Vec<(String, Totals)> {
    let mut hours: BTreeMap<i64, Totals> = BTreeMap::new();
    for (at, totals) in &summary.by_hour {
        hours.entry(at.as_second().div_euclid(3600).rem_euclid(24)).or_default().add(totals);
    }
    hours.into_iter().map(|(hour, totals)| (format!("{hour:02}:00"), totals)).collect()
}

/// Attempts by day of the week, UTC.
pub(super) fn by_weekday(summary: &TrafficSummary) -> Vec<(String, Totals)> {
    let mut days: BTreeMap<usize, Totals> = BTreeMap::new();
    for (at, totals) in &summary.by_hour {
        // 1970-01-01 was a Thursday.
        let day = (at.as_second().div_euclid(86_400) + 3).rem_euclid(7);
        days.entry(usize::try_from(day).unwrap_or(0)).or_default().add(totals);
    }
    days.into_iter().map(|(day, totals)| (DAYS[day % 7].to_owned(), totals)).collect()
}

fn drawn(head: &str, rows: &[(String, Totals)]) -> String {
    let mut drawn = comfy_table::Table::new();
    drawn.load_style(table());
    drawn.set_header([head, "received", "delivered", "deferred", "bounced", "rejected"]);
    for (name, totals) in rows {
        let counts = [totals.received, totals.delivered, totals.deferred, totals.bounced, totals.rejected];
        drawn.add_row(std::iter::once(name.clone()).chain(counts.map(|count| count.to_string())));
    }
    format!("{drawn}\n\n")
}

/// The tables for a terminal.
pub(super) fn terminal(summary: &TrafficSummary) -> String {
    let mut out = String::new();
    let (hours, days) = (by_hour(summary), by_weekday(summary));
    if hours.len() > 1 {
        out.push_str(&drawn("hour (UTC)", &hours));
    }
    if days.len() > 1 {
        out.push_str(&drawn("day (UTC)", &days));
    }
    let mut senders: Vec<_> = summary.senders.iter().collect();
    senders.sort_by_key(|(name, traffic)| (std::cmp::Reverse(traffic.messages), *name));
    if !senders.is_empty() {
        let mut drawn = comfy_table::Table::new();
        drawn.load_style(table());
        drawn.set_header(["sender's domain", "messages", "delivered", "deferred", "bounced"]);
        for (name, traffic) in senders.iter().take(SENDERS) {
            let counts = [traffic.messages, traffic.delivered, traffic.deferred, traffic.bounced];
            drawn.add_row(
                std::iter::once(plain(name, Width::Word)).chain(counts.map(|count| count.to_string())),
            );
        }
        out.push_str(&format!("{drawn}\n"));
        if senders.len() > SENDERS {
            out.push_str(&format!("and {} more\n", senders.len() - SENDERS));
        }
        out.push('\n');
    }
    out.push_str(&waits(summary));
    out
}

/// Where delivered mail waited, as upper bounds.
fn waits(summary: &TrafficSummary) -> String {
    let whole = ("arrival to delivery", &summary.delays.delivered_within);
    let parts = DELAY_PARTS.iter().zip(&summary.delays.parts).map(|(name, within)| (*name, within));
    let mut out = String::new();
    for (name, within) in std::iter::once(whole).chain(parts) {
        let told: Vec<String> = QUANTILES
            .iter()
            .filter_map(|percent| Some(format!("{percent} % {}", bound(quantile(within, *percent)?))))
            .collect();
        if !told.is_empty() {
            out.push_str(&format!("waited, {name}: {}\n", told.join(", ")));
        }
    }
    out
}

/// The upper bound that so many percent of the counts keep; `None` of nothing.
pub(crate) fn quantile(within: &BTreeMap<u64, u64>, percent: u64) -> Option<u64> {
    let all: u64 = within.values().sum();
    let mut sum = 0_u64;
    let mut reached = within.iter().filter_map(|(bound, count)| {
        sum += count;
        (u128::from(sum) * 100 >= u128::from(all) * u128::from(percent)).then_some(*bound)
    });
    if all == 0 { None } else { reached.next() }
}

fn bound(seconds: u64) -> String {
    match seconds {
        u64::MAX => "more than a day".to_owned(),
        86_400.. => format!("within {} d", seconds / 86_400),
        3600.. => format!("within {} h", seconds / 3600),
        60.. => format!("within {} min", seconds / 60),
        _ => format!("within {seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn log() -> TrafficSummary {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let of = |delivered| Totals { delivered, ..Totals::default() };
        TrafficSummary {
            by_hour: [
                (at("2026-11-02T09:00:00Z"), of(5)),
                (at("2026-11-03T09:00:00Z"), of(7)),
                (at("2026-11-08T23:00:00Z"), of(1)),
            ]
            .into(),
            ..TrafficSummary::default()
        }
    }

    #[test]
    fn hours_and_days_add_up() {
        let shown = |rows: Vec<(String, Totals)>| -> Vec<(String, u64)> {
            rows.into_iter().map(|(name, totals)| (name, totals.delivered)).collect()
        };
        assert_eq!(shown(by_hour(&log())), [("09:00".to_owned(), 12), ("23:00".to_owned(), 1)]);
        let days = [("Monday", 5), ("Tuesday", 7), ("Sunday", 1)].map(|(day, count)| (day.to_owned(), count));
        assert_eq!(shown(by_weekday(&log())), days);
    }

    #[test]
    fn quantiles_are_upper_bounds() {
        let within = BTreeMap::from([(1, 50), (10, 40), (u64::MAX, 10)]);
        assert_eq!(QUANTILES.map(|percent| quantile(&within, percent)), [Some(1), Some(10), Some(u64::MAX)]);
        assert_eq!(quantile(&BTreeMap::new(), 50), None);
    }
}
