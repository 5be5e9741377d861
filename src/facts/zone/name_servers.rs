//! What each of a zone's own name servers says, side by side with the resolver.

use std::net::IpAddr;

use crate::facts::Ledger;
use crate::model::untrusted::Width;
use crate::model::{
    Absence, Gap, Name, Observation, Question, Rdata, RecordType, Scope, ServerAnswer, Source, Target, Topic,
};

/// Name servers asked; the root itself has 13.
const MAX_SERVERS: usize = 13;
/// Selectors whose keys are compared.
const MAX_SELECTORS: usize = 4;

/// The name servers of the audited domain's zone.
pub(crate) struct NameServers {
    pub zone: Name,
    pub servers: Vec<NameServer>,
    /// The records that mail hangs on, as every server has them.
    pub compared: Vec<Compared>,
}

/// One name server, at one of its addresses.
pub(crate) struct NameServer {
    pub name: Name,
    /// `None` where it provably has none.
    pub address: Result<Option<IpAddr>, Gap>,
    /// Its SOA record.
    pub soa: Result<ServerAnswer, Gap>,
}

/// One question, answered by every server.
pub(crate) struct Compared {
    pub name: Name,
    pub rtype: RecordType,
    /// By name server, in their order; those without an address are left out.
    pub answers: Vec<(Name, Result<ServerAnswer, Gap>)>,
    /// The resolver's answer, where a resolver gave it.
    pub resolver: Result<Option<Resolved>, Gap>,
}

/// What a resolver holds.
pub(crate) struct Resolved {
    pub content: Vec<String>,
    /// Seconds of its life that remain; `None` for a denial.
    pub left: Option<u32>,
}

impl NameServer {
    /// The serial number of its copy of the zone.
    pub(crate) fn serial(&self) -> Option<&str> {
        self.soa.as_ref().ok()?.records.first()?.split_whitespace().nth(2)
    }

    /// How it shows that it does not serve the zone.
    pub(crate) fn lameness(&self, zone: &Name) -> Option<String> {
        let soa = self.soa.as_ref().ok()?;
        match (&soa.lame, &soa.referral, soa.absent) {
            (Some(how), _, _) => Some(how.clone()),
            (None, Some(other), _) => Some(format!("it refers to {} instead", named(other))),
            (None, None, Some(Absence::Nxdomain)) => Some(format!("it says that {zone} does not exist")),
            (None, None, Some(Absence::NoData)) => Some(format!("it has no SOA record of {zone}")),
            _ => None,
        }
    }
}

fn named(zone: &Name) -> String {
    if zone.is_root() {
        "the root".to_owned()
    } else {
        crate::model::untrusted::plain(zone.as_str(), Width::Line)
    }
}

impl Compared {
    /// The different contents and who has each, the most common first. Lame
    /// servers and names delegated further have none.
    pub(crate) fn contents(&self) -> Vec<(Vec<String>, Vec<&Name>, u32)> {
        let mut all: Vec<(Vec<String>, Vec<&Name>, u32)> = Vec::new();
        for (server, answer) in &self.answers {
            let Ok(answer) = answer else { continue };
            if answer.lame.is_some() || answer.referral.is_some() {
                continue;
            }
            let content = answer.content();
            match all.iter_mut().find(|(known, ..)| *known == content) {
                Some((_, servers, ttl)) => {
                    servers.push(server);
                    *ttl = (*ttl).max(answer.ttl);
                }
                None => all.push((content, vec![server], answer.ttl)),
            }
        }
        all.sort_by_key(|(_, servers, _)| std::cmp::Reverse(servers.len()));
        all
    }

    /// Why a server's answer is not known.
    pub(crate) fn gap(&self) -> Option<&Gap> {
        self.answers.iter().find_map(|(_, answer)| answer.as_ref().err())
    }
}

/// Asks every name server of the domain's zone, where the scope allows it.
pub(crate) fn build(
    ledger: &Ledger,
    scope: &Scope,
    target: &Target,
    domain: &Name,
) -> Result<NameServers, Gap> {
    if !scope.authoritative && !ledger.has_authority() {
        return Err(Gap::NotSupplied {
            what: "order to ask the zone's own name servers",
            flag: "--authoritative",
        });
    }
    let (zone, names) = zone_of(ledger, domain)?;
    let mut servers = Vec::new();
    for name in names.into_iter().take(MAX_SERVERS) {
        let address = address(ledger, &name);
        let soa = match &address {
            Ok(Some(ip)) => said(ledger, *ip, &zone, RecordType::Soa),
            Ok(None) => Err(Gap::undecidable(format!("the name server {name} has no address"))),
            Err(gap) => Err(gap.clone()),
        };
        servers.push(NameServer { name, address, soa });
    }
    let mut asked = vec![
        (domain.clone(), RecordType::Txt),
        (domain.clone(), RecordType::Mx),
        (domain.prefixed("_dmarc"), RecordType::Txt),
    ];
    if scope.topics.contains(&Topic::Transport) {
        asked.extend(["_mta-sts", "_smtp._tls"].map(|label| (domain.prefixed(label), RecordType::Txt)));
    }
    for selector in target.selectors.iter().take(MAX_SELECTORS) {
        asked.push((domain.prefixed(&format!("{selector}._domainkey")), RecordType::Txt));
    }
    let compared = asked
        .into_iter()
        .map(|(name, rtype)| {
            let answers = servers
                .iter()
                .filter_map(|server| {
                    let answer = match &server.address {
                        Ok(Some(ip)) => said(ledger, *ip, &name, rtype),
                        Ok(None) => return None,
                        Err(gap) => Err(gap.clone()),
                    };
                    Some((server.name.clone(), answer))
                })
                .collect();
            Compared { resolver: resolved(ledger, &name, rtype), name, rtype, answers }
        })
        .collect();
    Ok(NameServers { zone, servers, compared })
}

/// The closest zone cut at or above the domain.
fn zone_of(ledger: &Ledger, domain: &Name) -> Result<(Name, Vec<Name>), Gap> {
    let mut zone = domain.clone();
    while zone.label_count() >= 2 {
        let found = ledger.dns(&zone, RecordType::Ns)?;
        let mut names: Vec<Name> = found
            .records()
            .iter()
            .filter_map(|record| match &record.rdata {
                Rdata::Ns(name) => Some(name.clone()),
                _ => None,
            })
            .collect();
        if !names.is_empty() && found.aliases().is_empty() {
            names.sort();
            names.dedup();
            return Ok((zone, names));
        }
        let Some(parent) = zone.parent() else { break };
        zone = parent;
    }
    Err(Gap::undecidable(format!("no name server record is found at or above {domain}")))
}

/// One address is enough to learn which copy of the zone a server has.
fn address(ledger: &Ledger, name: &Name) -> Result<Option<IpAddr>, Gap> {
    let mut all = ledger.some_addresses(name)?;
    all.sort();
    Ok(all.into_iter().next())
}

fn said(ledger: &Ledger, server: IpAddr, name: &Name, rtype: RecordType) -> Result<ServerAnswer, Gap> {
    ledger.transcript(&Question::Authority { server, name: name.clone(), rtype }).cloned()
}

fn resolved(ledger: &Ledger, name: &Name, rtype: RecordType) -> Result<Option<Resolved>, Gap> {
    ledger.dns(name, rtype)?;
    let Some(answer) = ledger.answer(&Question::Dns { name: name.clone(), rtype }) else { return Ok(None) };
    if matches!(answer.source, Source::ZoneFile(_)) {
        return Ok(None);
    }
    let (mut records, left) = match &answer.observation {
        Observation::Seen(records) => (
            records.iter().map(|record| record.rdata.to_string()).collect::<Vec<_>>(),
            records.iter().map(|record| record.ttl).max(),
        ),
        _ => (Vec::new(), None),
    };
    records.sort();
    let content = match answer.aliases.first() {
        Some(alias) => vec![format!("CNAME {alias}")],
        None => records,
    };
    Ok(Some(Resolved { content, left }))
}
