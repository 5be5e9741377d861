//! What was observed in a run: raw, complete, replayable. Checks never see it;
//! `facts` reads it, `gather` and a recording write it.

mod earlier;
pub(crate) mod handover;
pub(crate) mod head;
pub(crate) mod https;
pub(crate) mod post;
mod recording;
mod redaction;
pub(crate) mod scan;
pub(crate) mod smtp;
pub(crate) mod transcript;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::reports::ReportSummary;
use crate::model::signing::SigningSummary;
use crate::model::traffic::TrafficSummary;
use crate::model::{Answer, Observation, Question, Rdata, RecordType, Target, ZoneProblem};

pub use earlier::Earlier;
pub use recording::{FORMAT, RecordingError, load, save};
pub use transcript::{Shape, Transcript};

/// Raw observations of one run and the time they were taken at.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Who was asked about.
    pub target: Target,
    /// The clock to judge by, seconds since the Unix epoch.
    pub taken_at: i64,
    /// DNS answers by question.
    pub answers: BTreeMap<Question, Answer>,
    /// What other protocols than DNS brought.
    pub transcripts: BTreeMap<Question, Observation<Transcript>>,
    /// The sample message as it would be handed to the relay.
    pub message: Option<MessageEvidence>,
    /// Aggregates of the logs given; the logs themselves are not kept.
    pub traffic: Option<TrafficSummary>,
    /// The DKIM selectors those logs name.
    pub signing: Option<SigningSummary>,
    /// Aggregates of the DMARC and TLS reports given; the reports themselves are not kept.
    pub reports: Option<ReportSummary>,
    /// The logo and mark certificate given as files.
    pub brand: Option<BrandEvidence>,
    /// Of the recording given with `--before`.
    pub earlier: Option<Earlier>,
    /// What the readers of the zone files found.
    pub zone: Option<Vec<ZoneProblem>>,
    /// The settings of the sending IBM i, as printed.
    pub settings: Option<Vec<SettingsEvidence>>,
}

/// A file of printed settings, raw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsEvidence {
    /// The path as the user gave it.
    pub file: String,
    /// What is not UTF-8 is U+FFFD.
    pub text: String,
}

/// Files of BIMI as the user has them, raw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BrandEvidence {
    /// The SVG file.
    pub logo: Option<Vec<u8>>,
    /// PEM.
    pub certificate: Option<Vec<u8>>,
}

/// The sample message, raw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageEvidence {
    /// The file it came from, as the user named it.
    pub file: String,
    /// Shared: every view of the message reads these same bytes.
    pub raw: Arc<Vec<u8>>,
}

impl Evidence {
    /// The addresses of a host that were observed, IPv4 first.
    pub fn addresses(&self, name: &crate::model::Name) -> Vec<std::net::IpAddr> {
        let of = |rtype| {
            let question = Question::Dns { name: name.clone(), rtype };
            match self.answers.get(&question).map(|answer| &answer.observation) {
                Some(Observation::Seen(records)) => records.as_slice(),
                _ => &[],
            }
        };
        let both = [RecordType::A, RecordType::Aaaa].into_iter().flat_map(of);
        both.filter_map(|record| match record.rdata {
            Rdata::A(ip) => Some(ip.into()),
            Rdata::Aaaa(ip) => Some(ip.into()),
            _ => None,
        })
        .collect()
    }

    /// Questions asked; one that a run may not ask is none.
    pub fn asked(&self) -> usize {
        let of_dns = self.answers.values().filter(|answer| answer.observation.is_attempted()).count();
        of_dns + self.transcripts.values().filter(|observation| observation.is_attempted()).count()
    }

    /// Questions that were asked and got no usable answer.
    pub fn asked_in_vain(&self) -> usize {
        let of_dns = self.answers.values().filter(|answer| answer.observation.is_failed()).count();
        of_dns + self.transcripts.values().filter(|observation| observation.is_failed()).count()
    }

    /// Questions without a usable answer, with the reason, in their order.
    pub fn failures(&self) -> impl Iterator<Item = (&Question, String)> {
        let dns = self.answers.iter().map(|(question, answer)| (question, reason(&answer.observation)));
        let others = self.transcripts.iter().map(|(question, observation)| (question, reason(observation)));
        dns.chain(others).filter_map(|(question, reason)| Some((question, reason?)))
    }
}

fn reason<T>(observation: &Observation<T>) -> Option<String> {
    match observation {
        Observation::Seen(_) | Observation::Absent(_) => None,
        Observation::Failed(failure) => Some(failure.to_string()),
        Observation::NotAttempted(why) => Some(format!("not asked: {why}")),
    }
}
