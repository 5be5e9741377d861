//! The answers as they would be with other records published, so that a remedy can
//! be judged before anybody is told of it. Asks nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::{Facts, Prepared};
use crate::evidence::{Evidence, Transcript};
use crate::model::{
    Absence, Answer, Location, Name, Observation, Question, Rdata, Record, RecordType, Scope, Source, Topic,
};
use crate::parse::repair::{self, Repaired};

/// What is published at a name: all records of the type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub name: Name,
    pub rtype: RecordType,
    pub rdata: Vec<Rdata>,
}

/// What a web server gives at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    pub url: String,
    pub body: String,
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
        let mut evidence = self.evidence.clone();
        for edit in edits {
            publish(&mut evidence, edit);
        }
        let topics = self.scope.topics.intersection(topics).copied().collect();
        Revision { evidence, scope: Scope { topics, ..self.scope.clone() }, prepared: self.prepared }
    }
}

impl Facts<'_> {
    /// What would be asked if broken records were published as they were meant.
    pub(super) fn wanted_by_repairs(&self) -> BTreeSet<Question> {
        let edits: Vec<Edit> = self
            .evidence
            .answers
            .iter()
            .filter_map(|(question, answer)| self.meant(question, answer))
            .collect();
        if edits.is_empty() {
            return BTreeSet::new();
        }
        self.revision(&edits, &Topic::ALL.into_iter().collect()).facts().wanted()
    }

    /// The records of one answer as they were meant, where that is something else.
    fn meant(&self, question: &Question, answer: &Answer) -> Option<Edit> {
        let (Question::Dns { name, rtype }, Observation::Seen(records)) = (question, &answer.observation)
        else {
            return None;
        };
        let target = self.target();
        let (domain, text) = (target.domain.as_ref(), name.as_str());
        let rdata: Vec<Rdata> = match rtype {
            RecordType::Mx if domain == Some(name) => {
                let tail = format!(".{name}");
                records
                    .iter()
                    .map(|record| match &record.rdata {
                        // A forgotten final dot puts the zone's name behind the host's.
                        Rdata::Mx { preference, exchange }
                            if exchange.as_str().ends_with(&format!("{tail}{tail}"))
                                || foreign(exchange, &tail) =>
                        {
                            let meant = exchange.as_str().strip_suffix(&tail).unwrap_or_default();
                            Rdata::Mx { preference: *preference, exchange: Name::lenient(meant) }
                        }
                        other => other.clone(),
                    })
                    .collect()
            }
            RecordType::Txt => {
                let is_spf = domain == Some(name)
                    || target.envelope_domain().as_ref() == Some(name)
                    || target.helo.as_deref().is_some_and(|helo| Name::lenient(helo) == *name);
                let read: &dyn Fn(&[Vec<u8>]) -> Option<Repaired> = if text.starts_with("_dmarc.") {
                    &repair::dmarc::read
                } else if text.starts_with("_smtp._tls.") {
                    &repair::tls_rpt::read
                } else if is_spf && !repair::spf::is_heap(records.iter().map(|record| &record.rdata)) {
                    &read_spf
                } else {
                    return None;
                };
                records
                    .iter()
                    .map(|record| match &record.rdata {
                        Rdata::Txt(strings) => match read(&self.uncut(name, strings))
                            .filter(Repaired::is_whole)
                            .map(|meant| self.reaching(meant, is_spf, name))
                        {
                            Some(meant) if meant.text.as_bytes() != strings.concat() => {
                                Rdata::Txt(vec![meant.text.into_bytes()])
                            }
                            _ => record.rdata.clone(),
                        },
                        other => other.clone(),
                    })
                    .collect()
            }
            _ => return None,
        };
        let same = rdata.iter().zip(records).all(|(meant, record)| *meant == record.rdata);
        (!same).then(|| Edit { name: name.clone(), rtype: *rtype, rdata })
    }
}

/// Texts that a semicolon outside quotes cut short in the zone file, by their name: without spaces, sorted.
#[derive(Debug, Default)]
pub(super) struct CutTexts(BTreeMap<Name, Vec<(Vec<u8>, String, Location)>>);

/// Texts cut to one record that are looked at: several of them are no reading anyway.
const MOST_CUT: usize = 16;

/// Of words without quotes each is a string, and strings join without a space.
fn dense(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|byte| *byte != b' ').collect()
}

impl Facts<'_> {
    /// The whole texts that a semicolon outside quotes cut short to this record, and their lines.
    pub(crate) fn cut_from(&self, name: &Name, rdata: &Rdata) -> Vec<(&str, &Location)> {
        let cut = self.cells.cut_texts.get_or_init(|| {
            let mut texts: BTreeMap<Name, Vec<(Vec<u8>, String, Location)>> = BTreeMap::new();
            for problem in self.zone_problems().unwrap_or_default() {
                if let Some(whole) = &problem.whole {
                    let text = (dense(whole.as_bytes()), whole.clone(), problem.location.clone());
                    texts.entry(problem.name.clone()).or_default().push(text);
                }
            }
            texts.values_mut().for_each(|of| of.sort());
            CutTexts(texts)
        });
        let (Rdata::Txt(strings), Some(texts)) = (rdata, cut.0.get(name)) else { return Vec::new() };
        let published = dense(&strings.concat());
        let from = texts.partition_point(|(text, ..)| *text <= published);
        let whole = texts[from..].iter().take_while(|(text, ..)| text.starts_with(&published));
        whole.take(MOST_CUT).map(|(_, whole, location)| (whole.as_str(), location)).collect()
    }
}

/// As it was meant, with the terms that no receiver reaches today.
fn read_spf(strings: &[Vec<u8>]) -> Option<Repaired> {
    let mut meant = repair::spf::read(strings)?;
    if let Some(revived) = repair::spf::revived(&meant.text) {
        meant.text = revived;
    }
    Some(meant)
}

/// `mx.provider.example.example.com` below `.example.com`: a whole name of its own before the zone's.
fn foreign(exchange: &Name, tail: &str) -> bool {
    let Some(head) = exchange.as_str().strip_suffix(tail) else { return false };
    head.contains('.') && crate::parse::web::psl::registrable(&Name::lenient(head)).is_some()
}

impl Facts<'_> {
    /// Names that were seen to have an SPF record.
    pub fn spf_record_names(&self) -> Vec<String> {
        let seen = self.evidence.answers.iter().filter_map(|(question, answer)| {
            let (Question::Dns { name, rtype: RecordType::Txt }, Observation::Seen(records)) =
                (question, &answer.observation)
            else {
                return None;
            };
            let has = |record: &Record| {
                record.rdata.joined_text().is_some_and(|text| crate::parse::spf::is_spf(&text))
            };
            records.iter().any(has).then(|| name.to_string())
        });
        seen.collect()
    }

    /// The name that an include with no record behind it was meant to name, whether or not
    /// a record is there.
    pub fn near_include(&self, target: &str, domain: &Name) -> Option<Name> {
        let found = self.ledger.dns(&Name::lenient(target), RecordType::Txt).ok()?;
        let has =
            |record: &Record| record.rdata.joined_text().is_some_and(|text| crate::parse::spf::is_spf(&text));
        if found.records().iter().any(has) {
            return None;
        }
        repair::spf::near_include(target, domain.as_str(), &self.spf_record_names())
            .map(|name| Name::lenient(&name))
    }

    /// The whole of a text that the zone file cuts short, where one line tells it.
    fn uncut(&self, name: &Name, strings: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let rdata = Rdata::Txt(strings.to_vec());
        let wholes: BTreeSet<&str> =
            self.cut_from(name, &rdata).into_iter().map(|(whole, _)| whole).collect();
        match wholes.first().filter(|_| wholes.len() == 1) {
            Some(whole) => vec![whole.as_bytes().to_vec()],
            None => strings.to_vec(),
        }
    }

    /// True where a name provably has no SPF record, and may be a host.
    fn has_no_policy(&self, name: &str) -> bool {
        let is_record =
            |record: &Record| record.rdata.joined_text().is_some_and(|text| crate::parse::spf::is_spf(&text));
        let found = self.ledger.peek(&Name::lenient(name), RecordType::Txt);
        found.is_ok_and(|found| !found.records().iter().any(is_record))
    }

    fn reaching(&self, mut meant: Repaired, is_spf: bool, name: &Name) -> Repaired {
        if is_spf {
            meant.text = self.with_near_includes(&meant.text, name);
        }
        meant
    }

    /// The record with includes that lead nowhere, lists of hosts and hosts without an address named as
    /// they were meant.
    fn with_near_includes(&self, text: &str, domain: &Name) -> String {
        let terms = text.split(' ').map(|term| {
            if let Some(list) = repair::spf::host_list(term) {
                return list.join(" ");
            }
            let Some((head, target)) = term.split_once(':') else { return term.to_owned() };
            let bare = |rtype| {
                let found = self.ledger.peek(&Name::lenient(target), rtype);
                found.is_ok_and(|found| found.records().is_empty())
            };
            let near = match head.to_ascii_lowercase().as_str() {
                "include" => match self.near_include(target, domain) {
                    None if self.has_no_policy(target) => return format!("a:{target}"),
                    near => near,
                },
                "a" if bare(RecordType::A) && bare(RecordType::Aaaa) => Some(Name::lenient(target)),
                "mx" if bare(RecordType::Mx) => Some(Name::lenient(target)),
                _ => None,
            };
            near.map_or_else(|| term.to_owned(), |near| format!("include:{near}"))
        });
        terms.collect::<Vec<_>>().join(" ")
    }
}

impl Revision<'_> {
    /// The same with another file behind an address that gave one.
    pub fn serving(mut self, file: &Served) -> Self {
        let question = Question::Http { url: file.url.clone() };
        if let Some(Observation::Seen(Transcript::Https(transcript))) =
            self.evidence.transcripts.get_mut(&question)
        {
            transcript.body.clone_from(&file.body);
            transcript.body_base64.clear();
        }
        self
    }

    pub fn facts(&self) -> Facts<'_> {
        Facts::assemble(&self.evidence, &self.scope, self.prepared)
    }
}

fn publish(evidence: &mut Evidence, edit: &Edit) {
    let question = Question::Dns { name: edit.name.clone(), rtype: edit.rtype };
    let known = match evidence.answers.get(&question).map(|answer| &answer.observation) {
        Some(Observation::Seen(records)) => records.clone(),
        _ => Vec::new(),
    };
    let mut by_data: BTreeMap<&Rdata, &Record> = BTreeMap::new();
    for record in &known {
        by_data.entry(&record.rdata).or_insert(record);
    }
    let records: Vec<Record> = edit
        .rdata
        .iter()
        .map(|rdata| {
            // What stays keeps its line and its time to live.
            let old = by_data.get(rdata).copied().or(known.first());
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
