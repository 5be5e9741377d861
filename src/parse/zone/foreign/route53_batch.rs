//! A change batch of Route 53 made on the listing that it is to change.

use std::collections::{BTreeMap, BTreeSet};

use super::json_lines::lines_of_key;
use super::records::Records;
use super::route53::{Change, Listing, name, publish};
use crate::model::untrusted::Width;
use crate::model::{Name, Rdata, RecordType, untrusted};
use crate::parse::zone::{Diagnostic, Lost, Parsed, Source, Zone, ZoneRecord};

/// The listing with the batch made on it; `None` where the text is no batch, or is about names that
/// the listing's zone does not have.
pub(crate) fn applied(file: &str, bytes: &[u8], listing: &Parsed) -> Option<Parsed> {
    let batch: Listing = serde_json::from_slice(bytes).ok()?;
    let changes = batch.changes.filter(|_| batch.resource_record_sets.is_none())?;
    let mut merged = Merged::of(file, listing)?;
    let (mut names, mut values) =
        (lines_of_key(bytes, "Name").into_iter(), lines_of_key(bytes, "Value").into_iter());
    for change in &changes {
        let count = change.resource_record_set.resource_records.len();
        let own: Vec<u32> = values.by_ref().take(count).collect();
        merged.step(change, (names.next().unwrap_or(1), &own))?;
    }
    let mut sources = vec![Source { file: file.into(), bytes: bytes.into() }];
    sources.extend(listing.sources.iter().cloned());
    Some(merged.finish(sources))
}

type Key = (Name, RecordType);

struct Merged<'f> {
    file: &'f str,
    zone: Name,
    sets: BTreeMap<Key, Vec<ZoneRecord>>,
    /// Sets whose data the listing does not show, such as aliases of the provider's own.
    lost: BTreeMap<Key, Vec<Lost>>,
    /// Those of no one set.
    other: Vec<Lost>,
    diagnostics: Vec<Diagnostic>,
    /// Owners whose sets the batch replaces: what was said of them is over.
    changed: BTreeSet<Name>,
    fresh: Vec<Diagnostic>,
}

impl Merged<'_> {
    fn of<'f>(file: &'f str, listing: &Parsed) -> Option<Merged<'f>> {
        let mut merged = Merged {
            file,
            zone: listing.zone.origin()?.clone(),
            sets: BTreeMap::new(),
            lost: BTreeMap::new(),
            other: Vec::new(),
            diagnostics: listing.diagnostics.clone(),
            changed: BTreeSet::new(),
            fresh: Vec::new(),
        };
        merged.take(listing.zone.records(), listing.zone.lost());
        Some(merged)
    }

    fn take(&mut self, records: &[ZoneRecord], lost: &[Lost]) {
        for record in records {
            let key = (record.owner.clone(), record.rdata.record_type());
            self.sets.entry(key).or_default().push(record.clone());
        }
        for one in lost {
            match (&one.owner, one.rtype) {
                (Some(owner), Some(rtype)) => {
                    self.lost.entry((owner.clone(), rtype)).or_default().push(one.clone());
                }
                _ => self.other.push(one.clone()),
            }
        }
    }

    /// One change, its name and its values on these lines; `None` where it is of another zone.
    fn step(&mut self, change: &Change, (line, values): (u32, &[u32])) -> Option<()> {
        let set = &change.resource_record_set;
        let owner = name(&set.name);
        if !owner.is_within(&self.zone) {
            return None;
        }
        let rtype = RecordType::from_text(&set.kind);
        let key = rtype.map(|rtype| (owner.clone(), rtype));
        let mut records = Records::new(self.file, &[]);
        records.zone(&self.zone);
        publish(&mut records, &self.zone, &owner, set, (line, values));
        let made = records.finish().into_iter().next()?;
        let mut said = Records::new(self.file, &[]);
        said.zone(&self.zone);
        if set.set_identifier.is_some() {
            let why = "one of several sets changes; which of them the listing shows is not told apart";
            said.later(&self.zone, Some(owner), rtype, line, why.to_owned());
        } else if let Some(why) = key.as_ref().and_then(|key| self.refused(&change.action, key, &made.zone)) {
            let shown = untrusted::plain(&format!("{} {}", set.name, set.kind), Width::Line);
            let action = untrusted::plain(&change.action, Width::Word);
            said.broken(&self.zone, owner, rtype, line, format!("{action} of {shown}: {why}"));
        } else {
            if let Some(key) = &key {
                self.sets.remove(key);
                self.lost.remove(key);
            }
            self.changed.insert(owner);
            if change.action != "DELETE" {
                self.take(made.zone.records(), made.zone.lost());
                self.fresh.extend(made.diagnostics);
            }
            return Some(());
        }
        let said = said.finish().into_iter().next()?;
        self.take(&[], said.zone.lost());
        self.fresh.extend(said.diagnostics);
        Some(())
    }

    /// Why Route 53 does not take the change, and with it the whole batch.
    fn refused(&self, action: &str, key: &Key, made: &Zone) -> Option<&'static str> {
        let (standing, is_hidden) = (self.sets.get(key), self.lost.contains_key(key));
        let data = |records: &[ZoneRecord]| -> BTreeSet<Rdata> {
            records.iter().map(|record| record.rdata.clone()).collect()
        };
        match (action, standing) {
            ("UPSERT", _) => None,
            ("CREATE", None) if !is_hidden => None,
            ("CREATE", _) => Some("the set is there already, and Route 53 refuses the batch"),
            ("DELETE", None) if !is_hidden => Some("there is no such set, and Route 53 refuses the batch"),
            ("DELETE", Some(records)) if !is_hidden && data(records) != data(made.records()) => {
                Some("the values are not those that are published, and Route 53 refuses the batch")
            }
            ("DELETE", _) => None,
            _ => Some("the action is none of CREATE, UPSERT and DELETE"),
        }
    }

    fn finish(self, sources: Vec<Source>) -> Parsed {
        let is_over = |one: &Diagnostic| one.owner.as_ref().is_some_and(|owner| self.changed.contains(owner));
        let mut diagnostics: Vec<Diagnostic> =
            self.diagnostics.iter().filter(|one| !is_over(one)).cloned().collect();
        diagnostics.extend(self.fresh);
        let records = self.sets.into_values().flatten().collect();
        let lost = self.lost.into_values().flatten().chain(self.other).collect();
        Parsed { zone: Zone::new(Some(self.zone), records, lost), diagnostics, sources, provider: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::zone::foreign::{Format, read};

    #[test]
    fn a_batch_changes_what_it_names_and_nothing_else() {
        let set = |name: &str, kind: &str, value: &str| serde_json::json!({"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}]});
        let mx = set("example.com.", "MX", "10 mx.example.net.");
        let text = set("example.com.", "TXT", "\"v=spf1 -all\"");
        let listing = serde_json::json!({"ResourceRecordSets": [mx, text]}).to_string();
        let origin = Name::lenient("example.com");
        let zones = read(Format::Route53, "r.json", listing.as_bytes(), Some(&origin), &mut |_| Vec::new());
        let told = |action: &str, set: serde_json::Value| {
            let batch = serde_json::json!({"Changes": [{"Action": action, "ResourceRecordSet": set}]});
            let made = applied("c.json", batch.to_string().as_bytes(), &zones.as_ref().unwrap()[0])?;
            let records = made.zone.records().iter().map(|one| format!("{} {}", one.owner, one.rdata));
            Some((records.collect::<Vec<_>>(), made.errors().count()))
        };
        let both = ["example.com 10 mx.example.net", "example.com \"v=spf1 -all\""];
        let spf = |value: &str| set("example.com.", "TXT", value);
        let (records, errors) = told("UPSERT", spf("\"v=spf1 mx -all\"")).unwrap();
        assert_eq!((records[1].as_str(), errors), ("example.com \"v=spf1 mx -all\"", 0));
        let (records, errors) = told("DELETE", spf("\"v=spf1 -all\"")).unwrap();
        assert_eq!((records.len(), errors), (1, 0));
        // Route 53 refuses these, and the zone stays.
        for (action, value) in [
            ("DELETE", spf("\"v=spf1 mx -all\"")),
            ("CREATE", spf("\"v=spf1 mx -all\"")),
            ("DELETE", set("a.example.com.", "A", "192.0.2.1")),
            ("DROP", spf("\"x\"")),
        ] {
            let (records, errors) = told(action, value).unwrap();
            assert_eq!((records.len(), errors), (both.len(), 1), "{action}");
        }
        assert!(told("UPSERT", set("example.org.", "A", "192.0.2.1")).is_none());
        assert!(applied("r.json", listing.as_bytes(), &zones.as_ref().unwrap()[0]).is_none());
    }
}
