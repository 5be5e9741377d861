//! What is known of a domain's SPF: its record with everything below, and the
//! verdict on every sending address.

use std::net::IpAddr;

use crate::model::{Gap, Location, Name, Rdata, RecordType, Subject, Target};
use crate::parse::spf::SpfRecord;

use super::fix::{self, Proposal};
use super::tree::{Node, Published};
use super::{Allowance, Anybody, Evaluation, Limits, SpfInput, evaluate_within, strangers};
use crate::facts::Ledger;

/// SPF of the audited sender.
#[derive(Debug)]
pub struct SpfFacts {
    /// The domain whose record is judged.
    pub domain: Name,
    /// That record, without any sender.
    pub policy: Evaluation,
    /// The MAIL FROM identity from each sending address.
    pub senders: Vec<Evaluation>,
    /// The same from addresses that nobody sends from, where a term depends on the sender.
    pub strangers: Vec<Evaluation>,
    /// The HELO name's own policy, where a full name is known (RFC 7208 section 2.3).
    pub helo: Option<HeloFacts>,
    /// Every TXT record at the domain.
    pub texts: Result<Vec<TxtRecord>, Gap>,
    /// Records of the discontinued type 99 (section 3.1).
    pub leftovers: Result<Vec<Vec<u8>>, Gap>,
    /// One record out of several, evaluated.
    pub merged: Option<Proposal>,
}

/// SPF of the name the sender gives in HELO or EHLO (RFC 7208 section 2.3).
#[derive(Debug)]
pub struct HeloFacts {
    /// The HELO name, as the user gave it.
    pub name: String,
    /// Its policy, without any sender.
    pub policy: Evaluation,
    /// The HELO identity, one for each sending address.
    pub senders: Vec<Evaluation>,
}

/// One TXT record as published.
#[derive(Clone, Debug)]
pub struct TxtRecord {
    /// Its character-strings, raw bytes.
    pub strings: Vec<Vec<u8>>,
    /// Its line, where the answer came from a zone file.
    pub location: Option<Location>,
}

impl TxtRecord {
    /// The strings concatenated without spaces between (RFC 7208 section 3.3).
    pub fn joined(&self) -> Vec<u8> {
        self.strings.concat()
    }
}

impl SpfFacts {
    /// SPF of the target's domain and senders, asking no more than `allowance` lets it
    /// beyond what a receiver asks.
    ///
    /// # Errors
    /// A gap where no domain is known.
    pub fn build(ledger: &Ledger, target: &Target, now: i64, allowance: &Allowance) -> Result<SpfFacts, Gap> {
        let missing = Gap::NotSupplied { what: "domain", flag: "DOMAIN" };
        let domain = target.domain.clone().or_else(|| target.envelope_domain()).ok_or(missing)?;
        let policy = evaluate_within(ledger, &SpfInput::policy(&domain, now), Limits::RFC, allowance);
        let helo = target.helo.as_deref().unwrap_or(domain.as_str());
        let mail_from = target.mail_from.as_deref().unwrap_or(domain.as_str());
        let senders = |sender: &dyn Fn(IpAddr) -> SpfInput| {
            target
                .ips
                .iter()
                .map(|ip| evaluate_within(ledger, &sender(*ip), Limits::RFC, allowance))
                .collect()
        };
        let strangers = match allowance.is_receivers() {
            true => Vec::new(),
            false => strangers::evaluations(ledger, &policy, &target.ips, allowance),
        };
        let merged = match &policy.root.published {
            Published::Several(records) => {
                fix::merged(records).map(|record| Proposal::evaluated(ledger, &policy.input, record))
            }
            _ => None,
        };
        let texts = ledger.dns(&domain, RecordType::Txt).map(|found| {
            let strings = |rdata: &Rdata| match rdata {
                Rdata::Txt(strings) => Some(strings.clone()),
                _ => None,
            };
            let records = found.records().iter();
            records
                .filter_map(|r| Some(TxtRecord { strings: strings(&r.rdata)?, location: r.location.clone() }))
                .collect()
        });
        let leftovers = ledger
            .dns(&domain, RecordType::Spf)
            .map(|found| found.records().iter().filter_map(|record| record.rdata.joined_text()).collect());
        Ok(SpfFacts {
            senders: senders(&|ip| SpfInput::mail_from(Some(ip), mail_from, helo, now)),
            helo: target.helo.as_deref().filter(|helo| is_full_name(helo)).map(|helo| HeloFacts {
                name: helo.to_owned(),
                policy: evaluate_within(ledger, &SpfInput::helo(None, helo, now), Limits::RFC, allowance),
                senders: senders(&|ip| SpfInput::helo(Some(ip), helo, now)),
            }),
            domain,
            policy,
            strangers,
            texts,
            leftovers,
            merged,
        })
    }

    /// The term by which everybody passes though no set of addresses says so, if there is one.
    ///
    /// # Errors
    /// The gap of an answer that may tell so.
    pub fn anybody(&self) -> Result<Option<Anybody>, Gap> {
        strangers::anybody(&self.policy, &self.strangers)
    }

    /// The record to judge, or why there is none to judge.
    pub(crate) fn single(&self) -> Result<Result<&SpfRecord, &'static str>, Gap> {
        match &self.policy.root.published {
            Published::Unknown(gap) => Err(gap.clone()),
            Published::Record(record, _) => Ok(Ok(record)),
            Published::Several(_) => Ok(Err("several SPF records, see spf-multiple")),
            _ => Ok(Err("no SPF record, see spf-missing")),
        }
    }

    /// The tree below the one record, or why there is none.
    pub(crate) fn tree(&self) -> Result<Result<&Node, &'static str>, Gap> {
        Ok(self.single()?.map(|_| &self.policy.root))
    }

    /// A record as a problem's subject, with the guilty bytes.
    pub fn subject(node: &Node, span: Option<std::ops::Range<usize>>) -> Subject {
        Subject::Record {
            question: format!("{} TXT", node.name),
            text: node.record().map(|record| record.text.clone()).unwrap_or_default(),
            span,
        }
    }
}

/// Two labels at least and no address literal.
fn is_full_name(helo: &str) -> bool {
    Name::parse(helo).is_ok_and(|name| name.label_count() > 1)
}
