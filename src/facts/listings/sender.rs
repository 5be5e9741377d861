//! The identities of the audited sender, from all that is known of it: the
//! flags, the DNS, the message and the log.

use std::net::IpAddr;

use super::public::not_public;
use super::subjects::{Part, Subjects};
use crate::facts::Facts;
use crate::facts::spf::Authorised;
use crate::model::{Name, Rdata, RecordType, Topic};

/// An SPF record that permits more is a provider's, and its addresses are not
/// the sender's to answer for.
const FEW: u128 = 16;

/// Own addresses that a log may add; a relay farm has more than are worth asking about.
const MOST_SOURCES: usize = 20;

/// Everything a receiver may look up.
pub(in crate::facts) fn subjects(facts: &Facts) -> Subjects {
    let mut subjects = Subjects::default();
    if facts.scope().list_links_only {
        links(facts, &mut subjects);
        return subjects;
    }
    addresses(facts, &mut subjects);
    names(facts, &mut subjects);
    authorised(facts, &mut subjects);
    message(facts, &mut subjects);
    if let Ok(traffic) = facts.traffic() {
        let sources = traffic.sources.keys().filter_map(|source| source.parse::<IpAddr>().ok());
        for ip in sources.filter(is_public).take(MOST_SOURCES) {
            subjects.add_ip(ip, Part::RelayIp);
        }
    }
    subjects
}

/// A private hop is nobody's business and no receiver's either.
fn is_public(ip: &IpAddr) -> bool {
    not_public(*ip).is_none_or(|not| not.example)
}

fn addresses(facts: &Facts, subjects: &mut Subjects) {
    for ip in &facts.target().ips {
        subjects.add_ip(*ip, Part::SendingIp);
        match facts.ledger().dns(&Name::reverse(*ip), RecordType::Ptr) {
            Ok(found) => {
                for record in found.records() {
                    if let Rdata::Ptr(name) = &record.rdata {
                        subjects.add_name(name, Part::Ptr);
                    }
                }
            }
            Err(gap) => subjects.gaps.push((Part::Ptr, gap)),
        }
    }
}

fn names(facts: &Facts, subjects: &mut Subjects) {
    let target = facts.target();
    if let Some(helo) = target.helo.as_deref().and_then(|helo| Name::parse(helo).ok()) {
        subjects.add_name(&helo, Part::Helo);
    }
    if target.mail_from.is_some()
        && let Some(domain) = target.envelope_domain()
    {
        subjects.add_name(&domain, Part::MailFrom);
    }
    let Some(domain) = &target.domain else { return };
    subjects.add_name(domain, Part::From);
    match facts.ledger().dns(domain, RecordType::Mx) {
        Ok(found) => {
            for record in found.records() {
                if let Rdata::Mx { exchange, .. } = &record.rdata {
                    subjects.add_name(exchange, Part::Mx);
                }
            }
        }
        Err(gap) => subjects.gaps.push((Part::Mx, gap)),
    }
}

fn authorised(facts: &Facts, subjects: &mut Subjects) {
    if facts.target().domain.is_none() {
        return;
    }
    let tree = match facts.spf().and_then(|spf| spf.tree()) {
        Ok(Ok(tree)) => tree,
        // No record: nothing is authorised, which is for the SPF checks to say.
        Ok(Err(_)) => return,
        Err(gap) => {
            subjects.gaps.push((Part::SpfIp, gap));
            return;
        }
    };
    let authorised = Authorised::of(tree);
    if let Some(gap) = &authorised.gap {
        subjects.gaps.push((Part::SpfIp, gap.clone()));
    }
    let count = authorised.set.count_four().saturating_add(authorised.set.count_six());
    if count > FEW {
        return;
    }
    for ip in authorised.set.networks().iter().flat_map(|network| network.hosts()).filter(is_public) {
        subjects.add_ip(ip, Part::SpfIp);
    }
}

fn message(facts: &Facts, subjects: &mut Subjects) {
    let Ok(message) = facts.message() else { return };
    if let Some(domain) = message.from_domain().and_then(|domain| Name::parse(&domain).ok()) {
        subjects.add_name(&domain, Part::From);
    }
    if let Some(signed) = facts.signed() {
        for signature in &signed.signatures {
            if let Some(domain) = &signature.signature.domain {
                subjects.add_name(domain, Part::DkimDomain);
            }
        }
    }
    links(facts, subjects);
    // The latest hop that came over the Internet is the one its receiver judged;
    // those before it are the author's own network.
    let hop = message.all("Received").find_map(|field| handed_over_by(&field.unfolded()));
    if let Some(ip) = hop {
        subjects.add_ip(ip, Part::RelayIp);
    }
}

/// The hosts that the message names, and those that its links were followed to.
fn links(facts: &Facts, subjects: &mut Subjects) {
    let Ok(message) = facts.message() else { return };
    for link in message.links() {
        let Ok(url) = url::Url::parse(&link.url) else { continue };
        if let Some(url::Host::Domain(host)) = url.host()
            && let Ok(name) = Name::parse(host)
        {
            subjects.add_name(&name, Part::Link);
        }
    }
    if !facts.scope().topics.contains(&Topic::Links) {
        return;
    }
    let Ok(chains) = facts.link_chains() else { return };
    for host in chains.led_to() {
        subjects.add_name(&host, Part::LinkTarget);
    }
    if let Some(gap) = chains.gap() {
        subjects.gaps.push((Part::LinkTarget, gap));
    }
}

/// The public address in brackets of a Received field's from-clause (RFC 5321 section 4.4).
fn handed_over_by(field: &str) -> Option<IpAddr> {
    let clause = field.trim_start().strip_prefix("from ")?;
    let clause = clause.split(" by ").next()?;
    clause
        .split('[')
        .skip(1)
        .filter_map(|rest| rest.split(']').next())
        .map(|text| text.strip_prefix("IPv6:").unwrap_or(text))
        .filter_map(|text| text.parse().ok())
        .find(is_public)
}

#[cfg(test)]
mod tests {
    use super::handed_over_by;

    #[test]
    fn the_hop_is_read_from_the_from_clause_only() {
        let read = |text: &str| handed_over_by(text).map(|ip| ip.to_string());
        assert_eq!(
            read("from mail.example.com (mail.example.com [192.0.2.25]) by mx.example.net ([192.0.2.9])")
                .as_deref(),
            Some("192.0.2.25")
        );
        assert_eq!(read("from x (unknown [IPv6:2001:db8::1]) by y").as_deref(), Some("2001:db8::1"));
        assert_eq!(read("from x ([10.1.2.3]) by y [192.0.2.9]; Mon, 23 Nov 2026"), None);
        assert_eq!(read("by y [192.0.2.9] with HTTP"), None);
        assert_eq!(read("from [[[]]] by"), None);
    }
}
