//! The answer of `mailvet ptr` for people: each address, its names, who runs its zone, findings.

use super::escape;
use super::finding_block;
use super::style::{Look, wrap};
use crate::facts::zone::reverse::{AddressFacts, HeloFacts, PtrName, ReverseZone};
use crate::judge::finding::CheckResult;
use crate::model::untrusted::Width;
use crate::model::{Gap, Severity};

/// Everything the command shows.
pub(crate) struct PtrView<'f> {
    pub addresses: Vec<AddressView<'f>>,
    pub helo: Option<&'f HeloFacts>,
    pub results: Vec<CheckResult>,
}

/// One address and who holds its reverse zone.
pub(crate) struct AddressView<'f> {
    pub address: &'f AddressFacts,
    pub zone: Result<Option<ReverseZone>, Gap>,
}

pub(crate) fn ptr(view: &PtrView, look: Look) -> String {
    let mut out = String::new();
    for address in &view.addresses {
        out.push_str(&shown(address, look));
    }
    if look.quiet {
        return out;
    }
    if let Some(helo) = view.helo {
        let leads = match (&helo.fault, &helo.addresses) {
            (Some(fault), _) => fault.text().to_owned(),
            (None, Err(gap)) => format!("unknown: {gap}"),
            (None, Ok(addresses)) if addresses.is_empty() => "has no address".to_owned(),
            (None, Ok(addresses)) => {
                let all: Vec<String> = addresses.iter().map(ToString::to_string).collect();
                format!("leads to {}", all.join(", "))
            }
        };
        let text = format!("HELO {} {leads}", crate::model::untrusted::plain(&helo.text, Width::Line));
        out.push_str(&wrap(&escape::terminal(&text), look.width, "", "  "));
    }
    out.push_str(&finding_block::findings(&view.results, look));
    out
}

fn shown(view: &AddressView, look: Look) -> String {
    let address = view.address;
    let ip = look.bold(&address.ip.to_string());
    let word = match (&address.names, address.is_confirmed()) {
        (Ok(names), _) if names.is_empty() => look.severity(Severity::High, "no PTR record"),
        (_, Ok(true)) => look.good("confirmed"),
        (_, Ok(false)) => look.severity(Severity::High, "not confirmed"),
        (_, Err(gap)) => look.severity(Severity::Medium, &escape::terminal(&format!("unknown: {gap}"))),
    };
    let mut out = format!("{ip}  {word}\n");
    if look.quiet {
        return out;
    }
    let owner = address.owner();
    if !address.aliases.is_empty() {
        let text = format!("delegated to {}", owner.as_str());
        out.push_str(&wrap(&escape::terminal(&text), look.width, "  ", "    "));
    }
    for name in address.names.iter().flatten() {
        out.push_str(&wrap(&escape::terminal(&name_line(name)), look.width, "  ", "    "));
    }
    let holder = match &view.zone {
        Ok(Some(zone)) => format!(
            "reverse zone {}, run at {}, contact {}",
            zone.zone.as_str(),
            zone.server.as_str(),
            crate::model::untrusted::plain(&zone.mailbox, Width::Line)
        ),
        Ok(None) => {
            "nobody runs a reverse zone for it: ask the registry's database who holds the network".to_owned()
        }
        Err(gap) => format!("who runs its reverse zone is unknown: {gap}"),
    };
    out.push_str(&wrap(&escape::terminal(&holder), look.width, "  ", "    "));
    out
}

fn name_line(name: &PtrName) -> String {
    let host = name.name.as_str();
    match &name.confirmed {
        Ok(true) => format!("{host} leads back"),
        Ok(false) if name.addresses.is_empty() => format!("{host} has no address"),
        Ok(false) => {
            let all: Vec<String> = name.addresses.iter().map(ToString::to_string).collect();
            format!("{host} leads to {}", all.join(", "))
        }
        Err(gap) => format!("{host}: unknown: {gap}"),
    }
}
