//! Evidence for many domains at once: one bound on the questions in flight, and one
//! store of answers, so that what several domains ask for is asked once.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::kept::{Keep, Kept};
use super::{Desk, Ended, Limits, Progress, Reply, Sources};
use crate::evidence::{Evidence, Transcript};
use crate::facts::Prepared;
use crate::model::{Answer, Observation, Question, Rdata, Record, Scope, ValidationOutcome};

/// Bytes of answers that are kept: those of some thousand domains, so that a shared
/// include, name server or list, asked for by every few, is always among them.
const KEPT_BYTES: usize = 32 << 20;

/// Answers by question.
pub(super) type Answers = Kept<Question, Reply>;

/// What all domains of a run share.
pub(crate) struct Portfolio {
    sources: Sources,
    limits: Limits,
    in_flight: Arc<Semaphore>,
    answers: Answers,
}

impl Portfolio {
    pub(crate) fn new(sources: Sources, limits: Limits) -> Portfolio {
        // Most questions go to one server, and what waits there should wait here, where
        // it is known that there is no room for another domain.
        let in_flight = Arc::new(Semaphore::new(limits.in_flight.min(limits.per_server)));
        Portfolio { sources, limits, in_flight, answers: Kept::new(KEPT_BYTES) }
    }

    /// One that shares the room for questions, and answers from other zone files.
    pub(crate) fn beside(&self, zones: super::zonefile::ZoneFiles) -> Portfolio {
        Portfolio {
            sources: Sources { zones, dns: self.sources.dns.clone() },
            limits: self.limits.clone(),
            in_flight: self.in_flight.clone(),
            answers: Kept::new(KEPT_BYTES),
        }
    }

    /// The zone files that answer first.
    pub(crate) fn zones(&self) -> &super::zonefile::ZoneFiles {
        &self.sources.zones
    }

    /// Asks all that one domain's scope wants. What is missing in evidence that the deadline cut off
    /// was never asked: such evidence is thrown away, or [`super::cut_off`] names the reason in it.
    pub(crate) async fn gather(
        &self,
        evidence: &mut Evidence,
        scope: &Scope,
        prepared: &Prepared,
        deadline: Instant,
    ) -> Ended {
        let desk = Desk {
            sources: &self.sources,
            limits: &self.limits,
            in_flight: self.in_flight.clone(),
            shared: Some(&self.answers),
        };
        desk.gather(evidence, scope, prepared, Vec::new(), deadline, &Uncounted).await
    }

    /// Waits until every question put so far is on its way: the time to begin another domain.
    pub(crate) async fn has_room(&self) {
        // Never closed, so acquiring cannot fail; permits go out in the order of asking.
        let _permit = self.in_flight.acquire().await;
    }

    /// How many questions were asked, each once, and how many brought no usable answer.
    pub(crate) fn questions(&self) -> (usize, usize) {
        self.answers.counts()
    }
}

/// Domains are counted, not their questions.
struct Uncounted;

impl Progress for Uncounted {
    fn update(&self, _: usize, _: usize) {}
}

impl Keep for Reply {
    fn weight(&self) -> usize {
        match self {
            Reply::Dns(question, answer) => 2 * question_weight(question) + answer_weight(answer),
            // A verdict or a few records, as JSON.
            Reply::Transcript(question, _) => 2 * question_weight(question) + 1000,
        }
    }

    fn is_failure(&self) -> bool {
        match self {
            Reply::Dns(_, answer) => matches!(answer.observation, Observation::Failed(_)),
            Reply::Transcript(_, observation) => matches!(observation, Observation::Failed(_)),
        }
    }

    /// A validation that a lost key left open may succeed later.
    fn lasts(&self) -> bool {
        match self {
            Reply::Transcript(_, Observation::Seen(Transcript::Dnssec(validation))) => {
                validation.outcome != ValidationOutcome::Indeterminate
            }
            _ => !self.is_failure(),
        }
    }
}

fn question_weight(question: &Question) -> usize {
    let text = match question {
        Question::Dns { name, .. } | Question::Dnssec { name, .. } | Question::Authority { name, .. } => {
            name.as_str().len()
        }
        _ => 0,
    };
    std::mem::size_of::<Question>() + text
}

fn answer_weight(answer: &Answer) -> usize {
    let records = match &answer.observation {
        Observation::Seen(records) => records.iter().map(record_weight).sum(),
        _ => 0,
    };
    let aliases: usize = answer.aliases.iter().map(|alias| 40 + alias.as_str().len()).sum();
    std::mem::size_of::<Answer>() + records + aliases
}

fn record_weight(record: &Record) -> usize {
    let data = match &record.rdata {
        Rdata::Txt(strings) | Rdata::Spf(strings) => strings.iter().map(|string| 40 + string.len()).sum(),
        Rdata::Tlsa { data, .. } | Rdata::Other { data, .. } => data.len(),
        Rdata::Caa { value, .. } => 40 + value.len(),
        // Names and numbers: a name has 255 octets at most, and most have far fewer.
        _ => 40,
    };
    std::mem::size_of::<Record>() + data
}
