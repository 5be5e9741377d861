//! What one list says of one identity, once its health is known.

use std::net::{IpAddr, Ipv4Addr};

use super::asked::{Asked, Family, Origin, network};
use super::health::{self, Health};
use super::public::not_public;
use super::subjects::Identity;
use crate::data::blocklists::{About, Role, Weight};
use crate::facts::{Found, Ledger};
use crate::model::{Gap, Name, RecordType, Untrusted};

/// What is known of one identity on one list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Listed(Listed),
    /// Not listed, by a list that was healthy; with what speaks for the sender.
    Clean {
        credit: Vec<Hit>,
    },
    Unknown(Unknown),
}

/// A listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Heaviest first.
    pub hits: Vec<Hit>,
    /// The list's own words, from its TXT record.
    pub text: Option<Untrusted>,
    /// What was asked.
    pub name: Name,
    /// How much of an IPv6 address's /64 is listed; `None` where nobody said.
    pub extent: Option<Extent>,
}

/// What a listing of an IPv6 address covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The address is, the first of its /64 is not.
    Address,
    /// All of this /64, named by its first address, as far as two questions show.
    Network(IpAddr),
}

/// One meaning of one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub code: Ipv4Addr,
    pub means: String,
    pub about: About,
    pub weight: Weight,
}

/// Why a list says nothing that can be acted on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// A sentence that starts with the zone.
    pub reason: String,
    /// What to do; empty where nothing.
    pub remedy: String,
    pub gap: Gap,
}

impl Listed {
    /// The heaviest hit; a listing has at least one.
    pub fn worst(&self) -> Option<&Hit> {
        self.hits.first()
    }

    /// The answers, each once.
    pub fn codes(&self) -> Vec<Ipv4Addr> {
        let mut codes: Vec<Ipv4Addr> = self.hits.iter().map(|hit| hit.code).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }
}

/// Judges; `None` where the question does not belong to the list.
pub(super) fn verdict(
    ledger: &Ledger,
    asked: &Asked,
    identity: &Identity,
    given: bool,
    health: &Health,
) -> Option<Outcome> {
    let (family, name, network) = match identity {
        Identity::Ip(ip) => (Family::of(*ip), asked.address_name(*ip), asked.network_name(*ip)),
        Identity::Name(name) => (Family::Name, Name::lenient(&format!("{name}.{}", asked.zone)), None),
    };
    if asked.takes(family) == Some(false) || *health == Health::WrongKind {
        return None;
    }
    if asked.origin == Origin::Catalogue
        && let Identity::Ip(ip) = identity
        && let Some(not) = not_public(*ip)
        && !not.example
    {
        // A list cannot hold it, and need not learn of it.
        let reason = format!("{} was not asked: {ip} is {}, so no list can hold it", asked.shown(), not.what);
        let remedy = "give the address that receivers see".to_owned();
        return given
            .then(|| Outcome::Unknown(Unknown { gap: Gap::undecidable(reason.clone()), reason, remedy }));
    }
    match health {
        Health::WrongKind => None,
        Health::Pending(gap) => {
            // A described list gets the question along with its test points. A zone
            // that nobody has described first shows what may be asked of it.
            if asked.list.is_some() {
                ledger.want(&name, RecordType::A);
                network.iter().for_each(|network| ledger.want(network, RecordType::A));
            }
            Some(unknown(asked, gap.clone(), "is not tested yet".to_owned(), String::new()))
        }
        Health::Sick(sickness) => {
            let gap = sickness.gap(asked);
            Some(unknown(asked, gap, sickness.reason(), sickness.remedy(asked)))
        }
        Health::Healthy | Health::Untestable => {
            let ask = |name: Name| match ledger.dns(&name, RecordType::A) {
                Ok(found) => read(ledger, asked, family, name, found, *health == Health::Healthy),
                Err(gap) => {
                    let remedy = gap.remedy();
                    unknown(asked, gap.clone(), format!("gave no answer: {gap}"), remedy)
                }
            };
            let outcome = ask(name);
            Some(match (network.map(ask), identity) {
                (Some(of_network), Identity::Ip(ip)) => with_network(outcome, of_network, *ip),
                _ => outcome,
            })
        }
    }
}

/// The address's outcome, and that of its /64 beside it.
fn with_network(outcome: Outcome, of_network: Outcome, ip: IpAddr) -> Outcome {
    let covered = network(ip).map(Extent::Network);
    match (outcome, of_network) {
        (Outcome::Listed(listed), Outcome::Listed(_)) => {
            Outcome::Listed(Listed { extent: covered, ..listed })
        }
        (Outcome::Listed(listed), Outcome::Clean { .. }) => {
            Outcome::Listed(Listed { extent: Some(Extent::Address), ..listed })
        }
        // The list enters networks by their first address alone.
        (Outcome::Clean { .. }, Outcome::Listed(mut listed)) => {
            listed.hits.iter_mut().for_each(|hit| hit.about = About::Network);
            Outcome::Listed(Listed { extent: covered, ..listed })
        }
        (Outcome::Clean { .. }, Outcome::Unknown(unknown)) => Outcome::Unknown(unknown),
        (outcome, _) => outcome,
    }
}

fn unknown(asked: &Asked, gap: Gap, what: String, remedy: String) -> Outcome {
    Outcome::Unknown(Unknown { reason: format!("{} {what}", asked.shown()), remedy, gap })
}

fn read(
    ledger: &Ledger,
    asked: &Asked,
    family: Family,
    name: Name,
    found: Found<'_>,
    silence_counts: bool,
) -> Outcome {
    let no = |what: String, remedy: &str| {
        let gap = Gap::undecidable(format!("{} {what}", asked.shown()));
        unknown(asked, gap, what, remedy.to_owned())
    };
    if let Some((code, means)) = health::refusal(asked, found) {
        return no(
            format!("answered its test points but refused this question: {code} ({means})"),
            "ask less at a time, or through a resolver of your own",
        );
    }
    let (mut hits, strange) = meanings(asked, family, found);
    let bad = |hit: &Hit| !matches!(hit.about, About::Good | About::Neutral | About::Test);
    if asked.role() == Role::Block && hits.iter().any(bad) {
        hits.retain(bad);
        return Outcome::Listed(Listed { text: text(ledger, &name), hits, name, extent: None });
    }
    if let Some(code) = strange {
        return no(format!("answered {code}, which is no listing and no denial"), "ask another resolver");
    }
    if !silence_counts && hits.is_empty() {
        return no(
            "keeps no test entry, so its silence may also mean that it is gone".to_owned(),
            "look the subject up on the operator's page",
        );
    }
    hits.retain(|hit| asked.role() == Role::Allow || hit.about == About::Good);
    Outcome::Clean { credit: hits }
}

/// What the addresses of an answer say, the heaviest first, and the first that says nothing.
fn meanings(asked: &Asked, family: Family, found: Found<'_>) -> (Vec<Hit>, Option<Ipv4Addr>) {
    let mut hits = Vec::new();
    let mut strange = None;
    for code in health::addresses(found) {
        let documented = asked.list.as_ref().map(|list| list.meanings(code)).unwrap_or_default();
        for code_entry in &documented {
            let list_about = asked.about(family);
            hits.push(Hit {
                code,
                means: code_entry.means.clone(),
                about: code_entry.about.unwrap_or(list_about),
                weight: code_entry.weight.unwrap_or(asked.weight()),
            });
        }
        if documented.is_empty() {
            // RFC 5782 section 2.3: 127.0.0.1 is best avoided as a listing, and who
            // does not document it means something else by it.
            if code == Ipv4Addr::LOCALHOST || !code.is_loopback() {
                strange.get_or_insert(code);
            } else {
                let means = match &asked.list {
                    Some(list) if !list.codes.is_empty() => {
                        "listed, by a code the operator does not document"
                    }
                    _ => "listed",
                };
                hits.push(Hit {
                    code,
                    means: means.to_owned(),
                    about: asked.about(family),
                    weight: asked.weight(),
                });
            }
        }
    }
    hits.sort_by(|a, b| b.weight.cmp(&a.weight).then(a.code.cmp(&b.code)));
    (hits, strange)
}

/// The TXT record beside a listing; nothing depends on it.
fn text(ledger: &Ledger, name: &Name) -> Option<Untrusted> {
    let found = ledger.dns(name, RecordType::Txt).ok()?;
    let bytes = found.records().iter().find_map(|record| record.rdata.joined_text())?;
    Some(Untrusted::from_bytes(&bytes))
}
