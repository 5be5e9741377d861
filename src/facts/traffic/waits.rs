//! Where delivered mail waited: before the queue, in the queue, connecting and sending.

use std::collections::BTreeMap;

use crate::model::traffic::{BUCKETS, DELAY_PARTS};
use crate::parse::log::event::NO_DELAY;

/// Deliveries by part and bucket.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Waits([[u64; BUCKETS.len()]; DELAY_PARTS.len()]);

impl Waits {
    /// Counts one delivery; parts in milliseconds.
    #[inline]
    pub(super) fn count(&mut self, delays: &[u32; DELAY_PARTS.len()]) {
        for (part, millis) in self.0.iter_mut().zip(delays) {
            if *millis == NO_DELAY {
                continue;
            }
            let seconds = u64::from(*millis).div_ceil(1000);
            let place = BUCKETS.iter().position(|bound| seconds <= *bound);
            if let Some(count) = place.and_then(|place| part.get_mut(place)) {
                *count += 1;
            }
        }
    }

    /// Adds the counts to those of a summary.
    pub(super) fn add_to(&self, parts: &mut Vec<BTreeMap<u64, u64>>) {
        if self.0.iter().flatten().all(|count| *count == 0) {
            return;
        }
        parts.resize(DELAY_PARTS.len(), BTreeMap::new());
        for (part, counts) in parts.iter_mut().zip(&self.0) {
            for (bound, count) in BUCKETS.iter().zip(counts).filter(|(_, count)| **count > 0) {
                *part.entry(*bound).or_default() += count;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_counted_by_their_upper_bound() {
        let mut waits = Waits::default();
        waits.count(&[100, 9000, NO_DELAY, 61_000]);
        let mut parts = Vec::new();
        waits.add_to(&mut parts);
        let of = |bound| BTreeMap::from([(bound, 1)]);
        assert_eq!(parts, [of(1), of(10), BTreeMap::new(), of(300)]);
    }
}
