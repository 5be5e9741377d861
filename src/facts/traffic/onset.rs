//! When a receiver began to defer, and how much it took at the time.

use super::minutes::MinuteCounts;
use super::peak::MINUTE;
use crate::model::traffic::{Ending, Onset};
use crate::parse::log::event::{Millis, NO_TIME};
use crate::parse::log::stamp::{self, timestamp};

/// After so long without the reply its next one is a new beginning.
const QUIET: Millis = 30 * MINUTE;
/// Beginnings kept of one reply, the first of them.
const KEPT: usize = 16;

/// Whether a reply at `at` begins anew after the latest of `last`.
#[inline]
pub(super) fn is_new(last: Millis, at: Millis) -> bool {
    at != NO_TIME && (last == NO_TIME || at > last.saturating_add(QUIET))
}

/// The beginnings of a reply's first sight.
pub(super) fn first(ending: Ending, at: Millis) -> Vec<Millis> {
    if ending == Ending::Deferred && at != NO_TIME { vec![at] } else { Vec::new() }
}

pub(super) fn add(onsets: &mut Vec<Millis>, at: Millis) {
    if onsets.len() < KEPT {
        onsets.push(at);
    }
}

/// Adds those of the block that follows; `last` is when the reply was seen latest before.
pub(super) fn append(onsets: &mut Vec<Millis>, last: Millis, next: &[Millis]) {
    next.iter().filter(|at| is_new(last, **at)).for_each(|at| add(onsets, *at));
}

/// Each beginning with what was taken; without those whose minutes are not followed.
pub(super) fn rated(onsets: &[Millis], taken: &MinuteCounts, provider: u32, years: i32) -> Vec<Onset> {
    onsets
        .iter()
        .filter_map(|at| {
            let minute = u32::try_from(at.div_euclid(MINUTE)).ok()?;
            let before = minute.checked_sub(1)?;
            Some(Onset {
                at: timestamp(stamp::shift_years(*at, years))?,
                minute: taken.sum(provider, minute, minute)?.max(taken.sum(provider, before, before)?),
                hour: taken.sum(provider, minute.checked_sub(59)?, minute)?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::traffic::minutes::mark;

    #[test]
    fn cuts_change_no_beginning() {
        let times = [0, 5, 40, 41, 75, 90, 130].map(|minute| minute * MINUTE);
        let block = |times: &[Millis]| {
            let (mut onsets, mut last) = (Vec::new(), NO_TIME);
            for at in times {
                if is_new(last, *at) {
                    add(&mut onsets, *at);
                }
                last = last.max(*at);
            }
            (onsets, last)
        };
        let whole = block(&times).0;
        assert_eq!(whole, [0, 40, 75, 130].map(|minute| minute * MINUTE));
        for cut in 0..=times.len() {
            let (mut onsets, last) = block(&times[..cut]);
            append(&mut onsets, last, &block(&times[cut..]).0);
            assert_eq!(onsets, whole, "{cut}");
        }
    }

    #[test]
    fn the_rate_is_of_the_minute_and_of_the_hour_before() {
        let (mut attempts, one) = (MinuteCounts::default(), mark("example.com"));
        for (minute, count) in [(100, 7), (150, 90), (159, 20), (160, 12), (161, 50)] {
            attempts.add(one, minute * MINUTE, count);
        }
        let rated = rated(&[160 * MINUTE + 1000], &attempts, one, 0);
        assert_eq!((rated[0].minute, rated[0].hour), (20, 122));
    }
}
