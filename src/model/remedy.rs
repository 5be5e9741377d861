//! What to do about findings: one edit per name and type, a header, a setting or
//! a request to somebody else. Data only; `remedy` computes and proves it.

use super::record::quoted;
use super::{Name, Rdata, RecordType};

/// Who has to change what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemedyKind {
    /// DNS records to publish or delete.
    Record,
    /// Header fields of the messages.
    Header,
    /// The configuration of a server or service.
    Setting,
    /// Somebody else acts.
    Request,
}

impl RemedyKind {
    /// The word in the JSON report: `record`, `header`, `setting` or `request`.
    pub fn name(self) -> &'static str {
        match self {
            RemedyKind::Record => "record",
            RemedyKind::Header => "header",
            RemedyKind::Setting => "setting",
            RemedyKind::Request => "request",
        }
    }
}

/// The records to publish at one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordSet {
    /// The owner name of the records.
    pub name: Name,
    /// The one type they have.
    pub rtype: RecordType,
    /// Seconds.
    pub ttl: u32,
    /// The new records; other records of the name and type stay.
    pub values: Vec<Rdata>,
}

impl RecordSet {
    /// The lines for a zone file.
    pub fn lines(&self) -> Vec<String> {
        self.values.iter().map(|value| line(&self.name, self.rtype, value)).collect()
    }
}

/// `example.com. TXT "v=spf1 -all"`.
pub fn line(name: &Name, rtype: RecordType, value: &Rdata) -> String {
    format!("{name}. {rtype} {}", data(value))
}

/// `"v=spf1 -all"`: the data as a zone file holds it.
pub fn data(value: &Rdata) -> String {
    match value {
        Rdata::Txt(strings) => strings.iter().map(|string| quoted(string)).collect::<Vec<_>>().join(" "),
        // The root shows its dot itself.
        Rdata::Mx { preference, exchange } if exchange.is_root() => format!("{preference} ."),
        Rdata::Mx { preference, exchange } => format!("{preference} {exchange}."),
        Rdata::Cname(target) => format!("{target}."),
        other => other.to_string(),
    }
}

/// A file to serve in place of the one that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedFile {
    /// Where it is fetched.
    pub url: String,
    /// All of it.
    pub text: String,
}

/// One thing to do, with the findings it settles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// Stable and unique in a report: kind, name and type.
    pub id: String,
    /// Whether it is a record, a header field, a setting or somebody else's to do.
    pub kind: RemedyKind,
    /// The name, address or message it is about.
    pub owner: String,
    /// Who acts.
    pub who: String,
    /// The records to publish, for [`RemedyKind::Record`] that does more than delete.
    pub record: Option<RecordSet>,
    /// The file to serve, for the setting that is one.
    pub file: Option<PublishedFile>,
    /// Lines that the new records take the place of.
    pub replaces: Vec<String>,
    /// Lines that go, with nothing in their place.
    pub deletes: Vec<String>,
    /// Fingerprints.
    pub settles: Vec<String>,
    /// True where publishing it can cost nobody the right to send.
    pub safe: bool,
    /// What was repaired, and what to know before; empty where nothing.
    pub note: String,
}

impl Remedy {
    /// One sentence for people, the records in it ready for a zone file.
    pub fn sentence(&self) -> String {
        if let Some(file) = &self.file {
            let note = if self.note.is_empty() { String::new() } else { format!("\n({})", self.note) };
            return format!("Serve at {}:\n{}{note}", file.url, file.text.trim_end());
        }
        let lines = self.record.as_ref().map(RecordSet::lines).unwrap_or_default();
        let deletes: Vec<String> = self.deletes.iter().map(|line| in_words(line)).collect();
        let mut text = match (lines.is_empty(), self.replaces.is_empty()) {
            (true, _) => format!("Delete {}", deletes.join(" and ")),
            (false, true) => format!("Publish: {}", lines.join(" and ")),
            (false, false) => format!("Publish instead: {}", lines.join(" and ")),
        };
        if !lines.is_empty() && !deletes.is_empty() {
            text.push_str(&format!(" and delete {}", deletes.join(" and ")));
        }
        if (!self.safe || lines.is_empty()) && !self.note.is_empty() {
            text.push_str(&format!(" ({})", self.note));
        }
        text
    }
}

/// A line to delete, in words that nobody takes for a line to publish.
fn in_words(line: &str) -> String {
    let mut parts = line.splitn(3, ' ');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(name), Some(rtype), Some(data)) => {
            format!("the {rtype} record {data} of {}", name.trim_end_matches('.'))
        }
        _ => line.to_owned(),
    }
}
