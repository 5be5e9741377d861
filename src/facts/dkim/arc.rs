//! The ARC chain of the message (RFC 8617 section 5.2). ARC lets a receiver see
//! what a forwarder saw; it helps only where the receiver trusts the sealers, and
//! the working group has asked to declare it historic.

use std::collections::BTreeMap;

use super::canonical::{
    BodyCheck, RawField, canonical_field, check_body, raw_field, signed_fields, signed_octets,
};
use super::result::octets_match;
use super::signed_message::SignedMessage;
use crate::facts::Facts;
use crate::model::{Gap, Name, RecordType};
use crate::parse::dkim::arc::{ChainValidation, Seal, instance};
use crate::parse::dkim::key::KeyRecord;
use crate::parse::dkim::signature::{Algorithm, Canonicalization, Kind, Signature, key_name};

/// What the chain comes to.
#[derive(Clone, Debug)]
pub struct Arc {
    /// Number of sets; 0 without ARC.
    pub sets: u32,
    /// `None` without ARC.
    pub chain: Option<Result<(), String>>,
    /// The domains that sealed, oldest first.
    pub sealers: Vec<Name>,
    /// The key that could not be fetched.
    pub gap: Option<Gap>,
}

/// One of the three fields: its place, and its text.
struct Part {
    field: usize,
    text: String,
}

impl<'e> Facts<'e> {
    /// The ARC chain; empty without a message.
    pub fn arc(&self) -> &Arc {
        self.cells.arc.get_or_init(|| {
            let mut arc = Arc { sets: 0, chain: None, sealers: Vec::new(), gap: None };
            if let Some(message) = self.signed() {
                match message.whole() {
                    Ok(()) => self.validate(message, &mut arc),
                    Err(gap) => arc.gap = Some(gap),
                }
            }
            arc
        })
    }

    fn validate(&self, message: &SignedMessage, arc: &mut Arc) {
        let parts = |name: &'static str| -> Result<BTreeMap<u32, Part>, String> {
            let mut found = BTreeMap::new();
            for (index, field) in message.header.fields.iter().enumerate() {
                if !field.is(name) {
                    continue;
                }
                let text = String::from_utf8_lossy(field.value_in(&message.raw)).into_owned();
                let number =
                    instance(&text).ok_or(format!("an {name} (line {}) has no valid i=", field.line))?;
                if found.insert(number, Part { field: index, text }).is_some() {
                    return Err(format!("there are two {name} fields with i={number}"));
                }
            }
            Ok(found)
        };
        let all = (parts("ARC-Seal"), parts("ARC-Message-Signature"), parts("ARC-Authentication-Results"));
        let (seals, signatures, results) = match all {
            (Ok(seals), Ok(signatures), Ok(results)) => (seals, signatures, results),
            (Err(why), ..) | (_, Err(why), _) | (.., Err(why)) => {
                arc.chain = Some(Err(why));
                return;
            }
        };
        arc.sets = seals.len().max(signatures.len()).max(results.len()) as u32;
        if arc.sets == 0 {
            return;
        }
        arc.chain = Some(self.check(message, &seals, &signatures, &results, arc));
    }

    fn check(
        &self,
        message: &SignedMessage,
        seals: &BTreeMap<u32, Part>,
        signatures: &BTreeMap<u32, Part>,
        results: &BTreeMap<u32, Part>,
        arc: &mut Arc,
    ) -> Result<(), String> {
        let read = complete(seals, signatures, results, arc)?;
        // All keys are wanted at once, before the first failure ends the check.
        let newest = &signatures[&arc.sets];
        let signature = Signature::parse(&newest.text, Kind::ArcMessage);
        let signature_key = signature.key_name().map(|name| self.arc_key(&name, arc));
        let seal_keys: Vec<_> =
            read.iter().map(|seal| self.arc_key(&key_name(&seal.selector, &seal.domain), arc)).collect();

        if let Some(fault) = signature.faults.iter().find(|fault| fault.fatal) {
            return Err(format!("ARC-Message-Signature i={}: {}", arc.sets, fault.text));
        }
        if let BodyCheck::Differs(clue) = check_body(message.body(), &signature) {
            let clue = clue.map(|clue| format!(": {clue}")).unwrap_or_default();
            return Err(format!(
                "the body was changed after {} sealed it{clue}",
                read[read.len() - 1].domain
            ));
        }
        let own = raw_field(&message.raw, &message.header.fields[newest.field]);
        let fields = signed_fields(&message.raw, &message.header, &signature.signed_headers);
        let octets = signed_octets(&fields, &own, signature.header_canonicalization);
        let what = format!("ARC-Message-Signature i={}", arc.sets);
        verify(&what, signature_key.flatten(), &signature.algorithm, &octets, &signature.signature)?;
        for (index, seal) in read.iter().enumerate().rev() {
            let octets = sealed_octets(message, seal, seals, signatures, results);
            let what = format!("ARC-Seal i={}", seal.instance);
            verify(&what, seal_keys[index].clone(), &seal.algorithm, &octets, &seal.signature)?;
        }
        Ok(())
    }

    fn arc_key(&self, name: &Name, arc: &mut Arc) -> Option<KeyRecord> {
        match self.ledger().dns(name, RecordType::Txt) {
            Ok(found) => {
                let texts = found.records().iter().filter_map(|record| record.rdata.joined_text());
                texts
                    .map(|bytes| KeyRecord::parse(&String::from_utf8_lossy(&bytes)))
                    .find(KeyRecord::is_sound)
            }
            Err(gap) => {
                arc.gap = arc.gap.take().or(Some(gap));
                None
            }
        }
    }
}

/// The seals of sets that are complete, each with the word that its place asks.
fn complete(
    seals: &BTreeMap<u32, Part>,
    signatures: &BTreeMap<u32, Part>,
    results: &BTreeMap<u32, Part>,
    arc: &mut Arc,
) -> Result<Vec<Seal>, String> {
    let mut read = Vec::new();
    for number in 1..=arc.sets {
        let (Some(seal), true, true) =
            (seals.get(&number), signatures.contains_key(&number), results.contains_key(&number))
        else {
            return Err(format!("set {number} of {} is not complete", arc.sets));
        };
        let seal = Seal::parse(&seal.text).map_err(|why| format!("ARC-Seal i={number}: {why}"))?;
        let expected = if number == 1 { ChainValidation::None } else { ChainValidation::Pass };
        if seal.validation == ChainValidation::Fail {
            return Err(format!("{} found the chain broken already (cv=fail at i={number})", seal.domain));
        }
        if seal.validation != expected {
            return Err(format!("cv= of i={number} is not what its place in the chain asks"));
        }
        arc.sealers.push(seal.domain.clone());
        read.push(seal);
    }
    Ok(read)
}

/// What a seal signs: all sets up to its own, which lacks its signature (RFC 8617 section 5.1.1).
fn sealed_octets(
    message: &SignedMessage,
    seal: &Seal,
    seals: &BTreeMap<u32, Part>,
    signatures: &BTreeMap<u32, Part>,
    results: &BTreeMap<u32, Part>,
) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut own: RawField = Default::default();
    for number in 1..=seal.instance {
        let raw = |part: &Part| raw_field(&message.raw, &message.header.fields[part.field]);
        octets.extend(canonical_field(&raw(&results[&number]), Canonicalization::Relaxed));
        octets.extend(canonical_field(&raw(&signatures[&number]), Canonicalization::Relaxed));
        if number < seal.instance {
            octets.extend(canonical_field(&raw(&seals[&number]), Canonicalization::Relaxed));
        } else {
            own = raw(&seals[&number]);
        }
    }
    octets.extend(signed_octets(&[], &own, Canonicalization::Relaxed));
    octets
}

fn verify(
    what: &str,
    key: Option<KeyRecord>,
    algorithm: &Algorithm,
    octets: &[u8],
    signature: &[u8],
) -> Result<(), String> {
    let key = key.ok_or_else(|| format!("{what}: there is no usable key"))?;
    match octets_match(&key, algorithm, octets, signature) {
        Some(true) => Ok(()),
        Some(false) => Err(format!("{what} does not match the message")),
        None => Err(format!("{what}: its key or algorithm must not be trusted")),
    }
}
