//! What the domain announces about encrypted transport: MTA-STS and TLS-RPT.

use crate::facts::Ledger;
use crate::model::{Gap, Location, Name, RecordType};
use crate::parse::transport::mta_sts;

/// The announcements of one domain.
pub(crate) struct TransportFacts {
    /// The TXT records at `_mta-sts` that announce themselves as STSv1.
    pub mta_sts: Result<Vec<Announced>, Gap>,
    /// Those at `_smtp._tls` that announce themselves as TLSRPTv1.
    pub tls_rpt: Result<Vec<Announced>, Gap>,
}

/// One record, read.
#[derive(Clone, Debug)]
pub(crate) struct Announced {
    pub name: Name,
    pub text: Vec<u8>,
    pub location: Option<Location>,
    /// What is wrong with it, or `None`.
    pub fault: Option<String>,
    /// It begins as senders want; others are discarded before they are counted (RFC 8460 section 3,
    /// RFC 8461 section 3.1).
    pub counts: bool,
}

pub(crate) fn build(ledger: &Ledger, domain: &Name) -> TransportFacts {
    TransportFacts {
        mta_sts: mta_sts_records(ledger, domain),
        tls_rpt: announced(ledger, domain.prefixed("_smtp._tls"), "TLSRPTv1", |text| {
            mta_sts::report_uris(text).err()
        }),
    }
}

/// The records that say which MTA-STS policy is in force.
pub(in crate::facts) fn mta_sts_records(ledger: &Ledger, domain: &Name) -> Result<Vec<Announced>, Gap> {
    announced(ledger, domain.prefixed("_mta-sts"), "STSv1", |text| mta_sts::policy_id(text).err())
}

fn announced(
    ledger: &Ledger,
    name: Name,
    version: &str,
    fault: impl Fn(&[u8]) -> Option<String>,
) -> Result<Vec<Announced>, Gap> {
    let found = ledger.dns(&name, RecordType::Txt)?;
    Ok(found
        .records()
        .iter()
        .filter_map(|record| Some((record.rdata.joined_text()?, record.location.clone())))
        .filter(|(text, _)| mta_sts::announces(text, version))
        .map(|(text, location)| {
            let counts = text.starts_with(format!("v={version};").as_bytes());
            Announced { name: name.clone(), fault: fault(&text), text, location, counts }
        })
        .collect())
}
