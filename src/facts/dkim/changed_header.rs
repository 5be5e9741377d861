//! Which field of a signed header was changed on the way: by the signer's own copies, by undoing usual
//! changes, else by what is changed most often.

use super::canonical::RawField;
use super::signed_message::SignedMessage;
use crate::model::Untrusted;
use crate::model::untrusted::Width;
use crate::parse::dkim::signature::{Canonicalization, Signature};

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

/// A signature whose header does not match, to be tried with other fields.
pub(super) struct Tried<'t> {
    pub(super) signature: &'t Signature,
    pub(super) fields: &'t [RawField],
    /// Whether the key verifies the signature over such fields in such a form.
    pub(super) verifies: &'t dyn Fn(&[RawField], Canonicalization) -> bool,
}

impl Tried<'_> {
    fn matches(&self, fields: &[RawField], form: Canonicalization) -> bool {
        (self.verifies)(fields, form)
    }

    /// By the signer's own copies in z= (RFC 6376 section 3.5), the surest witness.
    fn by_copies(&self) -> Option<String> {
        let dense = |bytes: &[u8]| -> Vec<u8> {
            bytes.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect()
        };
        for (copied, value) in &self.signature.copied_headers {
            for (index, (name, now)) in self.fields.iter().enumerate() {
                if name.trim_ascii().eq_ignore_ascii_case(copied.as_bytes())
                    && dense(now) != dense(value.as_bytes())
                {
                    let mut tried = self.fields.to_vec();
                    tried[index].1 = format!("{value}\r\n").into_bytes();
                    let form = self.signature.header_canonicalization;
                    let sure = if self.matches(&tried, form) { "only " } else { "" };
                    return Some(format!(
                        "the header was changed after signing: {sure}{} differs from its copy in z=",
                        shown(name)
                    ));
                }
            }
        }
        None
    }

    /// By taking a field away, or a usual change back.
    fn by_undoing(&self) -> Option<String> {
        let form = self.signature.header_canonicalization;
        let size: usize = self.fields.iter().map(|(name, value)| name.len() + value.len()).sum();
        let tries = if size > MAX_TRIED { 0 } else { 60 };
        for (index, (name, value)) in self.fields.iter().enumerate().take(tries) {
            let mut without = self.fields.to_vec();
            without.retain(|(other, _)| !other.trim_ascii().eq_ignore_ascii_case(name.trim_ascii()));
            if self.matches(&without, form) {
                return Some(format!("{} was added after signing", shown(name)));
            }
            for (what, changed) in undone(value) {
                let mut tried = self.fields.to_vec();
                tried[index].1 = changed;
                if self.matches(&tried, form) {
                    return Some(format!("{} was changed after signing: {what}", shown(name)));
                }
            }
        }
        None
    }
}

fn shown(name: &[u8]) -> String {
    Untrusted::from_bytes(name.trim_ascii()).plain(Width::Word)
}

/// Names the field that was changed, where undoing a usual change makes the
/// signature match again; else the fields most often to blame.
pub(super) fn header_reason(tried: &Tried<'_>, message: &SignedMessage) -> String {
    let (other, name) = match tried.signature.header_canonicalization {
        Canonicalization::Simple => (Canonicalization::Relaxed, "relaxed"),
        Canonicalization::Relaxed => (Canonicalization::Simple, "simple"),
    };
    if tried.matches(tried.fields, other) {
        return format!("the header matches under {name} canonicalization, so c= is wrong");
    }
    let named = tried.by_copies().or_else(|| tried.by_undoing());
    named.unwrap_or_else(|| most_likely(tried.signature, message))
}

fn most_likely(signature: &Signature, message: &SignedMessage) -> String {
    let present = |name: &str| message.header.all(name).next().is_some();
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
