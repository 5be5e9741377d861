//! What the sending addresses and the HELO name say of themselves in DNS.

use std::net::IpAddr;

use crate::facts::Ledger;
use crate::facts::listings::public::{self, NotPublic};
use crate::model::untrusted::{Width, plain};
use crate::model::{Gap, Name, Rdata, RecordType, Target};
use crate::parse::web::host_name::{self, Generic, NameFault};

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
    /// PTR records there are, also beyond the bound.
    pub published: usize,
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
    /// Its addresses, of the families that answered; only asked where the name can
    /// stand in public DNS.
    pub addresses: Result<Vec<IpAddr>, Gap>,
    /// Whether it leads to each sending address, in the target's order.
    pub leads: Vec<(IpAddr, Result<bool, Gap>)>,
}

impl AddressFacts {
    /// Why no receiver ever sees the address.
    pub fn hidden(&self) -> Option<NotPublic> {
        public::hidden(self.ip)
    }

    /// Where the PTR record stands: at the reverse name, or where an alias there
    /// leads (RFC 2317 delegation of less than a /24).
    pub fn owner(&self) -> Name {
        self.aliases.last().cloned().unwrap_or_else(|| Name::reverse(self.ip))
    }

    /// Who must publish which record, as one sentence.
    pub fn fix(&self, host: &str) -> String {
        if let Some(not) = self.hidden() {
            return not.fix(self.ip);
        }
        let owner = self.owner();
        let shown = plain(owner.as_str(), Width::Record);
        let host = plain(host.trim().trim_end_matches('.'), Width::Line);
        if self.aliases.is_empty() {
            let ip = self.ip;
            return format!(
                "whoever holds the network of {ip} (your provider or host) publishes: {shown}. PTR {host}."
            );
        }
        let zone = owner.parent().map(|zone| plain(zone.as_str(), Width::Record)).unwrap_or_default();
        format!("the provider has delegated it: whoever runs the zone {zone} publishes: {shown}. PTR {host}.")
    }

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

/// The reverse zone of an address and who runs it, by its SOA record.
pub(crate) struct ReverseZone {
    pub zone: Name,
    /// Its first name server.
    pub server: Name,
    /// Its operator's mailbox, in the form of an address.
    pub mailbox: String,
}

/// The reverse zone that holds the address's PTR record; `None` where no cut is
/// found between the address and the registry.
pub(crate) fn zone(ledger: &Ledger, address: &AddressFacts) -> Result<Option<ReverseZone>, Gap> {
    // From the name itself (RFC 2317 delegates single addresses too) up to the
    // registries' zones: /8 of IPv4; /32, /48, /56 and /64 of IPv6 and down.
    let owner = address.owner();
    let least = if address.ip.is_ipv4() { 3 } else { 10 };
    let every = if address.ip.is_ipv4() { 1 } else { 2 };
    let found: Vec<_> = (least..=owner.label_count())
        .rev()
        .filter(|count| (owner.label_count() - count).is_multiple_of(every) || *count == 3)
        .map(|count| owner.suffix(count))
        .map(|zone| (ledger.dns(&zone, RecordType::Soa), zone))
        .collect();
    for (answer, zone) in found {
        let Some(Rdata::Soa { mname, rname, .. }) = answer?.records().first().map(|record| &record.rdata)
        else {
            continue;
        };
        let mailbox = rname.as_str().replacen('.', "@", 1);
        return Ok(Some(ReverseZone { zone, server: mname.clone(), mailbox }));
    }
    Ok(None)
}

/// Looks up PTR names, their addresses, and the HELO name's.
pub(crate) fn build(ledger: &Ledger, target: &Target) -> ReverseDns {
    let addresses = target.ips.iter().map(|ip| address(ledger, ip.to_canonical())).collect();
    let helo = target.helo.as_ref().map(|text| {
        let fault = host_name::fault(text);
        let name = Name::lenient(text.trim());
        let (addresses, leads) = match fault {
            None => {
                let leads = target.ips.iter().map(|ip| (*ip, ledger.leads_to(&name, *ip)));
                (ledger.some_addresses(&name), leads.collect())
            }
            Some(fault) => (Err(Gap::undecidable(format!("the HELO name {}", fault.text()))), Vec::new()),
        };
        HeloFacts { text: text.clone(), fault, addresses, leads }
    });
    ReverseDns { addresses, helo }
}

fn address(ledger: &Ledger, ip: IpAddr) -> AddressFacts {
    match ledger.dns(&Name::reverse(ip), RecordType::Ptr) {
        Err(gap) => AddressFacts { ip, names: Err(gap), published: 0, aliases: Vec::new() },
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
            let published = found.records().len();
            AddressFacts { ip, names: Ok(names), published, aliases: found.aliases().to_vec() }
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
