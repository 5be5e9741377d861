//! MX records: those that cannot be meant go, aliases give way to their targets.

use super::draft::Codes;
use super::draft::{Change, Standing, Step};
use crate::facts::Facts;
use crate::model::{Name, Rdata};

pub(super) fn step(facts: &Facts, standing: &Standing, codes: &Codes) -> Step {
    let Ok(mx) = facts.mx() else { return Step::Done };
    let mut kept: Vec<Rdata> = Vec::new();
    let mut notes = Vec::new();
    let has_host = mx.hosts.iter().any(|host| !host.name.is_root());
    for rdata in &standing.records {
        let Rdata::Mx { preference, exchange } = rdata else { continue };
        let host = mx.hosts.iter().find(|host| host.name == *exchange && host.preference == *preference);
        // Beside a host, the null MX says nothing that receivers follow (RFC 7505 section 3).
        if exchange.is_root() && has_host {
            notes.push("the null MX goes: it forbids the others".to_owned());
            continue;
        }
        let meant = without_doubled_origin(facts, exchange, &mx.domain)
            .or_else(|| host.and_then(|host| alias_target(facts, host, codes)));
        let exchange = match meant {
            Some(meant) => {
                notes.push(format!("{meant} for {exchange}"));
                meant
            }
            None => exchange.clone(),
        };
        let new = Rdata::Mx { preference: *preference, exchange };
        let twice = kept.iter().any(|known| matches!((known, &new), (Rdata::Mx { exchange: a, .. }, Rdata::Mx { exchange: b, .. }) if a == b));
        if twice {
            notes.push("one MX record for each host".to_owned());
        } else {
            kept.push(new);
        }
    }
    let old: Vec<Rdata> =
        standing.records.iter().filter(|rdata| !kept.contains(rdata)).map(|rdata| (*rdata).clone()).collect();
    let new: Vec<Rdata> = kept.into_iter().filter(|rdata| !standing.records.contains(&rdata)).collect();
    if old.is_empty() && new.is_empty() {
        return Step::Done;
    }
    Step::Change(Change { old, new, safe: true, notes })
}

/// `mx.example.com.example.com`: the final dot was forgotten in the zone file.
fn without_doubled_origin(facts: &Facts, exchange: &Name, domain: &Name) -> Option<Name> {
    let meant = Name::lenient(exchange.as_str().strip_suffix(&format!(".{domain}"))?);
    let is_full =
        meant.is_within(domain) && meant != *domain || crate::parse::web::psl::registrable(&meant).is_some();
    let nothing_there = facts.ledger().addresses(exchange).is_ok_and(|found| found.is_empty());
    let lives = facts.ledger().addresses(&meant).is_ok_and(|found| !found.is_empty());
    (is_full && nothing_there && lives).then_some(meant)
}

/// The end of the alias, where it has addresses.
fn alias_target(facts: &Facts, host: &crate::facts::transport::mx::MxHost, codes: &Codes) -> Option<Name> {
    host.alias.as_ref().filter(|_| codes.contains("mx-alias"))?;
    if !host.addresses.as_ref().is_ok_and(|found| !found.is_empty()) {
        return None;
    }
    let found = facts.ledger().dns(&host.name, crate::model::RecordType::A).ok()?;
    found.aliases().last().or(host.alias.as_ref()).cloned()
}

/// Every record of the type goes.
pub(super) fn delete_all(standing: &Standing) -> Step {
    let old: Vec<Rdata> = standing.records.iter().map(|rdata| (*rdata).clone()).collect();
    match old.is_empty() {
        true => Step::Done,
        false => Step::Change(Change { old, new: Vec::new(), safe: true, notes: Vec::new() }),
    }
}
