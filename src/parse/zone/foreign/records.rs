//! Records that are given as name, type, TTL and value, collected into zones.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::diagnostic::{Diagnostic, Level, Span};
use super::super::{FALLBACK_TTL, Lost, MAX_DIAGNOSTICS, Parsed, Place, Provider, Source, Zone, ZoneRecord};
use crate::model::untrusted::Width;
use crate::model::{Location, Name, Rdata, RecordType, untrusted};

/// Records of one file, by zone.
pub(super) struct Records {
    /// Where what comes next is written.
    file: Arc<str>,
    sources: Vec<Source>,
    zones: BTreeMap<Name, Held>,
}

#[derive(Default)]
struct Held {
    records: Vec<ZoneRecord>,
    lost: Vec<Lost>,
    diagnostics: Vec<Diagnostic>,
    providers: BTreeSet<Provider>,
    /// Of each owner and type, the identifier of the first of several sets.
    variants: BTreeMap<(Name, String), String>,
}

impl Records {
    pub(super) fn new(file: &str, source: &[u8]) -> Records {
        let file: Arc<str> = file.into();
        let sources = vec![Source { file: file.clone(), bytes: source.into() }];
        Records { file, sources, zones: BTreeMap::new() }
    }

    /// The file that the lines of the next records are of.
    pub(super) fn stand_in(&mut self, file: &Arc<str>) {
        self.file = file.clone();
    }

    /// Other files that records stand in.
    pub(super) fn read_too(&mut self, sources: Vec<Source>) {
        self.sources.extend(sources);
    }

    /// Makes sure that the zone is there, though it may have no records.
    pub(super) fn zone(&mut self, zone: &Name) {
        self.zones.entry(zone.clone()).or_default();
    }

    /// The file holds a part of the zone: what is not in it may be published all the same.
    pub(super) fn partial(&mut self, zone: &Name, line: u32) {
        self.open(zone, None, line);
    }

    /// What stands at the name is written elsewhere too; without an owner at any name.
    pub(super) fn open(&mut self, zone: &Name, owner: Option<Name>, line: u32) {
        let location = Location { file: self.file.to_string(), line };
        let lost = Lost { owner, rtype: None, location, split: None, is_open: true };
        self.zones.entry(zone.clone()).or_default().lost.push(lost);
    }

    /// One record whose data is known.
    pub(super) fn push(&mut self, zone: &Name, owner: Name, ttl: Option<u32>, rdata: Rdata, line: u32) {
        let place =
            Place { file: self.file.clone(), line, span: Span::default(), owner: None, data: Box::default() };
        let record = ZoneRecord { owner, ttl: ttl.unwrap_or(FALLBACK_TTL), rdata, place };
        self.zones.entry(zone.clone()).or_default().records.push(record);
    }

    /// One record whose data stands as in a master file, names complete.
    pub(super) fn text(
        &mut self,
        zone: &Name,
        owner: Name,
        ttl: Option<u32>,
        kind: &str,
        value: &str,
        line: u32,
    ) {
        // `\# LENGTH HEX` is of every type (RFC 3597 section 5).
        let known = RecordType::from_text(kind).filter(|_| !value.starts_with("\\#"));
        let read = known.map(|rtype| (rtype, Rdata::from_text(rtype, value)));
        let (rtype, read) = match read {
            Some((rtype, Ok(rdata))) if !matches!(rdata, Rdata::Other { .. }) => (rtype, Ok(rdata)),
            // Types that mail does not need are known to the reader of master files.
            known => match (master(kind, value), known) {
                (Master::Record(rdata), _) => (rdata.record_type(), Ok(rdata)),
                (_, Some(known)) => known,
                (Master::Type(rtype), None) => (rtype, Err(String::new())),
                (Master::Unknown, None) => return self.unknown(zone, owner, kind, line),
            },
        };
        match read {
            Ok(rdata) => self.push(zone, owner, ttl, rdata, line),
            // What mail does not depend on is kept without its data.
            Err(_) if !is_about_mail(rtype) => {
                self.push(zone, owner, ttl, Rdata::Other { rtype, data: Vec::new() }, line);
            }
            Err(_) => {
                let shown = untrusted::plain(value, Width::Name);
                self.broken(zone, owner, Some(rtype), line, format!("`{shown}` is no data of type {rtype}"));
            }
        }
    }

    /// A TXT record of one text, in strings of at most 255 octets as servers publish it.
    pub(super) fn txt(&mut self, zone: &Name, owner: Name, ttl: Option<u32>, text: &[u8], line: u32) {
        let mut strings: Vec<Vec<u8>> = text.chunks(255).map(<[u8]>::to_vec).collect();
        if strings.is_empty() {
            strings.push(Vec::new());
        }
        self.push(zone, owner, ttl, Rdata::Txt(strings), line);
    }

    /// A type that only its provider knows: the addresses of the name are not known here.
    pub(super) fn unknown(&mut self, zone: &Name, owner: Name, kind: &str, line: u32) {
        let kind = untrusted::plain(kind, Width::Word);
        let held = self.zones.entry(zone.clone()).or_default();
        let location = Location { file: self.file.to_string(), line };
        for rtype in [RecordType::A, RecordType::Aaaa] {
            held.lost.push(Lost {
                owner: Some(owner.clone()),
                rtype: Some(rtype),
                location: location.clone(),
                split: None,
                is_open: false,
            });
        }
        let message = format!("{kind} is a type of one provider; the addresses it gives are not known here");
        self.say(
            zone,
            Level::Warning,
            "provider-type",
            owner,
            line,
            message,
            "nothing to do where that provider serves the zone",
        );
    }

    /// Values that are not known yet; without an owner they may be of any name.
    pub(super) fn later(
        &mut self,
        zone: &Name,
        owner: Option<Name>,
        rtype: Option<RecordType>,
        line: u32,
        why: String,
    ) {
        let held = self.zones.entry(zone.clone()).or_default();
        let location = Location { file: self.file.to_string(), line };
        held.lost.push(Lost { owner: owner.clone(), rtype, location, split: None, is_open: true });
        let owner = owner.unwrap_or_else(|| zone.clone());
        let remedy = "look at the record when the run has made it";
        self.say(zone, Level::Warning, "value-unknown", owner, line, why, remedy);
    }

    /// Whether another set of the same owner and type came before this one. Servers answer with one
    /// of them by weight, place or health: records of two are never seen together.
    pub(super) fn is_another(&mut self, zone: &Name, owner: &Name, kind: &str, set: &str, line: u32) -> bool {
        let held = self.zones.entry(zone.clone()).or_default();
        let key = (owner.clone(), kind.to_ascii_uppercase());
        let first = held.variants.entry(key).or_insert_with(|| set.to_owned());
        if first == set {
            return false;
        }
        let [first, shown] = [first.as_str(), set].map(|set| untrusted::plain(set, Width::Word));
        let kind = untrusted::plain(kind, Width::Word);
        let why = format!(
            "of several {kind} sets at one name the one called {first} is judged; {shown} is answered in its place to some and was not looked at"
        );
        let remedy = "keep in all sets what mail needs";
        self.say(zone, Level::Warning, "value-unknown", owner.clone(), line, why, remedy);
        true
    }

    /// Who publishes the zone.
    pub(super) fn served_by(&mut self, zone: &Name, provider: Provider) {
        self.zones.entry(zone.clone()).or_default().providers.insert(provider);
    }

    /// A text whose words the provider takes for strings of their own.
    pub(super) fn unquoted(&mut self, zone: &Name, owner: Name, line: u32) {
        let message =
            "each unquoted word is a string of its own, and strings join without a space".to_owned();
        let remedy = "put the whole text in quotes";
        self.say(zone, Level::Warning, "unquoted-text", owner, line, message, remedy);
    }

    /// An entry that gives no record.
    pub(super) fn broken(
        &mut self,
        zone: &Name,
        owner: Name,
        rtype: Option<RecordType>,
        line: u32,
        why: String,
    ) {
        let held = self.zones.entry(zone.clone()).or_default();
        let location = Location { file: self.file.to_string(), line };
        held.lost.push(Lost { owner: Some(owner.clone()), rtype, location, split: None, is_open: false });
        self.say(zone, Level::Error, "bad-entry", owner, line, why, "correct the entry");
    }

    /// An entry whose owner is not told either: what is there stands, what is not may be the entry's.
    pub(super) fn unread(&mut self, zone: &Name, line: u32, why: String) {
        let location = Location { file: self.file.to_string(), line };
        let lost = Lost { owner: None, rtype: None, location, split: None, is_open: false };
        self.zones.entry(zone.clone()).or_default().lost.push(lost);
        self.say(zone, Level::Error, "bad-entry", zone.clone(), line, why, "correct the entry");
    }

    #[allow(clippy::too_many_arguments, reason = "the fields of one diagnostic")]
    fn say(
        &mut self,
        zone: &Name,
        level: Level,
        code: &'static str,
        owner: Name,
        line: u32,
        message: String,
        remedy: &str,
    ) {
        let file = self.file.clone();
        let held = self.zones.entry(zone.clone()).or_default();
        if held.diagnostics.len() < MAX_DIAGNOSTICS {
            held.diagnostics.push(Diagnostic {
                level,
                code,
                file,
                line,
                span: 0..0,
                message,
                remedy: remedy.to_owned(),
                owner: Some(owner),
            });
        }
    }

    pub(super) fn finish(self) -> Vec<Parsed> {
        let Records { sources, zones, .. } = self;
        let parsed = |(origin, held): (Name, Held)| Parsed {
            zone: Zone::new(Some(origin), held.records, held.lost),
            diagnostics: held.diagnostics,
            sources: sources.clone(),
            // Records of one zone at two providers: which of them is asked the file does not say.
            provider: held.providers.first().copied().filter(|_| held.providers.len() == 1),
        };
        zones.into_iter().map(parsed).collect()
    }
}

/// What the reader of master files makes of a type and its data.
enum Master {
    Record(Rdata),
    /// It knows the type, and the data is none.
    Type(RecordType),
    Unknown,
}

fn master(kind: &str, value: &str) -> Master {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if !kind.chars().all(word) || value.contains(['\n', '\r']) {
        return Master::Unknown;
    }
    let text = format!("@ 60 IN {kind} {value}\n");
    let root = Name::root();
    let parsed = super::super::parse("", text.as_bytes(), Some(&root), &mut super::super::NoFiles);
    match (parsed.zone.records(), parsed.zone.lost()) {
        ([record], _) => Master::Record(record.rdata.clone()),
        (_, [lost]) => lost.rtype.map_or(Master::Unknown, Master::Type),
        _ => Master::Unknown,
    }
}

/// Types whose data an audit reads.
fn is_about_mail(rtype: RecordType) -> bool {
    !matches!(rtype, RecordType::Srv | RecordType::Ds | RecordType::Dnskey | RecordType::Other(_))
}

/// `@`, a name below the zone, or a complete one with its final dot.
pub(super) fn below(zone: &Name, name: &str) -> Name {
    match name {
        "" | "@" => zone.clone(),
        complete if complete.ends_with('.') => Name::lenient(complete),
        relative => zone.prefixed(relative),
    }
}
