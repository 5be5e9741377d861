//! The MTA-STS policy: where it is, what came, what it says.

use std::net::IpAddr;

use super::announced::Announced;
use super::certificate::Chain;
use crate::evidence::https::HttpsTranscript;
use crate::facts::{Facts, Ledger};
use crate::model::{Gap, Name, Question};
use crate::parse::transport::mta_sts;
use crate::parse::transport::mta_sts_policy::{self, Policy};

/// The policy of a domain that has the record.
pub(crate) struct MtaSts {
    /// `mta-sts.DOMAIN`.
    pub host: Name,
    pub url: String,
    /// Its addresses; empty where it provably has none.
    pub addresses: Result<Vec<IpAddr>, Gap>,
    pub fetched: Result<Fetched, Gap>,
}

/// What the web server gave.
pub(crate) struct Fetched {
    pub transcript: HttpsTranscript,
    pub chain: Option<Chain>,
    /// The policy, or what is wrong with it; only where the server gave a file.
    pub policy: Option<Result<Policy, String>>,
}

impl MtaSts {
    /// The usable policy.
    pub(crate) fn policy(&self) -> Result<Option<&Policy>, Gap> {
        let fetched = self.fetched.as_ref().map_err(Gap::clone)?;
        Ok(fetched.policy.as_ref().and_then(|policy| policy.as_ref().ok()))
    }
}

/// Record and policy of an earlier recording.
pub(crate) struct Earlier {
    /// When they were seen, seconds since the Unix epoch.
    pub taken_at: i64,
    pub id: String,
    pub policy: Policy,
}

/// The id of the one record that senders can read.
pub(crate) fn id_in_force(records: &[Announced]) -> Option<String> {
    match records {
        [one] => mta_sts::policy_id(&one.text).ok(),
        _ => None,
    }
}

/// An id that no earlier policy had: the time.
pub(crate) fn fresh_id(now: i64) -> String {
    jiff::Timestamp::from_second(now).unwrap_or_default().strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// `None` where no sender could have kept a policy then.
pub(in crate::facts) fn earlier(facts: &Facts, domain: &Name) -> Result<Option<Earlier>, Gap> {
    let missing = Gap::NotSupplied { what: "earlier recording", flag: "--before FILE" };
    let earlier = facts.evidence.earlier.as_ref().ok_or(missing)?;
    let ledger = Ledger::new(&earlier.answers, &earlier.transcripts);
    let then = |gap: Gap| match gap {
        Gap::Unasked(question) => Gap::undecidable(format!(
            "the earlier recording lacks {question}; record both with: mailvet transport {domain} --record FILE"
        )),
        gap => Gap::undecidable(format!("in the earlier recording, {gap}")),
    };
    let records = super::announced::mta_sts_records(&ledger, domain).map_err(then)?;
    let Some(id) = id_in_force(&records) else { return Ok(None) };
    let url = policy_url(&policy_host(domain));
    let transcript: &HttpsTranscript = ledger.transcript(&Question::Http { url }).map_err(then)?;
    let policy = policy_of(transcript).and_then(Result::ok);
    Ok(policy.map(|policy| Earlier { taken_at: earlier.taken_at, id, policy }))
}

fn policy_host(domain: &Name) -> Name {
    domain.prefixed("mta-sts")
}

fn policy_url(host: &Name) -> String {
    format!("https://{host}/.well-known/mta-sts.txt")
}

/// What the body says; only where the server gave a file.
fn policy_of(transcript: &HttpsTranscript) -> Option<Result<Policy, String>> {
    (transcript.status == 200).then(|| match transcript.cut {
        true => Err("it is longer than 64 KiB".to_owned()),
        false => mta_sts_policy::read(&transcript.body),
    })
}

/// `None` where the domain has no MTA-STS record, so that no sender looks for a policy.
pub(in crate::facts) fn build(facts: &Facts) -> Result<Option<MtaSts>, Gap> {
    let domain = facts.domain()?;
    if facts.transport()?.mta_sts.as_ref().map_err(Gap::clone)?.is_empty() {
        return Ok(None);
    }
    let host = policy_host(domain);
    let url = policy_url(&host);
    let addresses = facts.ledger().some_addresses(&host);
    let fetched = fetch(facts, &url, &addresses);
    Ok(Some(MtaSts { host, url, addresses, fetched }))
}

fn fetch(facts: &Facts, url: &str, addresses: &Result<Vec<IpAddr>, Gap>) -> Result<Fetched, Gap> {
    let question = Question::Http { url: url.to_owned() };
    let scope = facts.scope();
    if !facts.is_recorded(&question) {
        // A lost answer first: what the user may give would not settle whether there is a host.
        let addresses = addresses.as_ref().map_err(Gap::clone)?;
        if !(scope.probe || scope.fetch_policy) {
            return Err(Gap::NotSupplied { what: "permission to fetch the policy", flag: "--probe" });
        }
        if addresses.is_empty() {
            return Err(Gap::undecidable("the host of the policy has no address"));
        }
    }
    let transcript: &HttpsTranscript = facts.ledger().transcript(&question)?;
    let chain = Chain::read(&transcript.certificates, &scope.roots, facts.now());
    Ok(Fetched { policy: policy_of(transcript), transcript: transcript.clone(), chain })
}
