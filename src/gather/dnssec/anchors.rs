//! What is trusted without a proof: the root's keys, or what `--trust-anchor` names.

use std::path::Path;

use anyhow::bail;
use hickory_resolver::proto::dnssec::TrustAnchors;
use hickory_resolver::proto::dnssec::rdata::{DNSKEY, DNSSECRData, DS};
use hickory_resolver::proto::rr::{self, RData};
use hickory_resolver::proto::serialize::binary::BinDecodable as _;

use crate::model::untrusted::Shown as _;
use crate::model::{Name, Rdata, RecordType};
use crate::parse::zone::{self, NoFiles};

/// The zones trusted by themselves, and by which keys.
#[derive(Clone, Default)]
pub struct Anchors {
    /// `None`: the root's keys as compiled into hickory (20326 and 38696).
    named: Option<Vec<Anchor>>,
}

#[derive(Clone)]
struct Anchor {
    zone: Name,
    trusted: Trusted,
}

#[derive(Clone)]
enum Trusted {
    Key(Box<DNSKEY>),
    Digest(Box<DS>),
}

impl Anchors {
    /// Reads DS and DNSKEY records in the form of a zone file; other records are an error.
    ///
    /// # Errors
    /// What is wrong with the text, with its line.
    pub fn read(file: &Path, source: &[u8]) -> anyhow::Result<Anchors> {
        let shown = file.shown();
        let parsed = zone::parse(&shown, source, Some(&Name::root()), &mut NoFiles);
        if let Some(error) = parsed.errors().next() {
            bail!("{shown}:{}: {}", error.line, error.message);
        }
        let mut named = Vec::new();
        for record in parsed.zone.records() {
            let line = record.place.line;
            let Rdata::Other { rtype: rtype @ (RecordType::Dnskey | RecordType::Ds), data } = &record.rdata
            else {
                let found = record.rdata.record_type();
                bail!("{shown}:{line}: a trust anchor is a DS or DNSKEY record, not {found}")
            };
            let Some(trusted) = decoded(*rtype, data) else {
                bail!("{shown}:{line}: the {rtype} record cannot be read")
            };
            named.push(Anchor { zone: record.owner.clone(), trusted });
        }
        if named.is_empty() {
            bail!(
                "{shown} holds no trust anchor\n  write DS or DNSKEY records into it, such as: example.com. IN DS 12345 13 2 ..."
            );
        }
        Ok(Anchors { named: Some(named) })
    }

    /// The zones trusted by themselves.
    pub fn zones(&self) -> Vec<Name> {
        let Some(named) = &self.named else { return vec![Name::root()] };
        let mut zones: Vec<Name> = named.iter().map(|anchor| anchor.zone.clone()).collect();
        zones.sort();
        zones.dedup();
        zones
    }

    /// Of the keys a zone publishes, those trusted by themselves.
    pub fn trusted<'k>(&self, zone: &Name, keys: &'k [DNSKEY]) -> Vec<&'k DNSKEY> {
        let Ok(wire) = crate::gather::wire::name_to_wire(zone) else { return Vec::new() };
        let Some(named) = &self.named else {
            let root = TrustAnchors::default();
            return keys.iter().filter(|key| root.contains(key.public_key())).collect();
        };
        let matches = |key: &DNSKEY| {
            named.iter().filter(|anchor| anchor.zone == *zone).any(|anchor| match &anchor.trusted {
                Trusted::Key(trusted) => trusted.public_key() == key.public_key(),
                Trusted::Digest(ds) => ds.covers(&wire, key).unwrap_or(false),
            })
        };
        keys.iter().filter(|key| matches(key)).collect()
    }
}

/// Through a whole record, since hickory decodes data only there.
fn decoded(rtype: RecordType, data: &[u8]) -> Option<Trusted> {
    let mut wire = vec![0];
    wire.extend(rtype.number().to_be_bytes());
    wire.extend([0, 1, 0, 0, 0, 0]);
    wire.extend(u16::try_from(data.len()).ok()?.to_be_bytes());
    wire.extend(data);
    match rr::Record::from_bytes(&wire).ok()?.data {
        RData::DNSSEC(DNSSECRData::DNSKEY(key)) => Some(Trusted::Key(Box::new(key))),
        RData::DNSSEC(DNSSECRData::DS(ds)) => Some(Trusted::Digest(Box::new(ds))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> anyhow::Result<Anchors> {
        Anchors::read(Path::new("anchor"), text.as_bytes())
    }

    #[test]
    fn anchors_are_read_and_refused_with_their_line() {
        let digest = format!("12345 13 2 {}", "AB".repeat(32));
        let anchors = read(&format!("; by hand\nexample.com. IN DS {digest}\n")).unwrap();
        assert_eq!(anchors.zones(), [Name::lenient("example.com")]);
        assert_eq!(Anchors::default().zones(), [Name::root()]);
        let error = |text: &str| read(text).err().unwrap().to_string();
        assert!(error("example.com. IN A 192.0.2.1\n").starts_with("anchor:1: a trust anchor is"));
        assert!(error("\nexample.com. IN DS 1 2\n").starts_with("anchor:2: "));
        assert!(error("; nothing\n").contains("holds no trust anchor"));
    }
}
