//! The answers as they would be with other records published, so that a remedy can
//! be judged before anybody is told of it. Asks nothing.

use std::collections::BTreeSet;

use super::{Facts, Prepared};
use crate::evidence::Evidence;
use crate::model::{
    Absence, Answer, Name, Observation, Question, Rdata, Record, RecordType, Scope, Source, Topic,
};

/// What is published at a name: all records of the type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub name: Name,
    pub rtype: RecordType,
    pub rdata: Vec<Rdata>,
}

/// Evidence with edits applied.
pub struct Revision<'e> {
    evidence: Evidence,
    scope: Scope,
    prepared: &'e Prepared,
}

impl<'e> Facts<'e> {
    /// The same run with these records published. Only `topics` are looked at again.
    pub fn revision(&self, edits: &[Edit], topics: &BTreeSet<Topic>) -> Revision<'e> {
        let mut evidence = Evidence {
            target: self.evidence.target.clone(),
            taken_at: self.evidence.taken_at,
            answers: self.evidence.answers.clone(),
            transcripts: self.evidence.transcripts.clone(),
            message: self.evidence.message.clone(),
            brand: self.evidence.brand.clone(),
            reports: self.evidence.reports.clone(),
            ..Evidence::default()
        };
        for edit in edits {
            publish(&mut evidence, edit);
        }
        let topics = self.scope.topics.intersection(topics).copied().collect();
        Revision { evidence, scope: Scope { topics, ..self.scope.clone() }, prepared: self.prepared }
    }
}

impl Revision<'_> {
    pub fn facts(&self) -> Facts<'_> {
        Facts::build(&self.evidence, &self.scope, self.prepared)
    }
}

fn publish(evidence: &mut Evidence, edit: &Edit) {
    let question = Question::Dns { name: edit.name.clone(), rtype: edit.rtype };
    let known = match evidence.answers.get(&question).map(|answer| &answer.observation) {
        Some(Observation::Seen(records)) => records.clone(),
        _ => Vec::new(),
    };
    let records: Vec<Record> = edit
        .rdata
        .iter()
        .map(|rdata| {
            // What stays keeps its line and its time to live.
            let old = known.iter().find(|record| record.rdata == *rdata).or(known.first());
            let mut record = Record::new(rdata.clone());
            if let Some(old) = old {
                record.ttl = old.ttl;
                record.location.clone_from(&old.location);
            }
            record
        })
        .collect();
    let observation =
        if records.is_empty() { Observation::Absent(Absence::NoData) } else { Observation::Seen(records) };
    match evidence.answers.get_mut(&question) {
        Some(answer) => answer.observation = observation,
        None => {
            let answer = Answer { source: Source::Given, ..Answer::given(observation) };
            evidence.answers.insert(question, answer);
        }
    }
}
