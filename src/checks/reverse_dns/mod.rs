//! What the sending address and the greeting say of each other.

use std::net::IpAddr;

use crate::facts::Facts;
use crate::facts::zone::reverse::{AddressFacts, PtrName};
use crate::model::Name;

/// Whether a sender may greet with the name: a host of public DNS that leads back and names no line.
fn may_greet(name: &PtrName, ip: IpAddr) -> bool {
    is_host(&name.name) && name.generic.is_none() && name.addresses.contains(&ip.to_canonical())
}

/// A name that can be given an address: of two labels at least, the last of them no number.
fn is_host(name: &Name) -> bool {
    let last = name.labels().last().unwrap_or_default();
    name.label_count() > 1 && !last.bytes().all(|byte| byte.is_ascii_digit())
}

/// The name that the address should have: the HELO name, unless that is the very name at fault.
fn wanted_name(facts: &Facts, address: &AddressFacts) -> String {
    let helo = facts.reverse().helo.as_ref().filter(|helo| helo.fault.is_none());
    let helo = helo.map(|helo| helo.text.trim().trim_end_matches('.'));
    let at_fault = |helo: &str| {
        let name = Name::lenient(helo);
        let own = address.names.as_ref().ok().into_iter().flatten().find(|own| own.name == name);
        !is_host(&name) || own.is_some_and(|own| !may_greet(own, address.ip))
    };
    match helo.filter(|helo| !at_fault(helo)) {
        Some(helo) => helo.to_owned(),
        None => match facts.domain() {
            Ok(domain) => format!("mail.{domain}"),
            Err(_) => "mail.<your domain>".to_owned(),
        },
    }
}

// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod helo_invalid;
mod helo_mismatch;
mod helo_ptr_differs;
mod helo_unresolved;
mod ptr_generic;
mod ptr_missing;
mod ptr_multiple;
mod ptr_unconfirmed;
mod source_name_missing;
mod source_name_without_mx;

#[rustfmt::skip]
pub(super) static CHECKS: &[&crate::check::Check] = &[
    &helo_invalid::CHECK,
    &helo_mismatch::CHECK,
    &helo_ptr_differs::CHECK,
    &helo_unresolved::CHECK,
    &ptr_generic::CHECK,
    &ptr_missing::CHECK,
    &ptr_multiple::CHECK,
    &ptr_unconfirmed::CHECK,
    &source_name_missing::CHECK,
    &source_name_without_mx::CHECK,
];
