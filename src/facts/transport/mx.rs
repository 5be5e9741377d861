//! Who takes mail for the domain: the MX hosts and their addresses.

use std::net::IpAddr;

use crate::facts::Ledger;
use crate::model::{Gap, Location, Name, Rdata, RecordType};

/// Hosts looked up; a domain with more is no sender's mistake but an attack.
const MAX_HOSTS: usize = 50;

/// The MX facts of one domain.
pub(crate) struct MxFacts {
    pub domain: Name,
    /// By preference, then name; empty where there provably is no MX record.
    pub hosts: Vec<MxHost>,
    /// The domain's own addresses, which take its mail where it has no MX (RFC 5321 section 5.1).
    pub implicit: Option<Result<Vec<IpAddr>, Gap>>,
}

/// One MX record.
pub(crate) struct MxHost {
    pub name: Name,
    pub preference: u16,
    pub location: Option<Location>,
    /// Its IPv4 and IPv6 addresses; empty where it provably has none.
    pub addresses: Result<Vec<IpAddr>, Gap>,
    /// Whether it has any: known as soon as one family answers with one.
    pub has_address: Result<bool, Gap>,
    /// The alias it is, which RFC 5321 section 5.1 forbids.
    pub alias: Option<Name>,
}

impl MxFacts {
    /// `MX 0 .` alone: the domain takes no mail (RFC 7505).
    pub(crate) fn is_null(&self) -> bool {
        matches!(self.hosts.as_slice(), [host] if host.name.is_root())
    }
}

/// Asks for the MX records and then for all hosts at once.
pub(crate) fn build(ledger: &Ledger, domain: &Name) -> Result<MxFacts, Gap> {
    let found = ledger.dns(domain, RecordType::Mx)?;
    let mut hosts: Vec<MxHost> = found
        .records()
        .iter()
        .filter_map(|record| match &record.rdata {
            Rdata::Mx { preference, exchange } => Some((*preference, exchange, record.location.clone())),
            _ => None,
        })
        .take(MAX_HOSTS)
        .map(|(preference, exchange, location)| host(ledger, preference, exchange, location))
        .collect();
    hosts.sort_by(|a, b| (a.preference, &a.name).cmp(&(b.preference, &b.name)));
    let implicit = hosts.is_empty().then(|| ledger.some_addresses(domain));
    Ok(MxFacts { domain: domain.clone(), hosts, implicit })
}

fn host(ledger: &Ledger, preference: u16, name: &Name, location: Option<Location>) -> MxHost {
    if name.is_root() || is_address(name) {
        return MxHost {
            name: name.clone(),
            preference,
            location,
            addresses: Ok(Vec::new()),
            has_address: Ok(false),
            alias: None,
        };
    }
    let addresses = ledger.addresses(name);
    let alias_of = |rtype| ledger.dns(name, rtype).ok().and_then(|found| found.aliases().first().cloned());
    let alias = alias_of(RecordType::A).or_else(|| alias_of(RecordType::Aaaa));
    let has_address = ledger.has_address(name);
    MxHost { name: name.clone(), preference, location, addresses, has_address, alias }
}

/// True where an address stands in a name's place, a common mistake.
pub(crate) fn is_address(name: &Name) -> bool {
    name.as_str().parse::<IpAddr>().is_ok()
}
