//! `mailvet/ptr/1`: the names of addresses and what is wrong with them.

use std::net::IpAddr;

use serde::Serialize;

use super::problem::{ProblemV1, problems};
use super::v1;
use crate::judge::finding::{CheckResult, Outcome};
use crate::model::Subject;
use crate::render::ptr::{AddressView, PtrView};

#[derive(Serialize)]
pub(crate) struct PtrV1 {
    schema: &'static str,
    /// The names of all addresses asked about.
    names: Vec<String>,
    /// Whether each address has a name that leads back; `null` where that is not known.
    confirmed: Option<bool>,
    problems: Vec<ProblemV1>,
    addresses: Vec<AddressV1>,
    helo: Option<HeloV1>,
    gaps: Vec<String>,
    results: Vec<v1::ResultV1>,
}

#[derive(Serialize)]
struct AddressV1 {
    ip: IpAddr,
    /// Where the PTR record stands.
    owner: String,
    /// RFC 2317 delegation, in order.
    aliases: Vec<String>,
    names: Vec<String>,
    hosts: Vec<HostV1>,
    confirmed: Option<bool>,
    zone: Option<ZoneV1>,
    problems: Vec<ProblemV1>,
    gap: Option<String>,
}

#[derive(Serialize)]
struct HostV1 {
    name: String,
    addresses: Vec<IpAddr>,
    confirmed: Option<bool>,
    generic: bool,
}

#[derive(Serialize)]
struct ZoneV1 {
    name: String,
    server: String,
    contact: String,
}

#[derive(Serialize)]
struct HeloV1 {
    name: String,
    fault: Option<&'static str>,
    addresses: Vec<IpAddr>,
    /// Whether it is the PTR name of each address; `null` where that is not known.
    is_ptr: Option<bool>,
}

pub(crate) fn ptr(view: &PtrView) -> PtrV1 {
    let addresses: Vec<AddressV1> = view.addresses.iter().map(|own| address(own, &view.results)).collect();
    let mut names: Vec<String> = Vec::new();
    for name in addresses.iter().flat_map(|address| &address.names) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let all = |each: &mut dyn Iterator<Item = Option<bool>>| {
        each.reduce(|so_far, own| match (so_far, own) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (None, _) | (_, None) => None,
            _ => Some(true),
        })
        .flatten()
    };
    let helo = view.helo.map(|helo| {
        let wanted = crate::model::Name::lenient(helo.text.trim());
        HeloV1 {
            name: helo.text.clone(),
            fault: helo.fault.map(crate::parse::web::host_name::NameFault::text),
            addresses: helo.addresses.clone().unwrap_or_default(),
            is_ptr: all(&mut view.addresses.iter().map(|own| {
                own.address.names.as_ref().ok().map(|names| names.iter().any(|name| name.name == wanted))
            })),
        }
    });
    let mut gaps: Vec<String> = Vec::new();
    for result in &view.results {
        if let Outcome::Unknown(gap) = &result.outcome
            && !gaps.contains(&gap.to_string())
        {
            gaps.push(gap.to_string());
        }
    }
    PtrV1 {
        schema: "mailvet/ptr/1",
        confirmed: all(&mut addresses.iter().map(|address| address.confirmed)),
        names,
        problems: problems(&view.results, |_| true),
        addresses,
        helo,
        gaps,
        results: view.results.iter().map(v1::result).collect(),
    }
}

fn address(view: &AddressView, results: &[CheckResult]) -> AddressV1 {
    let address = view.address;
    let text = |name: &crate::model::Name| name.as_str().to_owned();
    AddressV1 {
        ip: address.ip,
        owner: text(&address.owner()),
        aliases: address.aliases.iter().map(text).collect(),
        names: address.names.iter().flatten().map(|name| text(&name.name)).collect(),
        hosts: address
            .names
            .iter()
            .flatten()
            .map(|name| HostV1 {
                name: text(&name.name),
                addresses: name.addresses.clone(),
                confirmed: name.confirmed.as_ref().ok().copied(),
                generic: name.generic.is_some(),
            })
            .collect(),
        confirmed: address.is_confirmed().ok(),
        zone: view.zone.as_ref().ok().and_then(Option::as_ref).map(|zone| ZoneV1 {
            name: text(&zone.zone),
            server: text(&zone.server),
            contact: zone.mailbox.clone(),
        }),
        problems: problems(results, |finding| finding.problem.subject == Subject::Ip(address.ip)),
        gap: address.names.as_ref().err().map(ToString::to_string),
    }
}
