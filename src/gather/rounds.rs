//! One round of questions put at once, each list operator at its own pace: for
//! commands that ask about thousands of subjects and know themselves when a
//! round is over.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::{Limits, Progress, Reply, Sources, ask, failed};
use crate::model::{Answer, Failure, Question};

/// At most so many questions a second to each operator, a second's worth at once.
pub(crate) struct Pace {
    per_second: f64,
    /// When each operator's next question is due if none is saved up.
    due: Mutex<BTreeMap<usize, Instant>>,
}

impl Pace {
    pub(crate) fn new(per_second: f64) -> Pace {
        Pace { per_second, due: Mutex::default() }
    }

    /// When a question may go out; the generic cell rate algorithm (ITU-T I.371).
    fn slot(&self, operator: usize) -> Instant {
        let now = Instant::now();
        let step = Duration::from_secs_f64(1.0 / self.per_second);
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        let due = due.entry(operator).or_insert(now);
        let at = *due;
        *due = (*due).max(now) + step;
        at.checked_sub(Duration::from_secs(1)).map_or(now, |earliest| earliest.max(now))
    }
}

/// Asks all of them, each with the number of the operator it goes to. What the
/// deadline cuts off comes back as failed.
pub(crate) async fn ask_round(
    questions: Vec<(Question, usize)>,
    sources: &Sources,
    limits: &Limits,
    pace: &Pace,
    deadline: Instant,
    progress: &dyn Progress,
) -> BTreeMap<Question, Answer> {
    let in_flight = Arc::new(Semaphore::new(limits.in_flight));
    let total = questions.len();
    let mut answers = BTreeMap::new();
    let mut left: BTreeMap<Question, ()> = questions.iter().map(|(q, _)| (q.clone(), ())).collect();
    let replies = stream::iter(questions).map(|(question, operator)| {
        let in_flight = in_flight.clone();
        async move {
            tokio::time::sleep_until(pace.slot(operator)).await;
            ask(question, sources, limits, in_flight).await
        }
    });
    // A little more than may be in flight, so that a paced operator holds nobody up.
    let mut replies = std::pin::pin!(replies.buffer_unordered(limits.in_flight * 4));
    while let Ok(Some(reply)) = tokio::time::timeout_at(deadline, replies.next()).await {
        if let Reply::Dns(question, answer) = reply {
            left.remove(&question);
            answers.insert(question, answer);
        }
        progress.update(answers.len(), total);
    }
    for (question, ()) in left {
        if let Reply::Dns(question, answer) = failed(question, Failure::Deadline) {
            answers.insert(question, answer);
        }
    }
    answers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_second_is_saved_up_and_no_more() {
        let pace = Pace::new(10.0);
        let start = Instant::now();
        let slots: Vec<f64> =
            (0..25).map(|_| pace.slot(1).saturating_duration_since(start).as_secs_f64()).collect();
        // Ten at once (and the one due now), then one each tenth of a second.
        assert!(slots[..10].iter().all(|at| *at < 0.05), "{slots:?}");
        assert!((slots[24] - 1.4).abs() < 0.1, "{slots:?}");
        assert!(pace.slot(2).saturating_duration_since(start).as_secs_f64() < 0.05);
    }
}
