//! CAA records (RFC 8659): which authorities may issue for the domain's own mail
//! hosts and the host of its MTA-STS policy.

use super::mx::is_address;
use crate::facts::Facts;
use crate::model::{Gap, Name, Rdata, RecordType, Source};
use crate::parse::web::psl;

/// Hosts asked for.
const MOST_HOSTS: usize = 6;
/// Labels climbed; deeper names are an attack.
const MOST_LABELS: usize = 10;

/// What applies to one host.
pub(crate) struct HostCaa {
    pub host: Name,
    /// The closest records at or above the host; `None` where nobody restricts it.
    pub records: Result<Option<(Name, Vec<Caa>)>, Gap>,
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caa {
    pub critical: bool,
    /// Lower case.
    pub tag: String,
    pub value: String,
}

impl Caa {
    /// The authority's domain in an `issue` value; empty where the record forbids all.
    pub(crate) fn issuer(&self) -> &str {
        self.value.split(';').next().unwrap_or_default().trim()
    }
}

/// Authorities by words of the issuer's name, and the domains they accept in
/// CAA by their certification practice statements. Not complete: an authority
/// that is not named here gives "unknown", never a finding.
const AUTHORITIES: &[(&str, &[&str])] = &[
    ("let's encrypt", &["letsencrypt.org"]),
    ("google trust services", &["pki.goog"]),
    ("digicert", &["digicert.com", "www.digicert.com", "digicert.ne.jp"]),
    ("geotrust", &["digicert.com", "geotrust.com"]),
    ("rapidssl", &["digicert.com", "rapidssl.com"]),
    ("thawte", &["digicert.com", "thawte.com"]),
    ("sectigo", &["sectigo.com", "comodoca.com", "comodo.com", "usertrust.com", "trust-provider.com"]),
    ("zerossl", &["sectigo.com"]),
    ("globalsign", &["globalsign.com"]),
    ("amazon", &["amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"]),
    ("godaddy", &["godaddy.com", "starfieldtech.com"]),
    ("starfield", &["starfieldtech.com", "godaddy.com"]),
    ("ssl corp", &["ssl.com"]),
    ("buypass", &["buypass.com", "buypass.no"]),
    ("actalis", &["actalis.it"]),
    ("swisssign", &["swisssign.com", "swisssign.net", "swissign.com"]),
    ("harica", &["harica.gr"]),
    ("hellenic academic", &["harica.gr"]),
    ("d-trust", &["d-trust.net", "dtrust.de", "d-trust.de", "dtrust.net"]),
    ("telekom", &["telesec.de"]),
    ("certum", &["certum.pl", "certum.eu"]),
    ("entrust", &["entrust.net", "affirmtrust.com"]),
    ("certigna", &["certigna.fr"]),
];

/// The CAA domains of the authority that issued; empty where it is not known here.
pub(crate) fn domains_of(issuer: &str) -> &'static [&'static str] {
    let issuer = issuer.to_lowercase();
    AUTHORITIES.iter().find(|(word, _)| issuer.contains(word)).map_or(&[], |(_, domains)| domains)
}

pub(in crate::facts) fn build(facts: &Facts) -> Result<Vec<HostCaa>, Gap> {
    let domain = facts.domain()?;
    let organization = psl::organizational(domain);
    let mx = facts.mx()?;
    let own = |name: &&Name| name.is_within(&organization) && !name.is_root() && !is_address(name);
    let mut hosts: Vec<Name> = mx.hosts.iter().map(|host| &host.name).filter(own).cloned().collect();
    // Whether there is a policy host at all may be unknown; then so is what applies to it.
    let policy = &facts.transport()?.mta_sts;
    if policy.as_ref().is_ok_and(|records| !records.is_empty()) {
        hosts.push(domain.prefixed("mta-sts"));
    }
    hosts.truncate(MOST_HOSTS);
    hosts.dedup();
    let mut found: Vec<HostCaa> = hosts.into_iter().map(|host| of_host(facts, host)).collect();
    if let Err(gap) = policy {
        found.push(HostCaa { host: domain.prefixed("mta-sts"), records: Err(gap.clone()) });
    }
    Ok(found)
}

/// Climbs to the top-level domain, all names asked for at once (section 3).
fn of_host(facts: &Facts, host: Name) -> HostCaa {
    let count = host.label_count().min(MOST_LABELS);
    let names: Vec<Name> = (1..=count).rev().map(|labels| host.suffix(labels)).collect();
    let answers: Vec<_> =
        names.iter().map(|name| (name, facts.ledger().dns(name, RecordType::Caa))).collect();
    let organization = psl::organizational(&host);
    let mut records = Ok(None);
    let mut given = false;
    for (name, answer) in answers {
        match answer {
            // What a registry publishes above the domain may stay unasked or fail beside a zone file:
            // that the domain's own records are absent is known all the same.
            Err(_) if given && organization.is_within(name) && organization != *name => break,
            Err(gap) => {
                records = Err(gap);
                break;
            }
            Ok(found) => {
                given = matches!(found.answer().source, Source::ZoneFile(_));
                let caa: Vec<Caa> = found.records().iter().filter_map(|record| read(&record.rdata)).collect();
                if !caa.is_empty() {
                    records = Ok(Some((name.clone(), caa)));
                    break;
                }
            }
        }
    }
    HostCaa { host, records }
}

fn read(rdata: &Rdata) -> Option<Caa> {
    match rdata {
        Rdata::Caa { flags, tag, value } => Some(Caa {
            critical: flags & 0x80 != 0,
            tag: tag.to_ascii_lowercase(),
            value: String::from_utf8_lossy(value).into_owned(),
        }),
        _ => None,
    }
}
