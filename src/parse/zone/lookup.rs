//! A zone as a server would answer from it (RFC 1034 section 4.3.2, RFC 4592,
//! RFC 6672). Answers are references to records, so each knows its line.

use std::collections::BTreeMap;

use super::ZoneRecord;
use super::words::wire_length;
use crate::model::{Location, Name, Rdata, RecordType};

/// The records of one zone, found by name.
#[derive(Debug)]
pub struct Zone {
    origin: Option<Name>,
    records: Vec<ZoneRecord>,
    /// Names from the root down, so that everything below a name follows it.
    names: BTreeMap<Vec<u8>, Vec<u32>>,
}

/// What a zone says to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ZoneAnswer<'z> {
    /// Of a wildcard too; then their owner is the wildcard.
    Records(Vec<&'z ZoneRecord>),
    /// The name is an alias; ask for the target. Of a DNAME the target is computed.
    Cname(Name, &'z ZoneRecord),
    NoData,
    Nxdomain,
    /// Below a delegation: the servers of the cut answer, this zone does not.
    Delegated(Name),
    /// Not in this zone.
    OutOfZone,
    /// A DNAME makes the name over 255 octets (RFC 6672 section 2.2: YXDOMAIN).
    TooLong(&'z ZoneRecord),
}

/// The name's labels from the root down, each with its length in front: names
/// below a name have its key as a prefix.
fn key(name: &Name) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.as_str().len() + 1);
    let labels: Vec<&str> = name.labels().collect();
    for label in labels.iter().rev() {
        // The escaped form is at most 252 octets for the 63 of a legal label.
        out.push(label.len().min(255) as u8);
        out.extend_from_slice(label.as_bytes());
    }
    out
}

impl Zone {
    pub(super) fn new(origin: Option<Name>, records: Vec<ZoneRecord>) -> Zone {
        let mut names: BTreeMap<Vec<u8>, Vec<u32>> = BTreeMap::new();
        for (index, record) in records.iter().enumerate() {
            names.entry(key(&record.owner)).or_default().push(index as u32);
        }
        Zone { origin, records, names }
    }

    /// The apex; None where neither caller nor file stated it.
    pub fn origin(&self) -> Option<&Name> {
        self.origin.as_ref()
    }

    /// In the order they were written.
    pub fn records(&self) -> &[ZoneRecord] {
        &self.records
    }

    /// The records of each owner, owners from the root down.
    pub fn owners(&self) -> impl Iterator<Item = Vec<&ZoneRecord>> {
        self.names
            .values()
            .map(|indexes| indexes.iter().filter_map(|i| self.records.get(*i as usize)).collect())
    }

    /// The records at exactly this name, whatever the zone's cuts say.
    pub fn at<'z>(&'z self, name: &Name) -> impl Iterator<Item = &'z ZoneRecord> + use<'z> {
        self.at_key(&key(name))
    }

    fn at_key<'z>(&'z self, key: &[u8]) -> impl Iterator<Item = &'z ZoneRecord> + use<'z> {
        let indexes: &'z [u32] = self.names.get(key).map(Vec::as_slice).unwrap_or_default();
        indexes.iter().filter_map(|index| self.records.get(*index as usize))
    }

    /// The name has records or is above one that has (an empty non-terminal).
    pub fn exists(&self, name: &Name) -> bool {
        self.exists_key(&key(name))
    }

    fn exists_key(&self, key: &[u8]) -> bool {
        self.names.range(key.to_vec()..).next().is_some_and(|(found, _)| found.starts_with(key))
    }

    /// The records strictly below a name.
    pub fn below<'z>(&'z self, name: &Name) -> impl Iterator<Item = &'z ZoneRecord> + use<'z> {
        let prefix = key(name);
        let range = self.names.range(prefix.clone()..);
        let within = range.take_while(move |(found, _)| found.starts_with(&prefix));
        let own = key(name);
        within
            .filter(move |(found, _)| **found != own)
            .flat_map(|(_, indexes)| indexes.iter())
            .filter_map(|index| self.records.get(*index as usize))
    }

    /// The delegation at or above `name`, below the apex.
    pub fn cut(&self, name: &Name) -> Option<Name> {
        let apex = self.origin.as_ref()?;
        self.path(apex, name)
            .into_iter()
            .skip(1)
            .find(|step| self.at(step).any(|r| matches!(r.rdata, Rdata::Ns(_))))
    }

    /// From the apex down to the name, both included; empty where it is outside.
    fn path(&self, apex: &Name, name: &Name) -> Vec<Name> {
        if !name.is_within(apex) {
            return Vec::new();
        }
        (apex.label_count()..=name.label_count()).map(|count| name.suffix(count)).collect()
    }

    /// What a server of this zone answers. It does not follow aliases.
    pub fn lookup(&self, name: &Name, rtype: RecordType) -> ZoneAnswer<'_> {
        let Some(apex) = self.origin.as_ref() else { return ZoneAnswer::OutOfZone };
        let path = self.path(apex, name);
        let Some(last) = path.len().checked_sub(1) else { return ZoneAnswer::OutOfZone };
        let mut encloser = None;
        for (depth, step) in path.iter().enumerate() {
            let step_key = key(step);
            if depth > 0 && !self.exists_key(&step_key) {
                break;
            }
            encloser = Some(depth);
            // A cut answers for all below it; its DS is the parent's (RFC 4035 section 3.1.4.1).
            let cut = depth > 0 && self.at_key(&step_key).any(|r| matches!(r.rdata, Rdata::Ns(_)));
            if cut && !(depth == last && rtype == RecordType::Ds) {
                return ZoneAnswer::Delegated(step.clone());
            }
            if depth < last
                && let Some(record) = self.at_key(&step_key).find(|r| matches!(r.rdata, Rdata::Dname(_)))
                && let Rdata::Dname(target) = &record.rdata
            {
                return substituted(name, step, target, record);
            }
        }
        let encloser = encloser.unwrap_or(0);
        if encloser == last {
            return self.answer(&key(name), rtype, apex == name);
        }
        // RFC 4592 section 3.3.1: only the closest encloser's wildcard counts.
        let mut wildcard = key(&path[encloser]);
        wildcard.extend_from_slice(b"\x01*");
        if !self.exists_key(&wildcard) {
            // An apex without any record still is the zone's.
            return ZoneAnswer::Nxdomain;
        }
        self.answer(&wildcard, rtype, false)
    }

    fn answer(&self, key: &[u8], rtype: RecordType, apex: bool) -> ZoneAnswer<'_> {
        let found: Vec<&ZoneRecord> = self.at_key(key).filter(|r| r.rdata.record_type() == rtype).collect();
        if !found.is_empty() {
            return ZoneAnswer::Records(found);
        }
        let alias = self.at_key(key).find_map(|r| match &r.rdata {
            Rdata::Cname(target) => Some((target.clone(), r)),
            _ => None,
        });
        match alias {
            // A CNAME at the apex stands beside the SOA record, and servers refuse it;
            // what is answered there is the same alias.
            Some((target, record)) => ZoneAnswer::Cname(target, record),
            None if apex && self.records.is_empty() => ZoneAnswer::Nxdomain,
            None => ZoneAnswer::NoData,
        }
    }
}

/// RFC 6672 section 2.2: the DNAME owner's part of the name is replaced.
fn substituted<'z>(name: &Name, owner: &Name, target: &Name, record: &'z ZoneRecord) -> ZoneAnswer<'z> {
    let kept = name.label_count() - owner.label_count();
    let prefix: Vec<&str> = name.labels().take(kept).collect();
    let synthesised = target.prefixed(&prefix.join("."));
    if wire_length(&synthesised) > 255 {
        return ZoneAnswer::TooLong(record);
    }
    ZoneAnswer::Cname(synthesised, record)
}

impl ZoneAnswer<'_> {
    /// The line of the first record that made the answer.
    pub fn location(&self) -> Option<Location> {
        match self {
            ZoneAnswer::Records(records) => records.first().map(|r| r.location()),
            ZoneAnswer::Cname(_, record) | ZoneAnswer::TooLong(record) => Some(record.location()),
            _ => None,
        }
    }
}
