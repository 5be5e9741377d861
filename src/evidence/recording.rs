//! The recording: evidence as one JSON file that reads well in a diff.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{BrandEvidence, Earlier, Evidence, MessageEvidence, SettingsEvidence, Transcript};
use crate::model::reports::ReportSummary;
use crate::model::signing::SigningSummary;
use crate::model::traffic::TrafficSummary;
use crate::model::untrusted::{Width, plain};
use crate::model::{
    Absence, Answer, Failure, Location, Name, Observation, Question, Rdata, Record, Source, Target,
    ZoneProblem,
};

/// The format this program writes, and the only one it reads.
pub const FORMAT: &str = "mailvet/recording/1";

/// Why a file is no recording we can replay. Always the file's fault.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// Not JSON of a recording's shape, or bytes in it that are no base64.
    #[error("{file} is no recording: {why}\n  write one with: mailvet audit DOMAIN --record FILE")]
    Unreadable {
        /// The recording's path.
        file: String,
        /// What the JSON reader stopped at.
        why: String,
    },
    /// A recording of another version of the format.
    #[error(
        "{file} is of format {found:?}, and this mailvet reads {FORMAT:?}\n  \
         record it again, or replay it with the version that wrote it"
    )]
    Version {
        /// The recording's path.
        file: String,
        /// The format it names, printable.
        found: String,
    },
    /// A question or an answer that does not mean anything.
    #[error("{file}: the answer to {question:?} cannot be read: {why}")]
    Answer {
        /// The recording's path.
        file: String,
        /// The key under `answers`.
        question: String,
        /// What is wrong with the question or its answer.
        why: String,
    },
}

#[derive(Serialize, Deserialize)]
struct File {
    schema: String,
    taken_at: i64,
    target: Target,
    answers: BTreeMap<String, AnswerForm>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    transcripts: TranscriptForms,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<MessageForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    traffic: Option<TrafficSummary>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signing: Option<SigningSummary>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reports: Option<ReportSummary>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    brand: Option<BrandForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    earlier: Option<EarlierForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zone: Option<Vec<ZoneProblem>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    settings: Option<Vec<SettingsEvidence>>,
}

#[derive(Serialize, Deserialize)]
struct EarlierForm {
    taken_at: i64,
    answers: BTreeMap<String, AnswerForm>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    transcripts: TranscriptForms,
}

/// Base64 each.
#[derive(Serialize, Deserialize)]
struct BrandForm {
    logo: Option<String>,
    certificate: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct MessageForm {
    file: String,
    base64: String,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerForm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seen: Option<Vec<RecordForm>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    absent: Option<Absence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failed: Option<Failure>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    not_attempted: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<Name>,
    #[serde(default)]
    source: Source,
    #[serde(default)]
    took_ms: u32,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    authenticated: bool,
}

#[derive(Serialize, Deserialize)]
struct RecordForm {
    rdata: String,
    ttl: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    location: Option<Location>,
}

/// The recording's text: keys sorted, one final newline; equal evidence gives equal bytes.
pub fn save(evidence: &Evidence) -> String {
    let file = File {
        schema: FORMAT.to_owned(),
        taken_at: evidence.taken_at,
        target: evidence.target.clone(),
        answers: forms_of(&evidence.answers),
        transcripts: transcript_forms(&evidence.transcripts),
        earlier: evidence.earlier.as_ref().map(|earlier| EarlierForm {
            taken_at: earlier.taken_at,
            answers: forms_of(&earlier.answers),
            transcripts: transcript_forms(&earlier.transcripts),
        }),
        zone: evidence.zone.clone(),
        settings: evidence.settings.clone(),
        traffic: evidence.traffic.clone(),
        signing: evidence.signing.clone(),
        reports: evidence.reports.clone(),
        brand: evidence.brand.as_ref().map(|brand| BrandForm {
            logo: brand.logo.as_ref().map(|bytes| STANDARD.encode(bytes)),
            certificate: brand.certificate.as_ref().map(|bytes| STANDARD.encode(bytes)),
        }),
        message: evidence
            .message
            .as_ref()
            .map(|m| MessageForm { file: m.file.clone(), base64: STANDARD.encode(m.raw.as_slice()) }),
    };
    let mut text = serde_json::to_string_pretty(&file).unwrap_or_default();
    text.push('\n');
    text
}

/// Reads what [`save`] wrote. `file` is only for the messages.
///
/// # Errors
/// Where the text is no JSON of a recording's shape, of another format than [`FORMAT`], or holds an
/// answer that cannot be read.
pub fn load(file: &str, text: &str) -> Result<Evidence, RecordingError> {
    #[derive(Deserialize)]
    struct Head {
        schema: String,
    }
    let unreadable = |why: String| RecordingError::Unreadable { file: file.to_owned(), why };
    let head: Head = serde_json::from_str(text).map_err(|error| unreadable(error.to_string()))?;
    if head.schema != FORMAT {
        return Err(RecordingError::Version {
            file: file.to_owned(),
            found: plain(&head.schema, Width::Name),
        });
    }
    let form: File = serde_json::from_str(text).map_err(|error| unreadable(error.to_string()))?;
    let answers = answers_of(file, form.answers)?;
    let earlier = match form.earlier {
        None => None,
        Some(EarlierForm { taken_at, answers, transcripts }) => {
            let transcripts = transcripts_of(transcripts);
            Some(Earlier { taken_at, answers: answers_of(file, answers)?, transcripts })
        }
    };
    let message = match form.message {
        None => None,
        Some(form) => {
            let raw = STANDARD.decode(&form.base64).map_err(|error| unreadable(error.to_string()))?;
            Some(MessageEvidence { file: form.file, raw: raw.into() })
        }
    };
    let decoded = |text: Option<String>| {
        text.map(|text| STANDARD.decode(text).map_err(|error| unreadable(error.to_string()))).transpose()
    };
    let brand = match form.brand {
        None => None,
        Some(form) => {
            Some(BrandEvidence { logo: decoded(form.logo)?, certificate: decoded(form.certificate)? })
        }
    };
    Ok(Evidence {
        zone: form.zone,
        settings: form.settings,
        brand,
        earlier,
        target: form.target,
        taken_at: form.taken_at,
        answers,
        transcripts: transcripts_of(form.transcripts),
        message,
        traffic: form.traffic,
        signing: form.signing,
        reports: form.reports,
    })
}

type TranscriptForms = BTreeMap<Question, Observation<Value>>;

fn transcript_forms(transcripts: &BTreeMap<Question, Observation<Transcript>>) -> TranscriptForms {
    transcripts.iter().map(|(question, seen)| (question.clone(), Transcript::form(seen))).collect()
}

fn transcripts_of(forms: TranscriptForms) -> BTreeMap<Question, Observation<Transcript>> {
    let read = |(question, form)| {
        let seen = Transcript::observed(&question, form);
        (question, seen)
    };
    forms.into_iter().map(read).collect()
}

fn forms_of(answers: &BTreeMap<Question, Answer>) -> BTreeMap<String, AnswerForm> {
    answers.iter().map(|(question, answer)| (question.to_string(), form_of(answer))).collect()
}

fn answers_of(
    file: &str,
    forms: BTreeMap<String, AnswerForm>,
) -> Result<BTreeMap<Question, Answer>, RecordingError> {
    let mut answers = BTreeMap::new();
    for (key, form) in forms {
        let wrong = |why: String| RecordingError::Answer {
            file: file.to_owned(),
            question: plain(&key, Width::Line),
            why: plain(&why, Width::Record),
        };
        let question: Question = key.parse().map_err(&wrong)?;
        let answer = answer_of(&question, form).map_err(&wrong)?;
        answers.insert(question, answer);
    }
    Ok(answers)
}

fn form_of(answer: &Answer) -> AnswerForm {
    let mut form = AnswerForm {
        aliases: answer.aliases.clone(),
        source: answer.source.clone(),
        took_ms: answer.took_ms,
        authenticated: answer.authenticated,
        ..AnswerForm::default()
    };
    match &answer.observation {
        Observation::Seen(records) => {
            let form_of = |r: &Record| RecordForm {
                rdata: r.rdata.to_string(),
                ttl: r.ttl,
                location: r.location.clone(),
            };
            form.seen = Some(records.iter().map(form_of).collect());
        }
        Observation::Absent(absence) => form.absent = Some(*absence),
        Observation::Failed(failure) => form.failed = Some(failure.clone()),
        Observation::NotAttempted(why) => form.not_attempted = Some(why.clone()),
    }
    form
}

fn answer_of(question: &Question, form: AnswerForm) -> Result<Answer, String> {
    let observation = match (form.seen, form.absent, form.failed, form.not_attempted) {
        (Some(records), None, None, None) => {
            let Question::Dns { rtype, .. } = question else {
                return Err("only a DNS question has records".to_owned());
            };
            let record_of = |r: RecordForm| {
                Ok(Record { rdata: Rdata::from_text(*rtype, &r.rdata)?, ttl: r.ttl, location: r.location })
            };
            Observation::Seen(records.into_iter().map(record_of).collect::<Result<_, String>>()?)
        }
        (None, Some(absence), None, None) => Observation::Absent(absence),
        (None, None, Some(failure), None) => Observation::Failed(failure),
        (None, None, None, Some(why)) => Observation::NotAttempted(why),
        _ => return Err("give exactly one of seen, absent, failed, not_attempted".to_owned()),
    };
    Ok(Answer {
        observation,
        aliases: form.aliases,
        source: form.source,
        took_ms: form.took_ms,
        authenticated: form.authenticated,
    })
}
