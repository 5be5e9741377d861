//! The sender's own name of a sending address: one in the sender's domain that leads to it, by
//! what its PTR records, HELO and the answers about the domain and its MX hosts tell.

use std::net::IpAddr;

use super::reverse::{AddressFacts, HeloFacts, ReverseDns};
use crate::facts::Ledger;
use crate::model::{Gap, Name, Rdata, RecordType};
use crate::parse::web::psl;

/// What the sender's own zone says of a sending address.
pub(crate) struct OwnName {
    pub ip: IpAddr,
    /// The name with its mail exchanges; `None` where none of the names that are known is one.
    pub name: Result<Option<NamedHost>, Gap>,
    /// The domain's MX hosts are among the names that were looked at: another check asked about them.
    pub by_mx: bool,
    /// A name the address has elsewhere, where its PTR record says so.
    pub elsewhere: Option<Name>,
}

/// A host by the name it has in the sender's domain.
pub(crate) struct NamedHost {
    pub name: Name,
    /// The MX records' hosts: empty where there provably are none, the root for a null MX (RFC 7505).
    pub exchanges: Result<Vec<Name>, Gap>,
}

/// One entry for each sending address that receivers can see.
pub(crate) fn build(ledger: &Ledger, domain: &Name, reverse: &ReverseDns) -> Vec<OwnName> {
    let hosts = hosts(ledger, domain);
    let public = reverse.addresses.iter().filter(|address| address.hidden().is_none());
    public.map(|address| own_name(ledger, &hosts, address, reverse.helo.as_ref())).collect()
}

/// Names of the organization that other checks ask about.
struct Hosts {
    organization: Name,
    /// The domain and its MX hosts.
    names: Vec<Name>,
    /// The answer that would name more of them is lost.
    gap: Option<Gap>,
    /// Somebody asked which hosts the MX records name.
    by_mx: bool,
}

fn hosts(ledger: &Ledger, domain: &Name) -> Hosts {
    let organization = psl::organizational(domain);
    let (mut names, mut gap) = (vec![domain.clone()], None);
    let mut by_mx = true;
    match ledger.peek(domain, RecordType::Mx) {
        Ok(found) => {
            let exchanges = found.records().iter().filter_map(|record| exchange(&record.rdata));
            names.extend(exchanges.filter(|name| name.is_within(&organization)).take(MAX_HOSTS));
        }
        Err(Gap::Unasked(_)) => by_mx = false,
        Err(lost) => gap = Some(lost),
    }
    Hosts { organization, names, gap, by_mx }
}

/// MX hosts that are looked at.
const MAX_HOSTS: usize = 20;

fn own_name(ledger: &Ledger, hosts: &Hosts, address: &AddressFacts, helo: Option<&HeloFacts>) -> OwnName {
    let ip = address.ip;
    let mut found = Vec::new();
    let mut gap = address.names.as_ref().err().or(hosts.gap.as_ref()).cloned();
    let organization = &hosts.organization;
    let names = address.names.as_deref().unwrap_or_default();
    for name in names.iter().filter(|name| name.name.is_within(organization)) {
        match &name.confirmed {
            Ok(true) => found.push(name.name.clone()),
            Ok(false) => {}
            Err(why) => gap = Some(why.clone()),
        }
    }
    for helo in helo.iter().filter(|helo| helo.fault.is_none()) {
        let name = Name::lenient(helo.text.trim());
        match helo.leads.iter().find(|(led, _)| led.to_canonical() == ip) {
            _ if !name.is_within(organization) => {}
            Some((_, Ok(true))) => found.push(name),
            Some((_, Err(why))) => gap = Some(why.clone()),
            Some((_, Ok(false))) | None => {}
        }
    }
    let mut by_mx = hosts.by_mx;
    for (index, name) in hosts.names.iter().enumerate() {
        match ledger.peek_leads_to(name, ip) {
            Ok(true) => found.push(name.clone()),
            Ok(false) => {}
            // The first is the domain itself.
            Err(Gap::Unasked(_)) => by_mx &= index == 0,
            Err(why) => gap = Some(why),
        }
    }
    // One positive answer suffices; only "none" needs them all.
    let name = match (found.into_iter().next(), gap) {
        (Some(name), _) => {
            let exchanges = exchanges(ledger, &name);
            Ok(Some(NamedHost { name, exchanges }))
        }
        (None, Some(gap)) => Err(gap),
        (None, None) => Ok(None),
    };
    OwnName { ip, name, by_mx, elsewhere: names.first().map(|name| name.name.clone()) }
}

fn exchanges(ledger: &Ledger, name: &Name) -> Result<Vec<Name>, Gap> {
    let found = ledger.dns(name, RecordType::Mx)?;
    Ok(found.records().iter().filter_map(|record| exchange(&record.rdata)).collect())
}

fn exchange(rdata: &Rdata) -> Option<Name> {
    match rdata {
        Rdata::Mx { exchange, .. } => Some(exchange.clone()),
        _ => None,
    }
}
