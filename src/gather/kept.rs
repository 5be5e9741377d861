//! What a run keeps of its answers, so that each question goes out once, whoever
//! asks, within a bound of memory: what has not been asked for in a while goes first.
//!
//! `quick_cache` waits for the same key too, but forgets an entry whose asker fails, where here the
//! failure must stand for a while (RFC 9520) and a partial answer must be asked again.

use std::future::Future;
use std::hash::Hash;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use foldhash::{HashMap, HashMapExt as _};
use tokio::sync::OnceCell;
use tokio::time::Instant;

/// How long a failure stands for later askers too. A silent server must not be asked
/// by every domain of a run, nor one lost datagram make all of them unknown
/// (RFC 9520 section 3.2: at least a second, at most five minutes).
const FAILURE_LIVES: Duration = Duration::from_secs(60);

/// What an entry takes besides its value: the maps, the cell, the question.
const ENTRY_BYTES: usize = 300;

/// What a kept value must say of itself.
pub(super) trait Keep: Clone {
    /// Bytes in memory, roughly.
    fn weight(&self) -> usize;
    /// True where there was no usable answer.
    fn is_failure(&self) -> bool;
    /// False where asking again later may bring more.
    fn lasts(&self) -> bool {
        !self.is_failure()
    }
}

/// Values by question. A question that is under way is waited for, not put again;
/// where its asker gives up, the next one takes over.
pub(super) struct Kept<K, V> {
    generations: Mutex<Generations<K, V>>,
    /// Bytes.
    bound: usize,
    failure_lives: Duration,
    asked: AtomicUsize,
    failed: AtomicUsize,
}

type Cell<V> = Arc<OnceCell<(V, Instant)>>;

/// Those asked for lately, and those of the time before. Where the young weigh half
/// the bound, they become the old, and the old are dropped.
struct Generations<K, V> {
    young: HashMap<K, Cell<V>>,
    old: HashMap<K, Cell<V>>,
    /// Of the young.
    weight: usize,
}

impl<K: Hash + Eq + Clone, V: Keep> Kept<K, V> {
    /// Keeps about `bound` bytes.
    pub(super) fn new(bound: usize) -> Kept<K, V> {
        let generations = Generations { young: HashMap::new(), old: HashMap::new(), weight: 0 };
        Kept {
            generations: Mutex::new(generations),
            bound,
            failure_lives: FAILURE_LIVES,
            asked: AtomicUsize::new(0),
            failed: AtomicUsize::new(0),
        }
    }

    /// The kept value, or what `ask` brings.
    pub(super) async fn get<F: Future<Output = V>>(&self, key: K, ask: impl FnOnce() -> F) -> V {
        let cell = self.cell(key);
        let mut weight = None;
        let (value, _) = cell
            .get_or_init(|| async {
                let value = ask().await;
                weight = Some(value.weight());
                self.asked.fetch_add(1, Ordering::Relaxed);
                self.failed.fetch_add(value.is_failure().into(), Ordering::Relaxed);
                (value, Instant::now())
            })
            .await;
        let value = value.clone();
        if let Some(weight) = weight {
            self.generations.lock().unwrap_or_else(PoisonError::into_inner).add(weight, self.bound);
        }
        value
    }

    /// How many questions went out, and how many of them brought nothing.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.asked.load(Ordering::Relaxed), self.failed.load(Ordering::Relaxed))
    }

    fn cell(&self, key: K) -> Cell<V> {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cell) = generations.young.get(&key).filter(|cell| self.stands(cell)) {
            return cell.clone();
        }
        let old = generations.old.remove(&key).filter(|cell| self.stands(cell));
        let weight = old.as_ref().and_then(|cell| cell.get()).map_or(0, |(value, _)| value.weight());
        let cell = old.unwrap_or_default();
        generations.young.insert(key, cell.clone());
        generations.add(ENTRY_BYTES + weight, self.bound);
        cell
    }

    /// Whether the cell's value, where it has one, still counts.
    fn stands(&self, cell: &Cell<V>) -> bool {
        cell.get().is_none_or(|(value, at)| value.lasts() || at.elapsed() < self.failure_lives)
    }
}

impl<K, V> Generations<K, V> {
    fn add(&mut self, weight: usize, bound: usize) {
        self.weight += weight;
        if self.weight > bound / 2 {
            self.old = std::mem::take(&mut self.young);
            self.weight = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Value(&'static str, usize);

    impl Keep for Value {
        fn weight(&self) -> usize {
            self.1
        }

        fn is_failure(&self) -> bool {
            self.0 == "timeout"
        }
    }

    #[tokio::test]
    async fn askers_at_once_put_a_question_once() {
        let kept = Kept::new(1 << 20);
        let slow = || async {
            tokio::task::yield_now().await;
            Value("answer", 1)
        };
        let values = futures_util::future::join_all((0..50).map(|_| kept.get("q", slow))).await;
        assert!(values.iter().all(|value| *value == Value("answer", 1)));
        assert_eq!(kept.counts(), (1, 0));
    }

    #[tokio::test]
    async fn the_next_asker_takes_over_from_one_who_gave_up() {
        let kept = Kept::new(1 << 20);
        let never = kept.get("q", std::future::pending);
        assert!(tokio::time::timeout(Duration::from_millis(1), never).await.is_err());
        assert_eq!(kept.get("q", || async { Value("answer", 1) }).await, Value("answer", 1));
    }

    #[tokio::test]
    async fn a_failure_stands_for_a_while_only() {
        let mut kept = Kept::new(1 << 20);
        assert_eq!(kept.get("q", || async { Value("timeout", 1) }).await.0, "timeout");
        assert_eq!(kept.get("q", || async { Value("answer", 1) }).await.0, "timeout");
        // As if the while had passed.
        kept.failure_lives = Duration::ZERO;
        assert_eq!(kept.get("q", || async { Value("answer", 1) }).await.0, "answer");
        assert_eq!(kept.get("q", || async { Value("later", 1) }).await.0, "answer");
        assert_eq!(kept.counts(), (2, 1));
    }

    #[tokio::test]
    async fn what_is_asked_for_often_stays_and_memory_is_bounded() {
        let kept = Kept::new(100_000);
        for at in 0..10_000 {
            kept.get(at, || async { Value("answer", 700) }).await;
            kept.get(usize::MAX, || async { Value("shared", 700) }).await;
        }
        assert_eq!(kept.counts(), (10_001, 0));
        let generations = kept.generations.lock().unwrap();
        assert!(generations.young.len() + generations.old.len() <= 102);
    }
}
