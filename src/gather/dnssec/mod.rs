//! DNSSEC validation with its reason, by hickory's validator over our own
//! servers. "Could not be validated" (a key's question failed, the resolver
//! passes no signatures) is never "bogus".

mod anchors;
mod diagnosis;
mod tap;
mod wildcard;

use std::sync::{Arc, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use hickory_resolver::net::dnssec::DnssecDnsHandle;
use hickory_resolver::net::xfer::{DnsHandle as _, FirstAnswer as _};
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::dnssec::rdata::{DNSKEY, DNSSECRData};
use hickory_resolver::proto::dnssec::{Proof, TrustAnchors, Verifier as _};
use hickory_resolver::proto::op::{DnsRequestOptions, DnsResponse, Query};
use hickory_resolver::proto::rr::{self, RData};
use tokio::sync::OnceCell;

pub use anchors::Anchors;
use diagnosis::Picture;
use tap::{Log, Shared, Tap};

use super::Limits;
use super::upstream::Upstream;
use super::wire::{self, Said};
use crate::model::{Failure, Name, Observation, RecordType, Validation, ValidationOutcome};

/// Aliases followed where a resolver stops short.
const MAX_HOPS: usize = 8;
/// The longest chain has a dozen dependent questions; a server that answers each
/// just in time must still not hold a validation up for minutes.
const CHAIN: u32 = 3;

/// Validates answers for one run.
pub struct Validator {
    shared: Arc<Shared>,
    anchors: Anchors,
    limits: Limits,
    /// The anchors' keys as the resolver shows them, once it does: a long run must not
    /// stay without them because the first question was lost.
    start: OnceCell<Arc<TrustAnchors>>,
}

impl Validator {
    /// A validator that asks `servers` and trusts `anchors`.
    pub fn new(servers: Arc<[Upstream]>, anchors: Anchors, limits: &Limits) -> Validator {
        let shared = Arc::new(Shared::new(servers, limits.clone()));
        Validator { shared, anchors, limits: limits.clone(), start: OnceCell::new() }
    }

    /// Whether the answer holds. A question that itself gets no answer has failed;
    /// anything else that is in the way is [`ValidationOutcome::Indeterminate`].
    pub async fn validate(&self, name: &Name, rtype: RecordType) -> Observation<Validation> {
        let log = Log::default();
        let tap = Tap { shared: self.shared.clone(), log: log.clone() };
        let bound = self.limits.question * CHAIN;
        let outcome = tokio::time::timeout(bound, self.follow(name, rtype, &tap)).await;
        let seen = std::mem::take(&mut *log.lock().unwrap_or_else(PoisonError::into_inner));
        let picture = Picture::of(&seen);
        let outcome = match outcome {
            Err(_) => {
                let seconds = bound.as_secs_f32();
                return Observation::Seen(Validation::indeterminate(format!(
                    "the chain of keys took over {seconds} s"
                )));
            }
            Ok(Err(Unvalidated::Failed(failure))) => return Observation::Failed(failure),
            Ok(Err(Unvalidated::Unclear(reason))) => {
                return Observation::Seen(Validation::indeterminate(reason));
            }
            Ok(Ok((last, proof))) => (last, proof),
        };
        Observation::Seen(concluded(&picture, outcome, rtype))
    }

    /// The name at the end of the aliases, and the weakest proof on the way.
    async fn follow(
        &self,
        name: &Name,
        rtype: RecordType,
        tap: &Tap,
    ) -> Result<(rr::Name, Proof), Unvalidated> {
        let mut current = name.clone();
        let mut weakest = Proof::Secure;
        for _ in 0..MAX_HOPS {
            let wire_name = wire::name_to_wire(&current)
                .map_err(|why| Unvalidated::Failed(Failure::Unaskable(why)))?
                .to_lowercase();
            let query = Query::query(wire_name.clone(), rtype.number().into());
            // The question itself travels with the first question of the anchors.
            let (reply, start) = tokio::join!(tap.ask(query.clone()), self.start(tap));
            if let Err(error) = reply
                && !error.is_no_records_found()
            {
                return Err(Unvalidated::Failed(failure_of(error)));
            }
            let anchors = start.map_err(Unvalidated::Unclear)?;
            if !self.anchors.zones().iter().any(|zone| current.is_within(zone)) {
                let why = "no trust anchor covers the name".to_owned();
                return Err(Unvalidated::Unclear(why));
            }
            let handle = DnssecDnsHandle::with_trust_anchor(tap.clone(), anchors);
            let options = DnsRequestOptions::default();
            let result = handle.lookup(query.clone(), options).first_answer().await;
            let (proof, goes_on) = match result {
                Ok(response) => (proof_of(&response), next(&response, &current, rtype)),
                Err(NetError::Dns(DnsError::Nsec { proof, response, .. })) => {
                    let proof = if wildcard::is_proven(&response) { proof_of(&response) } else { proof };
                    (proof, next(&response, &current, rtype))
                }
                Err(error) => return Err(Unvalidated::Failed(failure_of(error))),
            };
            weakest = weaker(weakest, proof);
            match goes_on {
                Some(target) if weakest != Proof::Bogus => current = target,
                _ if proof == Proof::Bogus && self.shared.is_vouched_for(query).await => {
                    let why = "the resolver's own validation holds, and ours does not".to_owned();
                    return Err(Unvalidated::Unclear(why));
                }
                _ => return Ok((wire_name, weakest)),
            }
        }
        Err(Unvalidated::Failed(Failure::CnameLoop))
    }

    /// The anchors' keys, or why there is nothing to start from.
    async fn start(&self, tap: &Tap) -> Result<Arc<TrustAnchors>, String> {
        self.start.get_or_try_init(|| self.find_start(tap)).await.cloned()
    }

    /// Asks each anchor's zone for its keys: what they do not match, or a
    /// resolver that drops signatures, is nothing a domain can be blamed for.
    async fn find_start(&self, tap: &Tap) -> Result<Arc<TrustAnchors>, String> {
        let mut start = TrustAnchors::empty();
        let mut why = "there is no trust anchor".to_owned();
        for zone in self.anchors.zones() {
            let shown = if zone.is_root() { "the root".to_owned() } else { zone.to_string() };
            let Ok(wire_name) = wire::name_to_wire(&zone) else { continue };
            let query = Query::query(wire_name.clone(), rr::RecordType::DNSKEY);
            let response = match tap.ask(query).await {
                Ok(response) => response,
                Err(error) => {
                    why = format!("the keys of {shown} cannot be had: {}", failure_text(&error));
                    continue;
                }
            };
            let of_keys = |record: &rr::Record| match &record.data {
                RData::DNSSEC(DNSSECRData::DNSKEY(key)) if record.name == wire_name => Some(key.clone()),
                _ => None,
            };
            let keys: Vec<DNSKEY> = response.answers.iter().filter_map(of_keys).collect();
            if !response.answers.iter().any(|record| record.record_type() == rr::RecordType::RRSIG) {
                why = format!("the resolver passes no signatures (the keys of {shown} came without)");
                continue;
            }
            let trusted = self.anchors.trusted(&zone, &keys);
            if trusted.is_empty() {
                why = format!("none of the keys that the resolver shows for {shown} is trusted");
                continue;
            }
            if !trusted.iter().any(|key| signs_keys(key, &wire_name, &response)) {
                why = format!("the keys of {shown} are not signed by the trusted one");
                continue;
            }
            // All of them, since hickory would look for the DS record of the others above the anchor.
            for key in &keys {
                start.insert_with_name(key.public_key(), wire_name.clone().into());
            }
            why.clear();
        }
        if start.is_empty() && !why.is_empty() { Err(why) } else { Ok(Arc::new(start)) }
    }
}

/// Whether the key's signature over the zone's keys holds now.
fn signs_keys(key: &DNSKEY, zone: &rr::Name, response: &DnsResponse) -> bool {
    let now = now();
    let keys = || response.answers.iter().filter(|record| record.record_type() == rr::RecordType::DNSKEY);
    response.answers.iter().any(|record| {
        let RData::DNSSEC(DNSSECRData::RRSIG(signature)) = &record.data else { return false };
        let input = signature.input();
        input.type_covered == rr::RecordType::DNSKEY
            && input.signer_name == *zone
            && key.calculate_key_tag().is_ok_and(|tag| tag == input.key_tag)
            && diagnosis::time_fault(signature, now).is_none()
            && key.verify_rrsig(zone, rr::DNSClass::IN, signature, keys()).is_ok()
    })
}

/// Why there is no verdict.
enum Unvalidated {
    Failed(Failure),
    Unclear(String),
}

/// The verdict in our words: "bogus" only where every question on the way was answered.
fn concluded(picture: &Picture, (name, proof): (rr::Name, Proof), rtype: RecordType) -> Validation {
    let kind = rr::RecordType::from(rtype.number());
    let outcome = match proof {
        Proof::Secure => ValidationOutcome::Secure,
        Proof::Insecure => ValidationOutcome::Insecure,
        Proof::Bogus => {
            if let Some(failure) = picture.failures().first() {
                return Validation::indeterminate(format!("could not be validated: {failure}"));
            }
            if !picture.has_signatures() {
                return Validation::indeterminate("the resolver passes no signatures");
            }
            ValidationOutcome::Bogus
        }
        Proof::Indeterminate => {
            return Validation::indeterminate("no chain of keys leads to the name or away from it");
        }
    };
    let reason = (outcome == ValidationOutcome::Bogus).then(|| picture.reason(&name, kind, now()));
    let expiry = match outcome {
        ValidationOutcome::Secure => picture.expiry(&name, kind),
        _ => None,
    };
    Validation {
        outcome,
        reason,
        zone: expiry.as_ref().map(|expiry| wire::name_from_wire(&expiry.zone)),
        expires: expiry.as_ref().map(|expiry| expiry.at),
        lifetime: expiry.as_ref().map(|expiry| expiry.lifetime),
    }
}

/// The weakest proof of the records in the answer; of a denial, that of its authority records.
fn proof_of(response: &DnsResponse) -> Proof {
    let answers: Vec<&rr::Record> = response
        .answers
        .iter()
        .filter(|record| record.record_type() != rr::RecordType::RRSIG && !is_synthesized(record, response))
        .collect();
    if !answers.is_empty() {
        return answers.iter().fold(Proof::Secure, |weakest, record| weaker(weakest, record.proof));
    }
    let denial: Vec<&rr::Record> =
        response.authorities.iter().filter(|record| record.record_type() != rr::RecordType::RRSIG).collect();
    // hickory returns an unsigned denial only where it proved that the zone is not signed.
    if denial.is_empty() {
        return Proof::Insecure;
    }
    let weakest = denial.iter().fold(Proof::Secure, |weakest, record| weaker(weakest, record.proof));
    if weakest == Proof::Secure { Proof::Secure } else { Proof::Insecure }
}

/// A CNAME that a server made from a signed DNAME has no signature of its own (RFC 6672 section 5.3.1).
fn is_synthesized(record: &rr::Record, response: &DnsResponse) -> bool {
    let dname = rr::RecordType::from(RecordType::Dname.number());
    record.record_type() == rr::RecordType::CNAME
        && response.answers.iter().any(|other| {
            other.record_type() == dname && other.name != record.name && other.name.zone_of(&record.name)
        })
}

fn weaker(a: Proof, b: Proof) -> Proof {
    let rank = |proof| match proof {
        Proof::Secure => 0,
        Proof::Insecure => 1,
        Proof::Indeterminate => 2,
        Proof::Bogus => 3,
    };
    if rank(b) > rank(a) { b } else { a }
}

/// The alias's target, where the response says nothing more about it.
fn next(response: &DnsResponse, name: &Name, rtype: RecordType) -> Option<Name> {
    match wire::read(response, name, rtype) {
        Said::GoOn { target, .. } => Some(target),
        Said::Settled { .. } => None,
    }
}

fn failure_of(error: NetError) -> Failure {
    match wire::read_error(error) {
        Said::Settled { observation: Observation::Failed(failure), .. } => failure,
        _ => Failure::Malformed("a denial that cannot be read".to_owned()),
    }
}

fn failure_text(error: &NetError) -> String {
    match wire::read_error(error.clone()) {
        Said::Settled { observation: Observation::Failed(failure), .. } => failure.to_string(),
        _ => "there are none".to_owned(),
    }
}

/// Seconds as signatures count them (RFC 4034 section 3.1.5).
fn now() -> u32 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as u32)
}
