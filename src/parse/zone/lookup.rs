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
    names: BTreeMap<Vec<u8>, Owner>,
    /// Entries that could not be read, and so answers that are not known.
    lost: Vec<Lost>,
    /// Of those the ones of each owner, for the same reason, and the first without one.
    lost_at: BTreeMap<Name, Vec<u32>>,
    lost_anywhere: Option<u32>,
}

/// The records of one owner, and what of them is asked for on the way to every name below:
/// looking through all of them each time would make a crowded name quadratic.
#[derive(Debug, Default)]
struct Owner {
    records: Vec<u32>,
    delegates: bool,
    dname: Option<u32>,
    by_type: BTreeMap<RecordType, Vec<u32>>,
}

/// An entry of the file that gives no records, though it was to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// `None` where the owner could not be read either: any name may be meant.
    pub owner: Option<Name>,
    /// `None` where any type may be meant.
    pub rtype: Option<RecordType>,
    /// Where the entry stands.
    pub location: Location,
    /// The record that servers publish who split what is too long for one string.
    pub split: Option<Box<ZoneRecord>>,
    /// The entry is no fault: what it publishes stands elsewhere, or is known later.
    pub is_open: bool,
}

/// What a zone says to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ZoneAnswer<'z> {
    /// Of a wildcard too; then their owner is the wildcard.
    Records(Vec<&'z ZoneRecord>),
    /// The name is an alias; ask for the target. Of a DNAME the target is computed.
    Cname(Name, &'z ZoneRecord),
    /// The name exists, without this type.
    NoData,
    /// The name does not exist, and neither does a wildcard for it (RFC 2308 section 2.1).
    Nxdomain,
    /// Below a delegation: the servers of the cut answer, this zone does not.
    Delegated(Name),
    /// Not in this zone.
    OutOfZone,
    /// An entry for it could not be read.
    Unreadable(Location),
    /// An entry for it leaves open what is published.
    Open(Location),
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
    pub(super) fn new(origin: Option<Name>, records: Vec<ZoneRecord>, lost: Vec<Lost>) -> Zone {
        let mut names: BTreeMap<Vec<u8>, Owner> = BTreeMap::new();
        for (index, record) in records.iter().enumerate() {
            let owner = names.entry(key(&record.owner)).or_default();
            let index = index as u32;
            owner.records.push(index);
            owner.by_type.entry(record.rdata.record_type()).or_default().push(index);
            match record.rdata {
                Rdata::Ns(_) => owner.delegates = true,
                Rdata::Dname(_) => owner.dname = owner.dname.or(Some(index)),
                _ => {}
            }
        }
        let mut lost_at: BTreeMap<Name, Vec<u32>> = BTreeMap::new();
        let mut lost_anywhere = None;
        for (index, entry) in lost.iter().enumerate() {
            let index = index as u32;
            match &entry.owner {
                Some(owner) => lost_at.entry(owner.clone()).or_default().push(index),
                None => lost_anywhere = lost_anywhere.or(Some(index)),
            }
        }
        Zone { origin, records, names, lost, lost_at, lost_anywhere }
    }

    /// Entries that could not be read.
    pub fn lost(&self) -> &[Lost] {
        &self.lost
    }

    /// The unread entry that an answer might hang on. One whose owner is not known either may
    /// be for any name, and so leaves only what is there for certain.
    fn lost_for(&self, name: &Name, rtype: RecordType, is_there: bool) -> Option<&Lost> {
        let of = |index: &u32| self.lost.get(*index as usize);
        let is_meant =
            |lost: &&Lost| lost.rtype.is_none_or(|lost| lost == rtype || lost == RecordType::Cname);
        let here = self.lost_at.get(name).into_iter().flatten().filter_map(of).find(is_meant);
        here.or_else(|| self.lost_anywhere.as_ref().filter(|_| !is_there).and_then(of))
    }

    /// Whether another zone's servers answer for the name.
    pub fn is_delegated(&self, name: &Name) -> bool {
        self.cut(name).is_some()
    }

    fn owner(&self, key: &[u8]) -> Option<&Owner> {
        self.names.get(key)
    }

    fn delegates(&self, key: &[u8]) -> bool {
        self.owner(key).is_some_and(|owner| owner.delegates)
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
            .map(|owner| owner.records.iter().filter_map(|i| self.records.get(*i as usize)).collect())
    }

    /// The records at exactly this name, whatever the zone's cuts say.
    pub fn at<'z>(&'z self, name: &Name) -> impl Iterator<Item = &'z ZoneRecord> + use<'z> {
        self.at_key(&key(name))
    }

    fn at_key<'z>(&'z self, key: &[u8]) -> impl Iterator<Item = &'z ZoneRecord> + use<'z> {
        let indexes: &'z [u32] = self.names.get(key).map_or(&[], |owner| &owner.records);
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
            .flat_map(|(_, owner)| owner.records.iter())
            .filter_map(|index| self.records.get(*index as usize))
    }

    /// The delegation at or above `name`, below the apex.
    pub fn cut(&self, name: &Name) -> Option<Name> {
        let apex = self.origin.as_ref()?;
        self.path(apex, name).into_iter().skip(1).find(|step| self.delegates(&key(step)))
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
        let answer = self.lookup_read(name, rtype);
        if self.lost.is_empty() || matches!(answer, ZoneAnswer::OutOfZone | ZoneAnswer::Delegated(_)) {
            return answer;
        }
        let is_there = matches!(answer, ZoneAnswer::Records(_) | ZoneAnswer::Cname(..));
        match self.lost_for(name, rtype, is_there) {
            Some(lost) if lost.is_open => ZoneAnswer::Open(lost.location.clone()),
            Some(lost) => ZoneAnswer::Unreadable(lost.location.clone()),
            None => answer,
        }
    }

    fn lookup_read(&self, name: &Name, rtype: RecordType) -> ZoneAnswer<'_> {
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
            let cut = depth > 0 && self.delegates(&step_key);
            if cut && !(depth == last && rtype == RecordType::Ds) {
                return ZoneAnswer::Delegated(step.clone());
            }
            if depth < last
                && let Some(index) = self.owner(&step_key).and_then(|owner| owner.dname)
                && let Some(record) = self.records.get(index as usize)
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
        let of_type = |rtype| {
            let indexes = self.owner(key).and_then(|owner| owner.by_type.get(&rtype));
            indexes.into_iter().flatten().filter_map(|index| self.records.get(*index as usize))
        };
        let found: Vec<&ZoneRecord> = of_type(rtype).collect();
        if !found.is_empty() {
            return ZoneAnswer::Records(found);
        }
        let alias = of_type(RecordType::Cname).find_map(|r| match &r.rdata {
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
            ZoneAnswer::Unreadable(location) | ZoneAnswer::Open(location) => Some(location.clone()),
            _ => None,
        }
    }
}
