//! What is usual in a log's own week: for each hour of the week the median of its counts and their
//! median absolute deviation. Judges nothing.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::traffic::TrafficSummary;

const HOUR: i64 = 3600;
const HOURS_OF_WEEK: i64 = 168;
/// Other weeks an hour needs to say what is usual: of one the median is that week, and the deviation
/// nothing.
const LEAST_OTHERS: usize = 2;
/// Hours looked at; a log of years is judged by its last.
const MOST_HOURS: i64 = 400 * 24;
/// Makes a median absolute deviation comparable to a standard deviation (of a normal distribution).
const TO_DEVIATION: f64 = 1.4826;

/// One hour of the log beside what is usual then.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Hour {
    /// Its first instant.
    pub at: Timestamp,
    pub attempts: u64,
    /// The median of the same hour in the other weeks.
    pub usual: f64,
    /// Deviation of those.
    pub deviation: f64,
    /// The fewest of those.
    pub least: u64,
}

/// The log's whole hours, in order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Week {
    /// Those that have enough others.
    pub hours: Vec<Hour>,
    /// Those without any mail that have too few others, of which each has mail: whether such an hour is
    /// usual nobody can tell.
    pub left_out: Vec<Timestamp>,
}

/// What the log tells of its week; `None` where no hour has enough others: in two weeks at most.
pub(crate) fn week(traffic: &TrafficSummary) -> Option<Week> {
    let (from, until) = (traffic.from?.as_second(), traffic.until?.as_second());
    // The first and last hour are there in part only.
    let last = until.div_euclid(HOUR);
    let first = (from.div_euclid(HOUR) + 1).max(last - MOST_HOURS);
    let counts: BTreeMap<i64, u64> = traffic
        .by_hour
        .iter()
        .map(|(hour, totals)| (hour.as_second().div_euclid(HOUR), totals.attempts()))
        .collect();
    let count = |hour: i64| counts.get(&hour).copied().unwrap_or(0);
    let (mut hours, mut left_out) = (Vec::new(), Vec::new());
    for hour in first..last {
        let at = Timestamp::from_second(hour * HOUR).ok()?;
        // The others only: what is judged must not make itself usual.
        let mut others: Vec<u64> = (first..last)
            .skip(usize::try_from((hour - first).rem_euclid(HOURS_OF_WEEK)).unwrap_or(0))
            .step_by(HOURS_OF_WEEK.unsigned_abs() as usize)
            .filter(|other| *other != hour)
            .map(count)
            .collect();
        if others.len() < LEAST_OTHERS {
            if count(hour) == 0 && others.iter().all(|count| *count > 0) {
                left_out.push(at);
            }
            continue;
        }
        others.sort_unstable();
        let usual = median(&others)?;
        let mut apart: Vec<u64> =
            others.iter().map(|count| (*count as f64 - usual).abs().round() as u64).collect();
        apart.sort_unstable();
        hours.push(Hour {
            at,
            attempts: count(hour),
            usual,
            deviation: TO_DEVIATION * median(&apart)?,
            least: others.first().copied()?,
        });
    }
    (!hours.is_empty()).then_some(Week { hours, left_out })
}

pub(super) fn median(sorted: &[u64]) -> Option<f64> {
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)? as f64;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    Some((upper + *sorted.get(middle.checked_sub(1)?)? as f64) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::traffic::Totals;

    fn log(days: i64, count: impl Fn(i64) -> u64) -> TrafficSummary {
        let begin = 1_795_305_600;
        let hour = |at: i64| Timestamp::from_second(begin + at * HOUR).unwrap();
        TrafficSummary {
            from: Some(hour(0)),
            until: Some(hour(days * 24)),
            by_hour: (0..days * 24)
                .map(|at| (hour(at), Totals { delivered: count(at), ..Totals::default() }))
                .filter(|(_, totals)| totals.delivered > 0)
                .collect(),
            ..TrafficSummary::default()
        }
    }

    #[test]
    fn each_hour_is_held_against_the_same_of_other_weeks() {
        let hours = |log: &TrafficSummary| week(log).map(|week| week.hours);
        assert!(hours(&log(14, |_| 5)).is_none());
        // Fifteen days hold each hour of one day three times; the log's first hour is there in part only.
        let short = hours(&log(15, |_| 5)).unwrap();
        assert_eq!((short.len(), short[0].usual, short[0].deviation), (3 * 23, 5.0, 0.0));
        let hours = hours(&log(29, |at| if at == 200 { 900 } else { 10 + (at % 168) as u64 })).unwrap();
        let odd = hours.iter().find(|hour| hour.attempts == 900).unwrap();
        assert_eq!((odd.usual, odd.deviation, odd.least), (42.0, 0.0, 42));
        // The same hour a week later has the odd one among its three others: the median stays.
        let after = hours.iter().find(|hour| hour.at.as_second() == odd.at.as_second() + 168 * HOUR).unwrap();
        assert_eq!((after.attempts, after.usual, after.deviation, after.least), (42, 42.0, 0.0, 42));
    }

    /// Of an hour without mail whose others are too few it is not known whether that is usual, unless one of
    /// them has none either.
    #[test]
    fn silent_hours_with_too_few_others_are_left_out() {
        let begin = log(1, |_| 0).from.unwrap();
        let left_out = |log: &TrafficSummary| -> Vec<i64> {
            let left_out = week(log).unwrap().left_out;
            left_out.into_iter().map(|at| at.duration_since(begin).as_hours()).collect()
        };
        assert_eq!(left_out(&log(15, |_| 5)), Vec::<i64>::new());
        assert_eq!(left_out(&log(15, |at| if at == 50 || at == 51 { 0 } else { 5 })), [50, 51]);
        assert_eq!(left_out(&log(15, |at| if at % 168 == 50 { 0 } else { 5 })), Vec::<i64>::new());
        // The first day has two others.
        assert_eq!(left_out(&log(15, |at| if at == 5 { 0 } else { 5 })), Vec::<i64>::new());
    }

    #[test]
    fn medians() {
        assert_eq!(
            (median(&[]), median(&[3]), median(&[1, 4]), median(&[1, 2, 9])),
            (None, Some(3.0), Some(2.5), Some(2.0))
        );
    }
}
