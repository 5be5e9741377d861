//! Asks the DNS whether the causes found still hold, and who takes the mail of a
//! recipient's domain.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use anyhow::{Context as _, bail};

use super::asking::Asking;
use crate::model::untrusted::{Width, plain};
use crate::model::{Name, Rdata, RecordType};
use crate::parse::log::record::LogEvent;
use crate::triage::confirm::Claim;
use crate::triage::confirmation::{Confirmation, State};
use crate::triage::custody::Hosts;

/// Different claims looked into; the rest stays without a confirmation.
pub(super) const MOST: usize = 50;

/// Recipients' domains whose mail servers are asked for: the most frequent.
pub(super) const MOST_DOMAINS: usize = 50;

/// Each claim as the DNS has it now, or as the recording has it; nothing with
/// `--offline`.
pub(super) fn confirm(
    asking: Option<&mut Asking<'_>>,
    claims: BTreeSet<Claim>,
) -> anyhow::Result<BTreeMap<Claim, Confirmation>> {
    let Some(asking) = asking else { return Ok(BTreeMap::new()) };
    let claims: Vec<Claim> = claims.into_iter().take(MOST).collect();
    let seen =
        asking.look(|facts| claims.iter().map(|claim| (claim.clone(), claim.confirm(facts))).collect())?;
    Ok(seen.unwrap_or_else(|seen| {
        let why = Confirmation { state: State::Unconfirmed, seen };
        claims.iter().map(|claim| (claim.clone(), why.clone())).collect()
    }))
}

/// Adds the mail servers the DNS names for the domains of mail that was taken
/// without proof of who took it. Returns what could not be asked, in words. An
/// answer that did not come proves nothing.
pub(super) fn exchangers(
    asking: &mut Asking<'_>,
    events: &[LogEvent],
    hosts: &mut Hosts,
) -> anyhow::Result<Option<String>> {
    let open = hosts.open_domains(events);
    let total = open.len();
    let domains: Vec<Name> =
        open.into_iter().filter_map(|domain| Name::parse(&domain).ok()).take(MOST_DOMAINS).collect();
    if domains.is_empty() {
        return Ok(None);
    }
    let seen = asking.look(|facts| {
        let mut found: Vec<(Name, Name)> = Vec::new();
        for domain in &domains {
            let Ok(answer) = facts.ledger().dns(domain, RecordType::Mx) else { continue };
            for record in answer.records() {
                if let Rdata::Mx { exchange, .. } = &record.rdata {
                    found.push((domain.clone(), exchange.clone()));
                }
            }
        }
        found
    })?;
    let found = match seen {
        Ok(found) => found,
        Err(why) => return Ok(Some(format!("the MX records of recipients' domains were not asked: {why}"))),
    };
    for (domain, host) in found {
        hosts.exchanger(&domain.to_string(), &host.to_string());
    }
    Ok((total > domains.len()).then(|| {
        format!(
            "the MX records of {} of {total} recipients' domains were asked; narrow the search",
            domains.len()
        )
    }))
}

/// The sending address a user gives with `--ip`.
pub(super) fn own_address(typed: Option<&str>) -> anyhow::Result<Option<IpAddr>> {
    let Some(text) = typed else { return Ok(None) };
    let bare = text.trim().trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(ip) if ip.is_unspecified() => bail!("--ip {ip}: give the address receivers see"),
        Ok(ip) => Ok(Some(ip.to_canonical())),
        Err(error) => Err(error).with_context(|| {
            format!("--ip {}: give an address such as 192.0.2.25", plain(text, Width::Name))
        }),
    }
}
