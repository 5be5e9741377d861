//! Work of several threads, taken in the order it was given.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc};

/// Items that may be worked on ahead of the one that is taken next, and their weight.
const AHEAD: usize = 256;
const AHEAD_WEIGHT: u64 = 16 << 20;

/// How far the work is.
struct Progress<'w> {
    /// The weight of each item.
    weights: &'w [u64],
    state: Mutex<State>,
    moved: Condvar,
}

#[derive(Default)]
struct State {
    next: usize,
    taken: usize,
    /// Of the items begun and not yet taken.
    weight: u64,
    /// Threads that wait until it moves: most of the time none.
    waiting: usize,
    stopped: bool,
}

impl Progress<'_> {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next item to work on, as soon as it is not too far ahead.
    fn begin(&self) -> Option<usize> {
        let waits = |state: &mut State| {
            let ahead = state.next - state.taken;
            !state.stopped
                && state.next < self.weights.len()
                && ahead > 0
                && (ahead >= AHEAD || state.weight >= AHEAD_WEIGHT)
        };
        let mut state = self.state();
        if waits(&mut state) {
            state.waiting += 1;
            state = self.moved.wait_while(state, waits).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
        let weight = self.weights.get(state.next).filter(|_| !state.stopped)?;
        state.weight = state.weight.saturating_add(*weight);
        state.next += 1;
        Some(state.next - 1)
    }

    fn take(&self) {
        let mut state = self.state();
        state.weight = state.weight.saturating_sub(self.weights.get(state.taken).copied().unwrap_or(0));
        state.taken += 1;
        if state.waiting > 0 {
            self.moved.notify_all();
        }
    }

    fn stop(&self) {
        self.state().stopped = true;
        self.moved.notify_all();
    }
}

/// Nobody waits for the result of a thread that is no more.
struct StopOnPanic<'p>(&'p Progress<'p>);

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop();
        }
    }
}

/// Does `work` for each place of `weights` (bytes, say) on several threads and hands the
/// results to `take` on this one, in order; `take` also learns whether no further result
/// is ready. Few results wait at a time, so that the memory is bounded.
///
/// # Errors
/// The first error of `take`, after which no more work is begun.
pub(super) fn in_order<R: Send, E>(
    weights: &[u64],
    threads: usize,
    work: impl Fn(usize) -> R + Sync,
    mut take: impl FnMut(R, bool) -> Result<(), E>,
) -> Result<(), E> {
    let progress = Progress { weights, state: Mutex::default(), moved: Condvar::new() };
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..threads.clamp(1, weights.len().clamp(1, 256)) {
            let (sender, progress, work) = (sender.clone(), &progress, &work);
            scope.spawn(move || {
                let _stop = StopOnPanic(progress);
                while let Some(at) = progress.begin() {
                    if sender.send((at, work(at))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        for (at, result) in receiver {
            waiting.insert(at, result);
            while let Some(result) = waiting.remove(&next) {
                next += 1;
                progress.take();
                if let Err(error) = take(result, !waiting.contains_key(&next)) {
                    progress.stop();
                    return Err(error);
                }
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squares(weights: &[u64], threads: usize) -> Vec<usize> {
        let mut all = Vec::new();
        let taken = in_order(
            weights,
            threads,
            |at| at * at,
            |square, _| -> Result<(), ()> {
                all.push(square);
                Ok(())
            },
        );
        assert_eq!(taken, Ok(()));
        all
    }

    #[test]
    fn results_come_in_order_whatever_they_weigh() {
        let expected: Vec<usize> = (0..1000).map(|at| at * at).collect();
        for weight in [0, 1, AHEAD_WEIGHT, u64::MAX] {
            for threads in [1, 2, 7] {
                assert_eq!(squares(&vec![weight; 1000], threads), expected, "{weight} {threads}");
            }
        }
        assert!(squares(&[], 4).is_empty());
        assert_eq!(squares(&[1], 0), [0]);
    }

    #[test]
    fn an_error_ends_the_work() {
        let taken = in_order(&[1; 5000], 3, |at| at, |at, _| if at == 7 { Err(at) } else { Ok(()) });
        assert_eq!(taken, Err(7));
    }

    #[test]
    fn a_panic_is_passed_on_and_nobody_waits() {
        let run = || {
            let work = |at: usize| assert!(at != 3, "the fourth");
            in_order(&[1; 5000], 2, work, |(), _| Ok::<(), ()>(()))
        };
        assert!(std::panic::catch_unwind(run).is_err());
    }

    #[test]
    fn the_last_ready_result_is_told() {
        let mut ready = Vec::new();
        let taken = in_order(
            &[1; 3],
            1,
            |at| at,
            |_, last| -> Result<(), ()> {
                ready.push(last);
                Ok(())
            },
        );
        assert_eq!((taken, ready.len(), ready.last()), (Ok(()), 3, Some(&true)));
    }
}
