//! `remedies[]`: what to publish, change or ask for, with the findings it settles.

use serde::Serialize;

use crate::model::remedy::{RecordSet, Remedy};

/// One remedy.
#[derive(Serialize)]
pub(crate) struct RemedyV1 {
    id: String,
    kind: &'static str,
    owner: String,
    who: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<RecordV1>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<FileV1>,
    replaces: Vec<String>,
    deletes: Vec<String>,
    settles: Vec<String>,
    safe: bool,
    note: String,
}

/// A file to serve.
#[derive(Serialize)]
struct FileV1 {
    url: String,
    text: String,
}

#[derive(Serialize)]
struct RecordV1 {
    name: String,
    #[serde(rename = "type")]
    rtype: String,
    ttl: u32,
    /// As a zone file has them, strings in quotes.
    values: Vec<String>,
    /// The same as whole lines.
    lines: Vec<String>,
}

/// An answer of a command with the remedies beside it.
#[derive(Serialize)]
pub(crate) struct WithRemedies<T> {
    #[serde(flatten)]
    answer: T,
    remedies: Vec<RemedyV1>,
}

pub(crate) fn with_remedies<T>(answer: T, remedies: &[Remedy]) -> WithRemedies<T> {
    WithRemedies { answer, remedies: self::remedies(remedies) }
}

pub(crate) fn remedies(all: &[Remedy]) -> Vec<RemedyV1> {
    all.iter().map(remedy).collect()
}

pub(crate) fn remedy(remedy: &Remedy) -> RemedyV1 {
    RemedyV1 {
        id: remedy.id.clone(),
        kind: remedy.kind.name(),
        owner: remedy.owner.clone(),
        who: remedy.who.clone(),
        record: remedy.record.as_ref().map(record),
        file: remedy.file.as_ref().map(|file| FileV1 { url: file.url.clone(), text: file.text.clone() }),
        replaces: remedy.replaces.clone(),
        deletes: remedy.deletes.clone(),
        settles: remedy.settles.clone(),
        safe: remedy.safe,
        note: remedy.note.clone(),
    }
}

fn record(set: &RecordSet) -> RecordV1 {
    let lines = set.lines();
    let head = format!("{}. {} ", set.name, set.rtype);
    RecordV1 {
        name: set.name.to_string(),
        rtype: set.rtype.to_string(),
        ttl: set.ttl,
        values: lines.iter().map(|line| line.strip_prefix(&head).unwrap_or(line).to_owned()).collect(),
        lines,
    }
}
