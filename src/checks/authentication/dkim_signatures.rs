//! What the checks of DKIM signatures share: going through the message's signatures.

use crate::check::{Problem, Verdict};
use crate::facts::Facts;
use crate::facts::dkim_result::{Cause, Verified};
use crate::facts::signed_message::{MessageSignature, SignedMessage};
use crate::model::{Gap, Location, Subject};

/// The message; a gap where none was given.
pub(super) fn message<'f>(facts: &'f Facts) -> Result<&'f SignedMessage, Gap> {
    facts.signed().ok_or(Gap::NotSupplied { what: "message", flag: "--message FILE" })
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
    format!("d={domain} s={}", crate::model::untrusted::plain(&at.signature.selector, 60))
}

/// True where the signature's text is sound, so that more can be said of it.
pub(super) fn is_readable(verified: &Verified) -> bool {
    verified.cause != Cause::Syntax
}
