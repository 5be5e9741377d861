//! What a verifier makes of each DKIM signature of the message, and why. All
//! aspects are judged even where the first would do for a verifier, so that the
//! reader sees every fault at once. The signature arithmetic is mail-auth's.

use mail_auth::common::crypto::Algorithm as LibraryAlgorithm;
use mail_auth::common::parse::TxtRecordParser as _;
use mail_auth::common::verify::DomainKey;
use serde::Serialize;

use super::canonical::{BodyCheck, RawField, raw_field, signed_fields, signed_octets};
use super::changed_header::{Tried, header_reason};
use super::keys::Key;
use super::signed_message::{MessageSignature, SignedMessage};
use crate::facts::Facts;
use crate::model::Gap;
use crate::parse::dkim::key::{KeyRecord, PublicKey, SMALLEST_RSA};
use crate::parse::dkim::signature::{Algorithm, Canonicalization, Signature};

/// The result words of RFC 8601 section 2.7.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SignatureResult {
    /// Header and body are as signed, by a key and algorithm a verifier may trust.
    Pass,
    /// The signature is understood and does not hold.
    Fail,
    /// The signature was not judged, such as one beyond the number a verifier looks at.
    Neutral,
    /// Signature or key cannot be used, however often it is tried.
    Permerror,
    /// The key could not be asked for; a later try may succeed.
    Temperror,
}

impl SignatureResult {
    /// The word in Authentication-Results.
    pub fn name(self) -> &'static str {
        match self {
            SignatureResult::Pass => "pass",
            SignatureResult::Fail => "fail",
            SignatureResult::Neutral => "neutral",
            SignatureResult::Permerror => "permerror",
            SignatureResult::Temperror => "temperror",
        }
    }

    /// The result spelled so, in lower case.
    pub fn from_name(name: &str) -> Option<SignatureResult> {
        use SignatureResult::*;
        [Pass, Fail, Neutral, Permerror, Temperror].into_iter().find(|result| result.name() == name)
    }
}

/// What kept a signature from passing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Nothing: it passes.
    Sound,
    /// The signature's tags break RFC 6376 section 3.5.
    Syntax,
    /// The question for the key got no answer.
    KeyUnknown,
    /// The header is too large to have been read whole.
    HeaderUnread,
    /// There is no key record at the selector.
    KeyMissing,
    /// The key record's `p=` is empty (RFC 6376 section 3.6.1).
    KeyRevoked,
    /// The key record cannot be read, or is not for this signature.
    KeyUnusable,
    /// The body is not the one that was signed.
    Body,
    /// The signed header fields are not the ones that were signed, or another key signed them.
    Header,
    /// `x=` has passed at the evidence's clock.
    Expired,
    /// The algorithm is rsa-sha1 (RFC 8301 section 3.1); all else holds.
    Sha1,
    /// The RSA key has less than 1024 bits (RFC 8301 section 3.2); all else holds.
    WeakKey,
}

/// One signature, judged.
#[derive(Clone, Debug)]
pub struct Verified {
    /// Index into the message's signatures.
    pub index: usize,
    /// What a verifier writes down.
    pub result: SignatureResult,
    /// What it follows from.
    pub cause: Cause,
    /// For people; escaped.
    pub reason: String,
    /// Bits of the RSA modulus, 256 for Ed25519; `None` where there is no usable key.
    pub bits: Option<usize>,
    /// Whether the body hash holds, also where no key could be applied.
    pub body: BodyCheck,
    /// `None` where no key could be applied.
    pub header_matches: Option<bool>,
    /// The gap that kept the key away.
    pub gap: Option<Gap>,
    /// The key says `t=y`.
    pub testing: bool,
}

impl<'e> Facts<'e> {
    /// The message's signatures, judged at the evidence's clock.
    pub(in crate::facts) fn verify_signatures(&self, keys: &[Key]) -> Vec<Verified> {
        let Some(message) = self.signed() else { return Vec::new() };
        let verify = |(index, signature): (usize, &MessageSignature)| {
            let name = signature.signature.key_name();
            let key = name.and_then(|name| keys.iter().find(|key| key.name == name));
            verify(index, message, signature, key, self.now())
        };
        message.signatures.iter().enumerate().map(verify).collect()
    }
}

fn verify(
    index: usize,
    message: &SignedMessage,
    at: &MessageSignature,
    key: Option<&Key>,
    now: i64,
) -> Verified {
    let signature = &at.signature;
    let mut verified = Verified {
        index,
        result: SignatureResult::Permerror,
        cause: Cause::Syntax,
        reason: String::new(),
        bits: None,
        body: BodyCheck::Differs(None),
        header_matches: None,
        gap: None,
        testing: false,
    };
    let settle =
        |verified: Verified, (result, cause, reason): Judged| Verified { result, cause, reason, ..verified };
    if let Some((result, cause, reason, gap)) = not_computed(index, message, signature) {
        return settle(Verified { gap, ..verified }, (result, cause, reason));
    }
    verified.body = at.body_check(message).clone();
    let own = raw_field(&message.raw, &message.header.fields[at.field]);
    let fields = signed_fields(&message.raw, &message.header, &signature.signed_headers);
    let record = match usable_record(key, signature) {
        Ok(record) => record,
        Err((result, cause, reason, gap)) => {
            // A changed body fails whatever the key: say the worse.
            let judged = match (&verified.body, result) {
                (BodyCheck::Differs(clue), SignatureResult::Temperror) => {
                    (SignatureResult::Fail, Cause::Body, body_reason(clue))
                }
                _ => (result, cause, reason),
            };
            return settle(Verified { gap, ..verified }, judged);
        }
    };
    verified.bits = record.key.bits();
    verified.testing = record.is_testing();
    verified.header_matches =
        check_header(record, signature, &fields, &own, signature.header_canonicalization);
    let judged = match (&verified.body, verified.header_matches) {
        (BodyCheck::Differs(clue), _) => (SignatureResult::Fail, Cause::Body, body_reason(clue)),
        (_, Some(false)) => {
            let verifies =
                |fields: &[RawField], form| check_header(record, signature, fields, &own, form) == Some(true);
            let tried = Tried { signature, fields: &fields, verifies: &verifies };
            (SignatureResult::Fail, Cause::Header, header_reason(&tried, message))
        }
        (_, matches) => trusted(record, signature, matches.is_some(), now),
    };
    settle(verified, judged)
}

type Judged = (SignatureResult, Cause, String);

/// Why nothing of the signature is computed.
fn not_computed(index: usize, message: &SignedMessage, signature: &Signature) -> Option<Unusable> {
    use SignatureResult::*;
    if let Some(fault) = signature.faults.iter().find(|fault| fault.fatal) {
        return Some((Permerror, Cause::Syntax, fault.text.clone(), None));
    }
    if index >= super::signed_message::MAX_VERIFIED {
        let reason = "not verified: there are too many signatures before it".to_owned();
        return Some((Neutral, Cause::KeyUnusable, reason, None));
    }
    let gap = message.whole().err()?;
    Some((Temperror, Cause::HeaderUnread, gap.to_string(), Some(gap)))
}

/// Whether a signature is to be trusted whose body is as signed, and its header where the key could be `applied`.
fn trusted(record: &KeyRecord, signature: &Signature, applied: bool, now: i64) -> Judged {
    use SignatureResult::*;
    let bits = record.key.bits().filter(|bits| record.key.algorithm() == "rsa" && *bits < SMALLEST_RSA);
    if let Some(bits) = bits {
        let reason = format!(
            "the RSA key has {bits} bits; verifiers must not trust less than {SMALLEST_RSA} (RFC 8301)"
        );
        return (Permerror, Cause::WeakKey, reason);
    }
    if signature.algorithm == Algorithm::RsaSha1 {
        let reason = "rsa-sha1 must not be trusted (RFC 8301); header and body are as signed".to_owned();
        return (Permerror, Cause::Sha1, reason);
    }
    if let Some(expired) = signature.expires_at.filter(|expires| *expires < now) {
        return (Fail, Cause::Expired, format!("it expired {}", ago(now.saturating_sub(expired))));
    }
    if !applied {
        let reason = "the key cannot be applied to the signature".to_owned();
        return (Permerror, Cause::KeyUnusable, reason);
    }
    (Pass, Cause::Sound, "header and body are as signed".to_owned())
}

fn ago(seconds: i64) -> String {
    match seconds {
        0..7200 => format!("{} minutes ago", seconds / 60),
        7200..172_800 => format!("{} hours ago", seconds / 3600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

fn body_reason(clue: &Option<String>) -> String {
    match clue {
        Some(clue) => format!("the body was changed after signing: {clue}"),
        None => "the body was changed after signing (its hash is not bh=)".to_owned(),
    }
}

type Unusable = (SignatureResult, Cause, String, Option<Gap>);

/// The key record, where a verifier may apply it to this signature.
fn usable_record<'k>(key: Option<&'k Key>, signature: &Signature) -> Result<&'k KeyRecord, Unusable> {
    use SignatureResult::*;
    let Some(key) = key else {
        return Err((
            Permerror,
            Cause::KeyMissing,
            "there is no name to look the key up at".to_owned(),
            None,
        ));
    };
    let state = match &key.state {
        Ok(state) => state,
        Err(gap) => {
            return Err((
                Temperror,
                Cause::KeyUnknown,
                format!("the key is not known: {gap}"),
                Some(gap.clone()),
            ));
        }
    };
    let unusable = |cause, reason: String| Err((Permerror, cause, reason, None));
    let record = match state.records.as_slice() {
        [] => return unusable(Cause::KeyMissing, format!("there is no key at {}", key.name)),
        [record] => record,
        // Undefined by the RFC; with one readable key most verifiers find it.
        many => match many
            .iter()
            .find(|record| record.serves_mail())
            .or(many.iter().find(|record| record.is_sound() && record.key.bits().is_some()))
        {
            Some(record) => record,
            None => {
                return unusable(
                    Cause::KeyUnusable,
                    format!("{} records at {}, no usable key", many.len(), key.name),
                );
            }
        },
    };
    applicable(key, record, signature).map(|()| record)
}

/// Whether a verifier may apply the record to this signature.
fn applicable(key: &Key, record: &KeyRecord, signature: &Signature) -> Result<(), Unusable> {
    let unusable = |cause, reason: String| Err((SignatureResult::Permerror, cause, reason, None));
    if record.key == PublicKey::Revoked {
        return unusable(Cause::KeyRevoked, format!("the key at {} is revoked (empty p=)", key.name));
    }
    if let Some(fault) = record.faults.iter().find(|fault| fault.fatal) {
        return unusable(
            Cause::KeyUnusable,
            format!("the key record at {} is unusable: {}", key.name, fault.text),
        );
    }
    let Some((kind, hash)) = signature.algorithm.parts() else {
        return unusable(Cause::Syntax, "a= is unknown".to_owned());
    };
    if record.key.algorithm() != kind {
        let reason = format!(
            "a={} needs an {kind} key, {} has {}",
            signature.algorithm.name(),
            key.name,
            record.key.algorithm()
        );
        return unusable(Cause::KeyUnusable, reason);
    }
    if !record.allows_hash(hash) {
        return unusable(Cause::KeyUnusable, format!("the key at {} does not allow {hash} (h=)", key.name));
    }
    if !record.allows_email() {
        return unusable(Cause::KeyUnusable, format!("the key at {} is not for mail (s=)", key.name));
    }
    if record.is_strict() && signature.identity != signature.domain {
        return unusable(Cause::KeyUnusable, format!("t=s at {}: i= must be at d= itself", key.name));
    }
    Ok(())
}

/// The key in mail-auth's form, built from what was read strictly here.
pub(in crate::facts) fn library_key(record: &KeyRecord) -> Option<DomainKey> {
    let p: String = record.list.value("p")?.chars().filter(|c| !c.is_whitespace()).collect();
    DomainKey::parse(format!("v=DKIM1; k={}; p={p}", record.key.algorithm()).as_bytes()).ok()
}

/// Applies the key to octets; `None` where it is of no use, such as an RSA key too small for the library.
pub(in crate::facts) fn octets_match(
    record: &KeyRecord,
    algorithm: &Algorithm,
    octets: &[u8],
    signature: &[u8],
) -> Option<bool> {
    if record.key.bits()? < SMALLEST_RSA && record.key.algorithm() == "rsa" {
        return None;
    }
    let algorithm = match algorithm {
        Algorithm::RsaSha1 => LibraryAlgorithm::RsaSha1,
        Algorithm::RsaSha256 => LibraryAlgorithm::RsaSha256,
        Algorithm::Ed25519Sha256 => LibraryAlgorithm::Ed25519Sha256,
        Algorithm::Unknown(_) => return None,
    };
    Some(library_key(record)?.p.verify_bytes(octets, signature, algorithm).is_ok())
}

fn check_header(
    record: &KeyRecord,
    signature: &Signature,
    fields: &[RawField],
    own: &RawField,
    form: Canonicalization,
) -> Option<bool> {
    octets_match(record, &signature.algorithm, &signed_octets(fields, own, form), &signature.signature)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_header_that_was_not_read_whole_verifies_nothing() {
        let signature = "DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=s; h=from; bh=AAAA; b=AAAA\r\n";
        let read = |fields: usize| {
            let filler = "X-Filler: x\r\n".repeat(fields);
            let raw = format!("{signature}{filler}From: ann@a.example\r\n\r\nbody\r\n");
            let message = SignedMessage::read(&Arc::new(raw.into_bytes()));
            verify(0, &message, &message.signatures[0], None, 0)
        };
        let whole = read(100);
        assert!(whole.cause != Cause::HeaderUnread, "{whole:?}");
        let cut = read(3000);
        assert_eq!((cut.result, cut.cause), (SignatureResult::Temperror, Cause::HeaderUnread));
        assert!(cut.gap.is_some() && cut.reason.contains("2000"), "{cut:?}");
    }
}
