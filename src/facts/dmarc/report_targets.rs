//! Where DMARC reports are to go: whether the receiver of reports has agreed
//! (RFC 9990 section 4), and whether it can take mail.

use super::walk::{Discovery, Walk};
use crate::facts::Facts;
use crate::model::{Gap, Name, Rdata, RecordType};
use crate::parse::dmarc::is_dmarc;
use crate::parse::dmarc::uri::ReportUri;
use crate::parse::web::psl;

/// One report address.
#[derive(Clone, Debug)]
pub struct ReportTarget {
    /// `rua` or `ruf`.
    pub tag: &'static str,
    pub uri: ReportUri,
    pub domain: Name,
    pub consent: Consent,
    /// True where the domain has a mail server.
    pub receives: Result<bool, Gap>,
}

/// Whether reports about one domain may go to another.
#[derive(Clone, Debug)]
pub enum Consent {
    /// Same organizational domain.
    NotNeeded,
    /// The name that must have a record `v=DMARC1`, and whether it does.
    Needed { name: Name, given: Result<bool, Gap> },
}

/// The report addresses of the record that applies.
pub(in crate::facts) fn targets(facts: &Facts, walk: &Walk, found: &Discovery) -> Vec<ReportTarget> {
    let policy_domain = &found.step.name;
    let organizational = walk.organizational().map(|(name, _)| name).ok();
    let of = |tag, uris: &[ReportUri]| {
        uris.iter()
            .filter_map(|uri| Some((tag, uri.clone(), uri.domain.clone()?)))
            .filter(|(_, uri, _)| uri.usable)
            .collect::<Vec<_>>()
    };
    let all = of("rua", &found.record.rua).into_iter().chain(of("ruf", &found.record.ruf));
    all.map(|(tag, uri, domain)| {
        let own = domain.is_within(policy_domain)
            || organizational.as_ref().is_some_and(|org| domain.is_within(org))
            || psl::organizational(&domain) == psl::organizational(policy_domain);
        let consent = if own {
            Consent::NotNeeded
        } else {
            let name = domain.prefixed(&format!("{policy_domain}._report._dmarc"));
            let given = facts.ledger().dns(&name, RecordType::Txt).map(|answer| {
                let mut texts = answer.records().iter().filter_map(|record| record.rdata.joined_text());
                texts.any(|bytes| is_dmarc(&String::from_utf8_lossy(&bytes)))
            });
            Consent::Needed { name, given }
        };
        let receives = receives(facts, &domain);
        ReportTarget { tag, uri, domain, consent, receives }
    })
    .collect()
}

/// MX, else an address (RFC 5321 section 5.1); a null MX takes nothing (RFC 7505).
fn receives(facts: &Facts, domain: &Name) -> Result<bool, Gap> {
    let found = facts.ledger().dns(domain, RecordType::Mx)?;
    let null = |rdata: &Rdata| matches!(rdata, Rdata::Mx { exchange, .. } if exchange.is_root());
    match found.records() {
        [] => facts.ledger().has_address(domain),
        records => Ok(!records.iter().all(|record| null(&record.rdata))),
    }
}
