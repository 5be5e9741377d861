//! DKIM: the keys in DNS and the signatures of the message.

use crate::check::{Problem, Verdict};
use crate::facts::Facts;
use crate::facts::dkim::keys::{Key, KeyState};
use crate::facts::dkim::result::{Cause, Verified};
use crate::facts::dkim::signed_message::{MessageSignature, SignedMessage};
use crate::model::untrusted::Width;
use crate::model::{Gap, Location, Subject};

/// Judges every key that could be fetched. A problem found counts even where
/// another key could not be fetched; without one, the first gap is the verdict.
pub(super) fn judge_keys(
    facts: &Facts,
    each: impl Fn(&Key, &KeyState) -> Vec<Problem>,
) -> Result<Verdict, Gap> {
    let mut problems = Vec::new();
    let mut gap = None;
    for key in facts.dkim().keys()? {
        match &key.state {
            Ok(state) => problems.extend(each(key, state).into_iter().map(|p| p.located(key.location()))),
            Err(unknown) => gap = gap.or_else(|| Some(unknown.clone())),
        }
    }
    // Selectors that nobody named hide nothing from what was found at those that somebody did.
    let untried = facts.dkim().untried().cloned().filter(|_| problems.is_empty());
    Verdict::so_far(problems, gap.or(untried))
}

/// The message; a gap where none was given.
pub(super) fn message<'f>(facts: &'f Facts) -> Result<&'f SignedMessage, Gap> {
    let message = facts.signed().ok_or(Gap::NotSupplied { what: "message", flag: "--message FILE" })?;
    message.whole().map(|()| message)
}

/// Judges every signature that can be read; `None` from `each` is a pass.
pub(super) fn judge_signatures(
    facts: &Facts,
    each: impl Fn(&MessageSignature, &Verified) -> Option<Problem>,
) -> Result<Verdict, Gap> {
    let message = message(facts)?;
    if message.signatures.is_empty() {
        return Ok(Verdict::NotApplicable("the message has no DKIM signature, see dkim-signature-missing"));
    }
    let mut problems = Vec::new();
    for verified in &facts.dkim().results {
        let Some(at) = message.signatures.get(verified.index) else { continue };
        problems.extend(each(at, verified).map(|problem| problem.located(location(facts, at.line))));
    }
    Ok(Verdict::from_problems(problems))
}

/// The signature's field as a problem's subject.
pub(super) fn field(at: &MessageSignature) -> Subject {
    Subject::Header { name: "DKIM-Signature".to_owned(), line: Some(at.line) }
}

pub(super) fn location(facts: &Facts, line: u32) -> Option<Location> {
    facts.message_file().map(|file| Location { file, line })
}

/// `d=example.com s=s1`, for messages.
pub(super) fn label(at: &MessageSignature) -> String {
    let domain = at.signature.domain.as_ref().map_or("?".to_owned(), ToString::to_string);
    format!("d={domain} s={}", crate::model::untrusted::plain(&at.signature.selector, Width::Name))
}

/// True where the signature's text is sound, so that more can be said of it.
pub(super) fn is_readable(verified: &Verified) -> bool {
    verified.cause != Cause::Syntax
}

// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod dkim_body_partial;
mod dkim_canonicalization_fragile;
mod dkim_header_addable;
mod dkim_header_transient;
mod dkim_header_unsigned;
mod dkim_key_missing;
mod dkim_key_multiple;
mod dkim_key_restricted;
mod dkim_key_revoked;
mod dkim_key_shared;
mod dkim_key_syntax;
mod dkim_key_testing;
mod dkim_key_weak;
mod dkim_signature_broken;
mod dkim_signature_expired;
mod dkim_signature_future;
mod dkim_signature_missing;
mod dkim_signature_sha1;
mod dkim_signature_syntax;
mod dkim_unaligned;

#[rustfmt::skip]
pub(super) static CHECKS: &[&crate::check::Check] = &[
    &dkim_body_partial::CHECK,
    &dkim_canonicalization_fragile::CHECK,
    &dkim_header_addable::CHECK,
    &dkim_header_transient::CHECK,
    &dkim_header_unsigned::CHECK,
    &dkim_key_missing::CHECK,
    &dkim_key_multiple::CHECK,
    &dkim_key_restricted::CHECK,
    &dkim_key_revoked::CHECK,
    &dkim_key_shared::CHECK,
    &dkim_key_syntax::CHECK,
    &dkim_key_testing::CHECK,
    &dkim_key_weak::CHECK,
    &dkim_signature_broken::CHECK,
    &dkim_signature_expired::CHECK,
    &dkim_signature_future::CHECK,
    &dkim_signature_missing::CHECK,
    &dkim_signature_sha1::CHECK,
    &dkim_signature_syntax::CHECK,
    &dkim_unaligned::CHECK,
];
