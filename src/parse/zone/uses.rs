//! What a record is to mail, by its kind and whatever its name, and what its loss does.

use std::collections::BTreeSet;

use super::lint_mail::Kind;
use super::{Zone, ZoneRecord};
use crate::model::untrusted::Width;
use crate::model::{Name, Rdata, RecordType, Severity, untrusted};

/// Labels of names that services take bounces at.
const BOUNCING: [&str; 8] = ["bounce", "bounces", "return", "returnpath", "rp", "em", "mailfrom", "envelope"];
/// Labels of names that services count clicks or serve pictures at.
const COUNTING: [&str; 10] =
    ["click", "clicks", "track", "tracking", "trk", "link", "links", "url", "open", "email"];
/// Services by which mail programs find their servers (RFC 6186, RFC 8314).
const SERVICES: [&str; 7] =
    ["_submission", "_submissions", "_imap", "_imaps", "_pop3", "_pop3s", "_autodiscover"];

/// What a record is to mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Use {
    Mx,
    /// A text by its version.
    Text(Kind),
    /// Somebody agrees to take the reports about another domain.
    Consent,
    /// A service was shown whose the domain is.
    Proof,
    Tlsa,
    Bounces,
    Clicks,
    /// An alias that leads out of the zone to a service of whatever kind.
    Elsewhere,
    Branch,
    Pointer,
    Service,
    Programs,
    /// The addresses of an MX host.
    Host,
    /// The addresses of the host with the MTA-STS policy.
    PolicyHost,
}

/// Names that other records of a zone give a meaning to.
pub(super) struct Named<'z> {
    apex: Option<&'z Name>,
    exchanges: BTreeSet<&'z Name>,
    policy_hosts: BTreeSet<Name>,
}

impl<'z> Named<'z> {
    /// Of hosts those that both states name: of the others nothing hangs on the address.
    pub(super) fn by(old: &'z Zone, new: &'z Zone) -> Named<'z> {
        let exchanges = |zone: &'z Zone| -> BTreeSet<&'z Name> {
            let exchange = |record: &'z ZoneRecord| match &record.rdata {
                Rdata::Mx { exchange, .. } => Some(exchange),
                _ => None,
            };
            zone.records().iter().filter_map(exchange).collect()
        };
        let policy_host = |record: &ZoneRecord| {
            let mut labels = record.owner.labels();
            let domain = (labels.next() == Some("_mta-sts")).then(|| record.owner.parent()).flatten()?;
            Some(domain.prefixed("mta-sts"))
        };
        Named {
            apex: old.origin(),
            exchanges: exchanges(old).intersection(&exchanges(new)).copied().collect(),
            policy_hosts: new.records().iter().filter_map(policy_host).collect(),
        }
    }

    /// What a record would be to mail at a name; answers of a wildcard have another owner.
    pub(super) fn use_of(&self, owner: &Name, rdata: &Rdata) -> Option<Use> {
        let labels: Vec<&str> = owner.labels().collect();
        match rdata {
            Rdata::Mx { .. } => Some(Use::Mx),
            Rdata::Txt(strings) => text_use(&labels, &strings.concat()),
            Rdata::Tlsa { .. } => Some(Use::Tlsa).filter(|_| labels.get(1) == Some(&"_tcp")),
            Rdata::Ptr(_) => Some(Use::Pointer).filter(|_| is_reverse(owner)),
            Rdata::Dname(_) => Some(Use::Branch),
            // An alias within the zone is no service of others.
            Rdata::Cname(target) => alias_use(&labels).filter(|kind| {
                *kind != Use::Elsewhere || self.apex.is_none_or(|apex| !target.is_within(apex))
            }),
            Rdata::A(_) | Rdata::Aaaa(_) if self.exchanges.contains(owner) => Some(Use::Host),
            Rdata::A(_) | Rdata::Aaaa(_) if self.policy_hosts.contains(owner) => Some(Use::PolicyHost),
            other if other.record_type() == RecordType::Srv => {
                labels.first().is_some_and(|first| SERVICES.contains(first)).then_some(Use::Service)
            }
            _ => None,
        }
    }
}

fn is_reverse(owner: &Name) -> bool {
    ["in-addr.arpa", "ip6.arpa"].iter().any(|tree| owner.is_within(&Name::lenient(tree)))
}

/// What a text is to mail, by what it says.
fn text_use(labels: &[&str], text: &[u8]) -> Option<Use> {
    if let Some(kind) = Kind::of(text) {
        let is_consent = labels.windows(2).any(|pair| pair == ["_report", "_dmarc"]);
        return Some(if is_consent && kind == Kind::Dmarc { Use::Consent } else { Use::Text(kind) });
    }
    let key = text.split(|byte| matches!(byte, b'=' | b':')).next().unwrap_or_default();
    let key = String::from_utf8_lossy(&key[..key.len().min(64)]).to_ascii_lowercase();
    let is_proof = key.ends_with("verification") || key.ends_with("verify") || text.starts_with(b"MS=ms");
    is_proof.then_some(Use::Proof)
}

/// What an alias is to mail, by the name that it stands at.
fn alias_use(labels: &[&str]) -> Option<Use> {
    let asked = Kind::ALL.into_iter().find(|kind| *kind != Kind::Spf && kind.is_asked_at(labels));
    if let Some(kind) = asked {
        return Some(Use::Text(kind));
    }
    let first = labels.first()?;
    let has = |words: &[&str]| {
        let mut parts = first.split('-').map(|part| part.trim_end_matches(|c: char| c.is_ascii_digit()));
        parts.any(|part| words.contains(&part))
    };
    Some(match *first {
        "mta-sts" => Use::PolicyHost,
        "autodiscover" | "autoconfig" => Use::Programs,
        "www" => return None,
        hidden if hidden.starts_with('_') => return None,
        _ if has(&BOUNCING) => Use::Bounces,
        _ if has(&COUNTING) => Use::Clicks,
        _ => Use::Elsewhere,
    })
}

impl Use {
    /// What stands there, for a sentence.
    pub(super) fn word(self) -> &'static str {
        match self {
            Use::Mx => "MX",
            Use::Text(kind) => kind.named(),
            Use::Consent => "consent to reports",
            Use::Proof => "proof of ownership",
            Use::Tlsa => "TLSA",
            Use::Bounces | Use::Clicks | Use::Elsewhere | Use::Programs => "CNAME",
            Use::Branch => "DNAME",
            Use::Pointer => "PTR",
            Use::Service => "SRV",
            Use::Host | Use::PolicyHost => "address",
        }
    }

    /// What the want of the record does, and how grave that is; `None` where other checks tell.
    pub(super) fn loss(self, owner: &Name) -> Option<(String, Severity)> {
        let below = owner.parent().map_or_else(String::new, |parent| shown(&parent));
        let is_wild = owner.labels().next() == Some("*");
        let told = |text: &str, severity| Some((text.to_owned(), severity));
        match self {
            Use::Mx if is_wild => Some((
                format!("mail to names below {below} without records of their own arrives no longer"),
                Severity::Medium,
            )),
            Use::Mx => told("mail to the name goes to its own address, or nowhere", Severity::Medium),
            Use::Text(Kind::Spf) if is_wild => Some((
                format!("names below {below} without records of their own have no SPF record any more"),
                Severity::Medium,
            )),
            Use::Text(Kind::Spf) => told(
                "mail in the name has no SPF result, and records that include the name are in error",
                Severity::Medium,
            ),
            // Keys are told one by one, by what they are.
            Use::Text(Kind::Dkim) => None,
            Use::Text(kind) => {
                Some((format!("receivers find no {} record there", kind.named()), Severity::Medium))
            }
            Use::Consent => Some((
                format!("receivers send the reports about {} there no longer", about(owner)),
                Severity::Medium,
            )),
            Use::Proof => told("the service may take the proof of ownership for withdrawn", Severity::Info),
            Use::Tlsa => Some((
                format!("DANE ends for {}: senders no longer check whom they deliver to", host(owner)),
                Severity::Medium,
            )),
            Use::Bounces => told(
                "where a service sends with the name as return path, its mail fails SPF and bounces are lost",
                Severity::Medium,
            ),
            Use::Clicks => {
                told("links and pictures by the name in mail already sent lead nowhere", Severity::Low)
            }
            Use::Elsewhere => told("whatever a mail service did by the name ends", Severity::Info),
            Use::Branch => told("no name below leads anywhere any more", Severity::Medium),
            Use::Pointer => {
                told("the address has no name, and receivers refuse mail from one without", Severity::Low)
            }
            Use::Service | Use::Programs => {
                told("mail programs no longer find their servers by the name", Severity::Low)
            }
            Use::Host | Use::PolicyHost => None,
        }
    }

    /// What another value in the record's place does.
    pub(super) fn turn(self, is_disjoint: bool) -> Option<(&'static str, Severity)> {
        let quiet = |text| Some((text, Severity::Info));
        match self {
            Use::Tlsa if is_disjoint => Some((
                "senders that check DANE refuse to deliver until the host shows the new key, and while they hold the old record",
                Severity::Low,
            )),
            Use::Mx => quiet("mail goes to those hosts from now on"),
            Use::Host => quiet("mail for the host's domains is delivered there from now on"),
            Use::PolicyHost => quiet("the MTA-STS policy is fetched from there from now on"),
            Use::Pointer => quiet("the server must greet with the new name"),
            Use::Bounces => quiet("bounces of what was sent by the old service go to the new one"),
            Use::Clicks => quiet("links in mail already sent lead there"),
            Use::Text(_) | Use::Elsewhere | Use::Branch | Use::Programs => {
                quiet("what stands there counts from now on")
            }
            Use::Consent | Use::Proof | Use::Service | Use::Tlsa => None,
        }
    }
}

/// Whose reports a record below `_report._dmarc` is about.
fn about(owner: &Name) -> String {
    let labels: Vec<&str> = owner.labels().take_while(|label| *label != "_report").collect();
    match labels.as_slice() {
        ["*"] => "any other domain".to_owned(),
        _ => untrusted::plain(&labels.join("."), Width::Name),
    }
}

/// The host that a TLSA record is about.
fn host(owner: &Name) -> String {
    shown(&owner.suffix(owner.label_count().saturating_sub(2)))
}

pub(super) fn shown(name: &Name) -> String {
    untrusted::plain(name.as_str(), Width::Name)
}
