//! A queue that lets one recipient go after the other at a fixed distance, fed
//! with the arrivals of a log. Whole milliseconds: the same in, the same out.

use jiff::Timestamp;

use super::Span;

/// What of one minute goes out in a row: `count` from `start` on, each an interval apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    start: i128,
    count: u64,
}

/// A stretch in which the queue is never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Burst {
    /// When its first message came.
    pub at: Timestamp,
    pub messages: u64,
    /// Milliseconds until the last of them went out.
    pub takes: u64,
}

/// The arrivals of a log, sent at a fixed distance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Simulation {
    pub interval: u64,
    pub messages: u64,
    /// The stretch with the most messages, the earliest of such.
    pub burst: Burst,
    /// The longest that one waits, in milliseconds.
    pub longest_wait: u64,
    /// Still in the queue when the log ends.
    pub left: u64,
    runs: Vec<Run>,
    /// Messages in the runs before each.
    before: Vec<u64>,
}

/// Sends `arrivals`, by minute and in order, one each `interval` milliseconds; all of a minute are
/// taken to come at its start. `None` where nothing came.
pub(crate) fn simulate(
    arrivals: &[(Timestamp, u64)],
    interval: u64,
    until: Option<Timestamp>,
) -> Option<Simulation> {
    let interval = interval.max(1);
    let step = i128::from(interval);
    let (mut runs, mut before, mut messages) = (Vec::with_capacity(arrivals.len()), Vec::new(), 0_u64);
    let (mut free, mut longest) = (i128::MIN, 0_i128);
    let mut bursts: Vec<(Timestamp, i128, u64, i128)> = Vec::new();
    for (at, count) in arrivals.iter().filter(|(_, count)| *count > 0) {
        let came = i128::from(at.as_millisecond());
        let start = came.max(free);
        let last = start + (i128::from(*count) - 1) * step;
        longest = longest.max(last - came);
        match bursts.last_mut().filter(|_| start > came) {
            Some(burst) => (burst.2, burst.3) = (burst.2 + count, last),
            None => bursts.push((*at, came, *count, last)),
        }
        runs.push(Run { start, count: *count });
        before.push(messages);
        messages += count;
        free = last + step;
    }
    let (at, came, in_burst, last) =
        bursts.into_iter().reduce(|most, one| if one.2 > most.2 { one } else { most })?;
    let short = |millis: i128| u64::try_from(millis).unwrap_or(u64::MAX);
    let burst = Burst { at, messages: in_burst, takes: short(last - came) };
    let mut simulation =
        Simulation { interval, messages, burst, longest_wait: short(longest), left: 0, runs, before };
    simulation.left = until.map_or(0, |until| messages - simulation.sent(i128::from(until.as_millisecond())));
    Some(simulation)
}

impl Simulation {
    /// What went out up to `time`, which it includes.
    fn sent(&self, time: i128) -> u64 {
        let Some(index) = self.runs.partition_point(|run| run.start <= time).checked_sub(1) else { return 0 };
        let (Some(run), Some(before)) = (self.runs.get(index), self.before.get(index)) else { return 0 };
        let gone = (time - run.start) / i128::from(self.interval) + 1;
        before + u64::try_from(gone).unwrap_or(u64::MAX).min(run.count)
    }

    /// The most that went out in any span so long. Within a run a span that moves on loses no fewer than it
    /// gains, so that the fullest ends with a run.
    pub(crate) fn most(&self, span: Span) -> u64 {
        let ends = self.runs.iter().map(|run| {
            let end = run.start + (i128::from(run.count) - 1) * i128::from(self.interval);
            self.sent(end) - self.sent(end - i128::from(span.millis()))
        });
        ends.max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_793_577_600 + minute * 60).unwrap()
    }

    /// 4100 at once, one each 600 ms: the last leaves 4099 x 0.6 s = 2459.4 s later, 41 minutes.
    #[test]
    fn the_burst_of_monday() {
        let simulation = simulate(&[(at(540), 4100)], 600, Some(at(1440))).unwrap();
        assert_eq!(simulation.burst, Burst { at: at(540), messages: 4100, takes: 2_459_400 });
        assert_eq!((simulation.longest_wait, simulation.left), (2_459_400, 0));
        assert_eq!((simulation.most(Span::Minute), simulation.most(Span::Hour)), (100, 4100));
        assert_eq!((simulation.most(Span::Second), simulation.most(Span::Day)), (2, 4100));
    }

    /// 30 at 0:00 take until 0:01:27 at 3 s each; 10 that come at 0:01 wait for 30 of them, so the first
    /// leaves at 0:01:30 and the last at 0:01:57. 2 at 0:10 are a stretch of their own.
    #[test]
    fn what_comes_while_the_queue_is_full_waits() {
        let simulation = simulate(&[(at(0), 30), (at(1), 10), (at(10), 2)], 3000, Some(at(10))).unwrap();
        assert_eq!(simulation.burst, Burst { at: at(0), messages: 40, takes: 117_000 });
        assert_eq!(simulation.longest_wait, 87_000);
        assert_eq!((simulation.messages, simulation.left), (42, 1));
        assert_eq!((simulation.most(Span::Minute), simulation.most(Span::Hour)), (20, 42));
    }

    #[test]
    fn a_queue_that_never_empties_says_so() {
        let arrivals: Vec<(Timestamp, u64)> = (0..60).map(|minute| (at(minute), 10)).collect();
        // One a minute: of 600 in an hour 60 go out, the first at once.
        let simulation = simulate(&arrivals, 60_000, Some(at(59))).unwrap();
        assert_eq!((simulation.left, simulation.burst.messages), (540, 600));
        assert_eq!(simulation.burst.takes, 599 * 60_000);
    }

    #[test]
    fn the_fullest_span_is_found_across_runs() {
        // 5 leave by 0:00:40, 6 from 0:01 on by 0:01:50: the minute up to 0:01:50 holds one more than 0:50 on.
        let simulation = simulate(&[(at(0), 5), (at(1), 6)], 10_000, None).unwrap();
        let slow = |span: i64| {
            let mut times: Vec<i64> = (0..5).map(|n| n * 10_000).collect();
            times.extend((0..6).map(|n| 60_000 + n * 10_000));
            let within = |end: i64| times.iter().filter(|time| **time <= end && **time > end - span).count();
            times.iter().map(|end| within(*end)).max().unwrap() as u64
        };
        for span in Span::ALL {
            assert_eq!(simulation.most(span), slow(span.millis() as i64), "{span:?}");
        }
        assert_eq!(simulate(&[], 10, None), None);
        assert_eq!(simulate(&[(at(0), 0)], 10, None), None);
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        let simulation =
            simulate(&[(at(0), u64::from(u32::MAX)), (at(1), 7)], u64::MAX, Some(at(2))).unwrap();
        assert_eq!((simulation.left, simulation.longest_wait), (u64::from(u32::MAX) + 6, u64::MAX));
    }
}
