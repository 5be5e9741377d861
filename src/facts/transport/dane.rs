//! TLSA records of the MX hosts (RFC 7672), and how they fit the certificates
//! the hosts show.

use ring::digest;

use super::certificate::Chain;
use super::mx::is_address;
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Gap, Location, Name, Rdata, RecordType, Security};
use crate::parse::transport::certificate::Certificate;

/// MX hosts asked for.
const MOST_HOSTS: usize = 10;

/// The TLSA records of one MX host.
pub(crate) struct HostDane {
    pub host: Name,
    /// `_25._tcp.HOST`.
    pub name: Name,
    /// Empty where there provably are none.
    pub records: Result<Vec<Tlsa>, Gap>,
    /// Whether DNSSEC vouches for the records; only asked where there are some.
    pub secure: Result<bool, Gap>,
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tlsa {
    pub usage: u8,
    pub selector: u8,
    pub matching: u8,
    pub data: Vec<u8>,
    pub location: Option<Location>,
}

impl Tlsa {
    /// As a zone file has it.
    pub(crate) fn text(&self) -> String {
        let hex: String = self.data.iter().take(64).map(|byte| format!("{byte:02x}")).collect();
        let more = if self.data.len() > 64 { "..." } else { "" };
        format!("{} {} {} {hex}{more}", self.usage, self.selector, self.matching)
    }

    /// Why mail senders ignore the record (RFC 7672 section 3.1), or `None`.
    pub(crate) fn fault(&self) -> Option<String> {
        if matches!(self.usage, 0 | 1) {
            return Some(format!("usage {} is for the web; mail senders ignore it", self.usage));
        }
        if self.usage > 3 || self.selector > 1 || self.matching > 2 {
            return Some(format!("{} {} {} is not defined", self.usage, self.selector, self.matching));
        }
        let length = match self.matching {
            1 => 32,
            2 => 64,
            _ => return self.data.is_empty().then(|| "it holds no data".to_owned()),
        };
        (self.data.len() != length).then(|| {
            format!("its digest has {} octets where type {} has {length}", self.data.len(), self.matching)
        })
    }

    /// True where the record names this certificate or its key.
    fn names(&self, certificate: &Certificate) -> bool {
        let selected = if self.selector == 0 { &certificate.der } else { &certificate.spki };
        match self.matching {
            0 => *selected == self.data,
            1 => digest::digest(&digest::SHA256, selected).as_ref() == self.data.as_slice(),
            2 => digest::digest(&digest::SHA512, selected).as_ref() == self.data.as_slice(),
            _ => false,
        }
    }

    /// True where a sender that checks this record takes the chain. Usage 3 minds neither dates nor names
    /// (RFC 7672 section 3.1.1), usage 2 both; the MX host's name will do, and the
    /// domain's (section 3.2.2).
    pub(crate) fn accepts(&self, chain: &Chain, names: [&str; 2], now: i64) -> bool {
        match self.usage {
            3 => chain.own().is_some_and(|own| self.names(own)),
            2 => {
                let own_fits = chain.own().is_some_and(|own| {
                    names.iter().any(|name| own.is_for(name))
                        && (own.not_before..=own.not_after).contains(&now)
                });
                own_fits && chain.certificates.iter().any(|one| self.names(one) && chain.leads_to(one, now))
            }
            _ => false,
        }
    }
}

/// The record to publish for a certificate: its key's SHA-256, which survives renewal with the same key.
pub(crate) fn record_for(certificate: &Certificate) -> String {
    let digest = digest::digest(&digest::SHA256, &certificate.spki);
    let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("3 1 1 {hex}")
}

/// Asks for all MX hosts at once.
pub(in crate::facts) fn build(facts: &Facts) -> Result<Vec<HostDane>, Gap> {
    let mx = facts.mx()?;
    let hosts = mx.hosts.iter().map(|host| &host.name).filter(|name| !name.is_root() && !is_address(name));
    let mut names: Vec<&Name> = hosts.take(MOST_HOSTS).collect();
    names.dedup();
    Ok(names.into_iter().map(|host| of_host(facts, host)).collect())
}

fn of_host(facts: &Facts, host: &Name) -> HostDane {
    let name = host.prefixed("_25._tcp");
    let records = facts.ledger().dns(&name, RecordType::Tlsa).map(|found| {
        let of_record = |record: &crate::model::Record| match &record.rdata {
            Rdata::Tlsa { usage, selector, matching, data } => Some(Tlsa {
                usage: *usage,
                selector: *selector,
                matching: *matching,
                data: data.clone(),
                location: record.location.clone(),
            }),
            _ => None,
        };
        found.records().iter().filter_map(of_record).collect::<Vec<_>>()
    });
    let secure = match &records {
        Ok(records) if !records.is_empty() => secure(facts, &name),
        _ => Ok(false),
    };
    HostDane { host: host.clone(), name, records, secure }
}

/// Whether the answer is DNSSEC-authenticated.
fn secure(facts: &Facts, name: &Name) -> Result<bool, Gap> {
    match facts.dnssec(name, RecordType::Tlsa)? {
        Security::Secure => Ok(true),
        Security::Insecure => Ok(false),
        // A validating resolver gives senders no answer at all, and they wait (RFC 7672 section 2.1).
        Security::Bogus { reason } => Err(Gap::undecidable(format!(
            "the signatures over {name} do not hold ({}), see dnssec-bogus",
            crate::model::untrusted::plain(&reason, Width::Line)
        ))),
    }
}
