//! The MTA-STS policy: where it is, what came, what it says.

use std::net::IpAddr;

use super::Facts;
use super::certificate::Chain;
use crate::evidence::https::HttpsTranscript;
use crate::model::{Gap, Name, Question};
use crate::parse::mta_sts_policy::{self, Policy};

/// The policy of a domain that has the record.
pub struct MtaSts {
    /// `mta-sts.DOMAIN`.
    pub host: Name,
    pub url: String,
    /// Its addresses; empty where it provably has none.
    pub addresses: Result<Vec<IpAddr>, Gap>,
    pub fetched: Result<Fetched, Gap>,
}

/// What the web server gave.
pub struct Fetched {
    pub transcript: HttpsTranscript,
    pub chain: Option<Chain>,
    /// The policy, or what is wrong with it; only where the server gave a file.
    pub policy: Option<Result<Policy, String>>,
}

impl MtaSts {
    /// The usable policy.
    pub fn policy(&self) -> Result<Option<&Policy>, Gap> {
        let fetched = self.fetched.as_ref().map_err(Gap::clone)?;
        Ok(fetched.policy.as_ref().and_then(|policy| policy.as_ref().ok()))
    }
}

/// `None` where the domain has no MTA-STS record, so that no sender looks for a policy.
pub(super) fn build(facts: &Facts) -> Result<Option<MtaSts>, Gap> {
    let domain = facts.domain()?;
    if facts.transport()?.mta_sts.as_ref().map_err(Gap::clone)?.is_empty() {
        return Ok(None);
    }
    let host = domain.prefixed("mta-sts");
    let url = format!("https://{host}/.well-known/mta-sts.txt");
    let addresses = facts.ledger().addresses(&host);
    let fetched = fetch(facts, &url, &addresses);
    Ok(Some(MtaSts { host, url, addresses, fetched }))
}

fn fetch(facts: &Facts, url: &str, addresses: &Result<Vec<IpAddr>, Gap>) -> Result<Fetched, Gap> {
    let question = Question::Http { url: url.to_owned() };
    let scope = facts.scope();
    if !facts.is_recorded(&question) {
        if !(scope.probe || scope.fetch_policy) {
            return Err(Gap::NotSupplied { what: "permission to fetch the policy", flag: "--probe" });
        }
        if addresses.as_ref().map_err(Gap::clone)?.is_empty() {
            return Err(Gap::undecidable("the host of the policy has no address"));
        }
    }
    let transcript: HttpsTranscript = facts.ledger().transcript(&question)?;
    let chain = Chain::read(&transcript.certificates, &scope.roots, facts.now());
    let policy = (transcript.status == 200).then(|| match transcript.cut {
        true => Err("it is longer than 64 KiB".to_owned()),
        false => mta_sts_policy::read(&transcript.body),
    });
    Ok(Fetched { transcript, chain, policy })
}
