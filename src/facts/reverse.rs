//! What the sending addresses and the HELO name say of themselves in DNS.

use std::net::IpAddr;

use super::Ledger;
use crate::model::{Gap, Name, Rdata, RecordType, Target};
use crate::parse::host_name::{self, Generic, NameFault};

/// Names of one address that are looked up forward; RFC 7208 section 5.5 stops at ten too.
const MAX_NAMES: usize = 10;

/// The facts of all sending addresses and the HELO name.
pub struct ReverseDns {
    pub addresses: Vec<AddressFacts>,
    pub helo: Option<HeloFacts>,
}

/// One sending address.
pub struct AddressFacts {
    pub ip: IpAddr,
    /// The PTR names; empty where there provably are none.
    pub names: Result<Vec<PtrName>, Gap>,
    /// Aliases on the way to the PTR record (RFC 2317 delegation).
    pub aliases: Vec<Name>,
}

/// One name an address claims.
pub struct PtrName {
    pub name: Name,
    /// Whether the name leads back to the address; `None` names beyond the bound.
    pub confirmed: Result<bool, Gap>,
    /// Its addresses, where they are known.
    pub addresses: Vec<IpAddr>,
    pub generic: Option<Generic>,
}

/// The name given in HELO or EHLO.
pub struct HeloFacts {
    pub text: String,
    pub fault: Option<NameFault>,
    /// Its addresses; only asked where the name can stand in public DNS.
    pub addresses: Result<Vec<IpAddr>, Gap>,
}

impl AddressFacts {
    /// True where at least one name leads back; a gap where that is not known.
    pub fn is_confirmed(&self) -> Result<bool, Gap> {
        let names = self.names.as_ref().map_err(Gap::clone)?;
        let mut gap = None;
        for name in names {
            match &name.confirmed {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(why) => gap = Some(why.clone()),
            }
        }
        gap.map_or(Ok(false), Err)
    }
}

/// Looks up PTR names, their addresses, and the HELO name's.
pub fn build(ledger: &Ledger, target: &Target) -> ReverseDns {
    let addresses = target.ips.iter().map(|ip| address(ledger, *ip)).collect();
    let helo = target.helo.as_ref().map(|text| {
        let fault = host_name::fault(text);
        let addresses = match fault {
            None => ledger.addresses(&Name::lenient(text.trim())),
            Some(fault) => Err(Gap::undecidable(format!("the HELO name {}", fault.text()))),
        };
        HeloFacts { text: text.clone(), fault, addresses }
    });
    ReverseDns { addresses, helo }
}

fn address(ledger: &Ledger, ip: IpAddr) -> AddressFacts {
    match ledger.dns(&Name::reverse(ip), RecordType::Ptr) {
        Err(gap) => AddressFacts { ip, names: Err(gap), aliases: Vec::new() },
        Ok(found) => {
            let names = found
                .records()
                .iter()
                .filter_map(|record| match &record.rdata {
                    Rdata::Ptr(name) => Some(name),
                    _ => None,
                })
                .take(MAX_NAMES)
                .map(|name| ptr_name(ledger, ip, name))
                .collect();
            AddressFacts { ip, names: Ok(names), aliases: found.aliases().to_vec() }
        }
    }
}

fn ptr_name(ledger: &Ledger, ip: IpAddr, name: &Name) -> PtrName {
    // Only the address's own family can lead back.
    let rtype = if ip.is_ipv4() { RecordType::A } else { RecordType::Aaaa };
    let addresses: Result<Vec<IpAddr>, Gap> = ledger.dns(name, rtype).map(|found| {
        let address = |rdata: &Rdata| match rdata {
            Rdata::A(ip) => Some(IpAddr::from(*ip)),
            Rdata::Aaaa(ip) => Some(IpAddr::from(*ip)),
            _ => None,
        };
        found.records().iter().filter_map(|record| address(&record.rdata)).collect()
    });
    PtrName {
        name: name.clone(),
        confirmed: addresses.as_ref().map(|found| found.contains(&ip)).map_err(Gap::clone),
        addresses: addresses.unwrap_or_default(),
        generic: host_name::generic(name.as_str(), ip),
    }
}
