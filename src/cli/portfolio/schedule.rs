//! Many domains under way, their outcomes taken in the order of the list, within
//! bounds of memory and time.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use tokio::sync::{Notify, Semaphore, mpsc, oneshot};
use tokio::task::JoinError;
use tokio::time::Instant;

/// Domains under way at most, the slow ones among them.
const UNDER_WAY: usize = 512;
/// Domains begun and not yet taken: how far a slow one can be overtaken.
const AHEAD: usize = 1024;
/// Bytes of outcomes that wait to be taken before no more are begun.
const WAITING_BYTES: usize = 64 << 20;

/// An outcome that may have to wait for its turn.
pub(crate) trait Outcome: Send + 'static {
    /// Bytes in memory, roughly.
    fn weight(&self) -> usize;
}

/// Begins `count` domains, some ahead of the one that is taken next, and takes their
/// outcomes in order; one that ended by a panic with the panic's words. A domain is begun
/// once the one before has put its first questions and `room` says that there is room for
/// more: those under way are to end before others begin. Past the deadline no more are
/// begun. Returns how many were begun.
///
/// # Errors
/// The first error of `take`; what is under way is then abandoned.
pub(crate) async fn in_turn<R: Outcome, F: Future<Output = R> + Send + 'static>(
    count: usize,
    deadline: Instant,
    room: impl AsyncFn(),
    begin: impl Fn(usize) -> F,
    mut take: impl FnMut(usize, Result<R, String>) -> anyhow::Result<()>,
) -> anyhow::Result<usize> {
    let under_way = Arc::new(Semaphore::new(UNDER_WAY));
    let ahead = Semaphore::new(AHEAD);
    let waiting = Arc::new(AtomicUsize::new(0));
    let taken = Notify::new();
    let (sender, mut begun) = mpsc::unbounded_channel();
    let begin_all = async {
        // Moved, so that it closes when no more are begun.
        let sender = sender;
        for at in 0..count {
            let turn = async {
                // What waits heaviest is taken next or behind one that is under way.
                while waiting.load(Ordering::Relaxed) > WAITING_BYTES {
                    taken.notified().await;
                }
                ahead.acquire().await.ok()?.forget();
                room().await;
                under_way.clone().acquire_owned().await.ok()
            };
            let Ok(Some(permit)) = tokio::time::timeout_at(deadline, turn).await else { return Ok(at) };
            let (work, waiting) = (begin(at), waiting.clone());
            let (put, is_put) = oneshot::channel();
            let task = tokio::spawn(async move {
                let mut work = std::pin::pin!(work);
                // The first poll works the first questions out and puts them.
                let outcome = match futures_util::poll!(work.as_mut()) {
                    Poll::Ready(outcome) => outcome,
                    Poll::Pending => {
                        let _ = put.send(());
                        work.await
                    }
                };
                waiting.fetch_add(outcome.weight(), Ordering::Relaxed);
                drop(permit);
                outcome
            });
            if sender.send(task).is_err() {
                return Ok(at);
            }
            // An error where it has ended already.
            let _ = is_put.await;
        }
        anyhow::Ok(count)
    };
    let take_all = async {
        let mut at = 0;
        while let Some(task) = begun.recv().await {
            let outcome = task.await.map_err(words);
            waiting.fetch_sub(outcome.as_ref().map_or(0, Outcome::weight), Ordering::Relaxed);
            take(at, outcome)?;
            ahead.add_permits(1);
            taken.notify_one();
            at += 1;
        }
        anyhow::Ok(())
    };
    let (begun, ()) = tokio::try_join!(begin_all, take_all)?;
    Ok(begun)
}

/// What a task that ended early said.
fn words(error: JoinError) -> String {
    let Ok(panic) = error.try_into_panic() else { return "the audit was abandoned".to_owned() };
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no words");
    format!("the audit ended unexpectedly: {text}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    impl Outcome for usize {
        fn weight(&self) -> usize {
            WAITING_BYTES / 100
        }
    }

    async fn always() {}

    fn far() -> Instant {
        Instant::now() + Duration::from_secs(3600)
    }

    #[tokio::test]
    async fn outcomes_come_in_order_whatever_is_slow() {
        let mut all = Vec::new();
        // Most are overtaken; all together weigh fifty times what may wait.
        let begin = |at: usize| async move {
            tokio::time::sleep(Duration::from_millis((5000 - at as u64) % 9)).await;
            at
        };
        let begun = in_turn(5000, far(), always, begin, |at, outcome| {
            all.push((at, outcome.unwrap()));
            Ok(())
        });
        assert_eq!(begun.await.unwrap(), 5000);
        assert!(all.iter().enumerate().all(|(place, (at, outcome))| place == *at && at == outcome));
        assert_eq!(all.len(), 5000);
    }

    #[tokio::test]
    async fn a_panic_is_an_outcome() {
        let mut all = Vec::new();
        let begin = |at: usize| async move {
            assert!(at != 3, "the fourth");
            at
        };
        in_turn(9, far(), always, begin, |_, outcome| {
            all.push(outcome);
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(all.len(), 9);
        assert!(all[3].as_ref().is_err_and(|words| words.contains("the fourth")), "{all:?}");
        assert!(all.iter().enumerate().all(|(at, outcome)| at == 3 || *outcome == Ok(at)));
    }

    #[tokio::test]
    async fn the_deadline_ends_beginning() {
        let mut taken = 0;
        let begin = |at: usize| async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            at
        };
        // All would take two seconds at least.
        let deadline = Instant::now() + Duration::from_millis(120);
        let begun = in_turn(5000, deadline, always, begin, |_, outcome| {
            taken += usize::from(outcome.is_ok());
            Ok(())
        });
        let begun = begun.await.unwrap();
        assert!(begun < 5000);
        assert_eq!(taken, begun);
    }

    #[tokio::test]
    async fn an_error_of_taking_ends_the_run() {
        let taken = in_turn(
            5000,
            far(),
            always,
            |at| async move { at },
            |at, _| match at {
                7 => Err(anyhow::anyhow!("the eighth")),
                _ => Ok(()),
            },
        );
        assert_eq!(taken.await.unwrap_err().to_string(), "the eighth");
    }

    #[tokio::test]
    async fn those_under_way_end_before_others_begin() {
        let permits = Arc::new(Semaphore::new(10));
        let most = Arc::new(AtomicUsize::new(0));
        let begin = |at: usize| {
            let (permits, most) = (permits.clone(), most.clone());
            async move {
                most.fetch_add(1, Ordering::Relaxed);
                // Three rounds of five questions each.
                for _ in 0..3 {
                    let question = || async {
                        let _permit = permits.acquire().await;
                        tokio::time::sleep(Duration::from_millis(1)).await;
                    };
                    futures_util::future::join_all((0..5).map(|_| question())).await;
                }
                most.fetch_sub(1, Ordering::Relaxed);
                at
            }
        };
        let room = async || drop(permits.acquire().await);
        let mut highest = 0;
        in_turn(200, far(), room, begin, |_, _| {
            highest = highest.max(most.load(Ordering::Relaxed));
            Ok(())
        })
        .await
        .unwrap();
        // Ten questions at once are those of two domains; a few more wait for their turn.
        assert!(highest <= 10, "{highest} under way");
    }
}
