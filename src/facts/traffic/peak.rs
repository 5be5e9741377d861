//! The busiest minute, found in one pass over attempts that come in order.

use crate::model::traffic::Peak;
use crate::parse::log::stamp::{self, timestamp};

pub(super) const MINUTE: i64 = 60_000;

/// Attempts a minute, as a run: mergeable with the run before it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Minutes {
    first: (i64, u64),
    current: (i64, u64),
    peak: (i64, u64),
}

impl Minutes {
    pub(super) fn hit(&mut self, minute: i64) {
        if self.first.1 == 0 {
            *self = Minutes { first: (minute, 1), current: (minute, 1), peak: (minute, 1) };
            return;
        }
        if self.first.0 == minute {
            self.first.1 += 1;
        }
        if self.current.0 == minute {
            self.current.1 += 1;
        } else {
            self.current = (minute, 1);
        }
        if self.current.1 > self.peak.1 {
            self.peak = self.current;
        }
    }

    pub(super) fn append(&mut self, next: &Minutes) {
        if next.first.1 == 0 {
            return;
        }
        if self.first.1 == 0 {
            *self = *next;
            return;
        }
        let joined = if self.current.0 == next.first.0 { self.current.1 } else { 0 };
        let single = next.first.0 == next.current.0;
        if self.first.0 == next.first.0 {
            self.first.1 += next.first.1;
        }
        let met = (next.first.0, next.first.1 + joined);
        self.current = if single { met } else { next.current };
        for candidate in [met, next.peak] {
            if candidate.1 > self.peak.1 {
                self.peak = candidate;
            }
        }
    }

    pub(super) fn shift_years(&mut self, years: i32) {
        for (minute, _) in [&mut self.first, &mut self.current, &mut self.peak] {
            *minute = stamp::shift_years(*minute * MINUTE, years).div_euclid(MINUTE);
        }
    }

    pub(super) fn peak(&self, years: i32) -> Option<Peak> {
        let at = timestamp(stamp::shift_years(self.peak.0.checked_mul(MINUTE)?, years))?;
        (self.peak.1 > 0).then_some(Peak { at, attempts: self.peak.1 })
    }
}

#[cfg(test)]
mod tests {
    use super::Minutes;

    #[test]
    fn runs_of_minutes_merge_as_if_they_were_one() {
        let hits = [1, 1, 2, 2, 2, 2, 3, 3, 3, 5, 5, 5, 5, 5, 6];
        let mut whole = Minutes::default();
        hits.iter().for_each(|minute| whole.hit(*minute));
        for cut in 0..hits.len() {
            let (mut left, mut right) = (Minutes::default(), Minutes::default());
            hits[..cut].iter().for_each(|minute| left.hit(*minute));
            hits[cut..].iter().for_each(|minute| right.hit(*minute));
            left.append(&right);
            assert_eq!(
                (left.peak, left.current, left.first),
                (whole.peak, whole.current, whole.first),
                "{cut}"
            );
        }
    }
}
