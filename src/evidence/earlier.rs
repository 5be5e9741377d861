//! What an earlier recording holds of things that are judged by their change:
//! the MTA-STS record and policy, which senders keep between two deliveries.

use std::collections::BTreeMap;

use super::{Evidence, Transcript};
use crate::model::{Answer, Observation, Question, RecordType};

/// The part of an earlier run's evidence that this run is compared with.
#[derive(Clone, Debug, Default)]
pub struct Earlier {
    /// When it was observed, seconds since the Unix epoch.
    pub taken_at: i64,
    /// DNS answers of that run.
    pub answers: BTreeMap<Question, Answer>,
    /// Transcripts of that run.
    pub transcripts: BTreeMap<Question, Observation<Transcript>>,
}

impl Earlier {
    /// All of an earlier run's answers, for a comparison of two states.
    pub fn whole(evidence: Evidence) -> Earlier {
        let Evidence { taken_at, answers, transcripts, .. } = evidence;
        Earlier { taken_at, answers, transcripts }
    }
}

impl From<Evidence> for Earlier {
    fn from(evidence: Evidence) -> Earlier {
        let is_record = |question: &Question| matches!(question, Question::Dns { name, rtype: RecordType::Txt } if name.as_str().starts_with("_mta-sts."));
        let is_policy = |question: &Question| matches!(question, Question::Http { url } if url.starts_with("https://mta-sts."));
        let Evidence { taken_at, mut answers, mut transcripts, .. } = evidence;
        answers.retain(|question, _| is_record(question));
        transcripts.retain(|question, _| is_policy(question));
        Earlier { taken_at, answers, transcripts }
    }
}
