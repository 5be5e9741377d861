//! Evidence that may be handed to others: addresses of people masked. Published
//! records stay as they are; anyone can ask for them.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Evidence, Transcript};
use crate::model::redaction::{masked, masked_bytes};
use crate::model::{Failure, Observation, Question};

impl Evidence {
    /// A copy with the addresses of message, log, reports and dialogues masked.
    /// Signatures of a masked message no longer verify.
    pub fn redacted(&self) -> Evidence {
        let mut copy = self.clone();
        copy.target.mail_from = copy.target.mail_from.map(|address| masked(&address));
        if let Some(message) = &mut copy.message {
            message.raw = masked_bytes(&message.raw).into();
        }
        copy.traffic = copy.traffic.and_then(|traffic| through_text(&traffic));
        copy.signing = copy.signing.and_then(|signing| through_text(&signing));
        copy.reports = copy.reports.and_then(|reports| through_text(&reports));
        let transcripts = std::mem::take(&mut copy.transcripts);
        copy.transcripts = transcripts.into_iter().map(transcript_masked).collect();
        if let Some(earlier) = &mut copy.earlier {
            let transcripts = std::mem::take(&mut earlier.transcripts);
            let masked = |(question, seen)| {
                let (_, seen) = transcript_masked((Question::clone(&question), seen));
                (question, seen)
            };
            earlier.transcripts = transcripts.into_iter().map(masked).collect();
        }
        copy
    }
}

/// What does not fit its shape once it is masked is left out rather than shown unmasked.
fn transcript_masked(
    (question, seen): (Question, Observation<Transcript>),
) -> (Question, Observation<Transcript>) {
    let seen = match seen {
        Observation::Seen(transcript) => match transcript.masked(&question, strings_masked) {
            Ok(transcript) => Observation::Seen(transcript),
            Err(why) => Observation::Failed(Failure::Malformed(why)),
        },
        other => other,
    };
    (question_masked(question), seen)
}

/// An address out of the message is masked as it is there, so that a replay finds it.
fn question_masked(question: Question) -> Question {
    match question {
        Question::Post { url } => Question::Post { url: masked(&url) },
        Question::Head { url } => Question::Head { url: masked(&url) },
        other => other,
    }
}

/// Masks every string of a value; what cannot be read back is left out rather
/// than shown unmasked.
fn through_text<T: Serialize + DeserializeOwned>(value: &T) -> Option<T> {
    serde_json::from_value(strings_masked(serde_json::to_value(value).ok()?)).ok()
}

/// As deep as the value, which our own types bound.
fn strings_masked(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(masked(&text)),
        Value::Array(items) => items.into_iter().map(strings_masked).collect(),
        Value::Object(entries) => {
            entries.into_iter().map(|(name, value)| (masked(&name), strings_masked(value))).collect()
        }
        other => other,
    }
}
