//! What a verifier makes of each DKIM signature of the message, and why. All
//! aspects are judged even where the first would do for a verifier, so that the
//! reader sees every fault at once. The signature arithmetic is mail-auth's.

use mail_auth::common::crypto::Algorithm as LibraryAlgorithm;
use mail_auth::common::parse::TxtRecordParser as _;
use mail_auth::common::verify::DomainKey;
use serde::Serialize;

use super::canonical::{BodyCheck, RawField, raw_field, signed_fields, signed_octets};
use super::keys::Key;
use super::signed_message::{MessageSignature, SignedMessage};
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Gap, Untrusted};
use crate::parse::dkim::key::{KeyRecord, PublicKey};
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

/// Sizes under this must not be trusted (RFC 8301 section 3.2).
const SMALLEST: usize = 1024;

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
    if let Some(fault) = signature.faults.iter().find(|fault| fault.fatal) {
        verified.reason = fault.text.clone();
        return verified;
    }
    if index >= super::signed_message::MAX_VERIFIED {
        verified.result = SignatureResult::Neutral;
        verified.cause = Cause::KeyUnusable;
        verified.reason = "not verified: there are too many signatures before it".to_owned();
        return verified;
    }
    verified.body = at.body_check(message).clone();
    let own = raw_field(&message.raw, &message.header.fields[at.field]);
    let fields = signed_fields(&message.raw, &message.header, &signature.signed_headers);
    let settle = |mut verified: Verified, result, cause, reason: String| {
        (verified.result, verified.cause, verified.reason) = (result, cause, reason);
        verified
    };
    use SignatureResult::*;
    let record = match usable_record(key, signature) {
        Ok(record) => record,
        Err((result, cause, reason, gap)) => {
            verified.gap = gap;
            // A changed body fails whatever the key: say the worse.
            return match (&verified.body, result) {
                (BodyCheck::Differs(clue), Temperror) => {
                    let reason = body_reason(clue);
                    settle(verified.clone(), Fail, Cause::Body, reason)
                }
                _ => settle(verified, result, cause, reason),
            };
        }
    };
    verified.bits = record.key.bits();
    verified.testing = record.is_testing();
    verified.header_matches =
        check_header(record, signature, &fields, &own, signature.header_canonicalization);
    if let BodyCheck::Differs(clue) = &verified.body {
        let reason = body_reason(clue);
        return settle(verified, Fail, Cause::Body, reason);
    }
    if verified.header_matches == Some(false) {
        let reason = header_reason(record, message, signature, &fields, &own);
        return settle(verified, Fail, Cause::Header, reason);
    }
    if let Some(bits) = verified.bits.filter(|bits| record.key.algorithm() == "rsa" && *bits < SMALLEST) {
        let reason =
            format!("the RSA key has {bits} bits; verifiers must not trust less than {SMALLEST} (RFC 8301)");
        return settle(verified, Permerror, Cause::WeakKey, reason);
    }
    if signature.algorithm == Algorithm::RsaSha1 {
        let reason = "rsa-sha1 must not be trusted (RFC 8301); header and body are as signed".to_owned();
        return settle(verified, Permerror, Cause::Sha1, reason);
    }
    if let Some(expired) = signature.expires_at.filter(|expires| *expires < now) {
        let reason = format!("it expired {}", ago(now.saturating_sub(expired)));
        return settle(verified, Fail, Cause::Expired, reason);
    }
    if verified.header_matches.is_none() {
        let reason = "the key cannot be applied to the signature".to_owned();
        return settle(verified, Permerror, Cause::KeyUnusable, reason);
    }
    settle(verified, Pass, Cause::Sound, "header and body are as signed".to_owned())
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
        many => match many.iter().find(|record| record.is_sound() && record.key.bits().is_some()) {
            Some(record) => record,
            None => {
                return unusable(
                    Cause::KeyUnusable,
                    format!("{} records at {}, no usable key", many.len(), key.name),
                );
            }
        },
    };
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
    Ok(record)
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
    if record.key.bits()? < SMALLEST && record.key.algorithm() == "rsa" {
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

/// Octets of header up to which changes are tried out.
const MAX_TRIED: usize = 64 << 10;

/// Fields that mailing lists, gateways and security products like to rewrite.
const OFTEN_CHANGED: [&str; 9] = [
    "subject",
    "from",
    "to",
    "cc",
    "reply-to",
    "content-type",
    "content-transfer-encoding",
    "mime-version",
    "message-id",
];

/// Names the field that was changed, where undoing a usual change makes the
/// signature match again; else the fields most often to blame.
fn header_reason(
    record: &KeyRecord,
    message: &SignedMessage,
    signature: &Signature,
    fields: &[RawField],
    own: &RawField,
) -> String {
    let form = signature.header_canonicalization;
    let matches =
        |fields: &[RawField], form| check_header(record, signature, fields, own, form) == Some(true);
    let (other, name) = match form {
        Canonicalization::Simple => (Canonicalization::Relaxed, "relaxed"),
        Canonicalization::Relaxed => (Canonicalization::Simple, "simple"),
    };
    if matches(fields, other) {
        return format!("the header matches under {name} canonicalization, so c= is wrong");
    }
    let shown = |name: &[u8]| Untrusted::from_bytes(name.trim_ascii()).plain(Width::Word);
    // The signer's own copies in z= (RFC 6376 section 3.5) are the surest witness.
    for (copied, value) in &signature.copied_headers {
        for (index, (name, now)) in fields.iter().enumerate() {
            let dense = |bytes: &[u8]| {
                bytes.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect::<Vec<u8>>()
            };
            if name.trim_ascii().eq_ignore_ascii_case(copied.as_bytes())
                && dense(now) != dense(value.as_bytes())
            {
                let mut tried = fields.to_vec();
                tried[index].1 = format!("{value}\r\n").into_bytes();
                let sure = if matches(&tried, form) { "only " } else { "" };
                return format!(
                    "the header was changed after signing: {sure}{} differs from its copy in z=",
                    shown(name)
                );
            }
        }
    }
    let size: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
    let tries = if size > MAX_TRIED { 0 } else { 60 };
    for (index, (name, value)) in fields.iter().enumerate().take(tries) {
        let mut without = fields.to_vec();
        without.retain(|(other, _)| !other.trim_ascii().eq_ignore_ascii_case(name.trim_ascii()));
        if matches(&without, form) {
            return format!("{} was added after signing", shown(name));
        }
        for (what, changed) in undone(value) {
            let mut tried = fields.to_vec();
            tried[index].1 = changed;
            if matches(&tried, form) {
                return format!("{} was changed after signing: {what}", shown(name));
            }
        }
    }
    let present = |name: &str| message.header.named(&message.raw, name).next().is_some();
    let mut likely: Vec<&str> = OFTEN_CHANGED
        .into_iter()
        .filter(|name| signature.times_signed(name) > 0 && present(name))
        .take(3)
        .collect();
    let removed: Vec<String> = signature
        .signed_headers
        .iter()
        .filter(|name| !present(name))
        .map(|name| crate::model::untrusted::plain(name, Width::Word))
        .take(3)
        .collect();
    likely.dedup();
    let mut text = "the header was changed after signing, or another key signed it".to_owned();
    if !likely.is_empty() {
        text.push_str(&format!("; look at {} first", likely.join(", ")));
    }
    if !removed.is_empty() {
        text.push_str(&format!("; signed but not there: {}", removed.join(", ")));
    }
    text
}

/// Usual changes, undone: a tag in front of a subject, a fold, an added blank.
fn undone(value: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut tries = Vec::new();
    let text = String::from_utf8_lossy(value).into_owned();
    let body = text.trim();
    let mut rest = body;
    for _ in 0..3 {
        let Some(cut) = rest.find([']', ':', '*', '}', ')']).filter(|cut| *cut < 60) else { break };
        let (tag, after) = rest.split_at(cut + 1);
        let after_trimmed = after.trim_start_matches(['*', ' ']);
        let tag = crate::model::untrusted::plain(tag.trim(), Width::Word);
        tries.push((format!("\"{tag}\" was put in front"), format!(" {after_trimmed}\r\n").into_bytes()));
        rest = after_trimmed;
    }
    let unfolded: Vec<&str> = text.split_whitespace().collect();
    tries.push(("it was folded anew".to_owned(), format!(" {}\r\n", unfolded.join(" ")).into_bytes()));
    tries.push(("its case was changed".to_owned(), format!(" {}\r\n", body.to_lowercase()).into_bytes()));
    tries
}
