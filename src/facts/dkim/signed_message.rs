//! The message as a verifier sees it: its fields byte for byte and its
//! signatures, read once for all rounds of a run. Verifying needs keys and is in
//! `result`.

use std::sync::{Arc, OnceLock};

use super::canonical::{BodyCheck, check_body};
use crate::facts::Facts;
use crate::model::{Gap, Name};
use crate::parse::dkim::signature::{Kind, Signature};
use crate::parse::message::{Addresses, Header};

/// The sample message, ready to be verified.
#[derive(Clone, Debug, Default)]
pub struct SignedMessage {
    /// With CRLF line ends: what would go over the wire.
    pub raw: Arc<Vec<u8>>,
    /// The header section of [`SignedMessage::raw`], by offsets into it.
    pub header: Header,
    /// In the order of the message, at most 50.
    pub signatures: Vec<MessageSignature>,
    /// The domains in From, each once.
    pub author_domains: Vec<Name>,
    /// From fields as text, one entry a field.
    pub from_fields: Vec<String>,
}

/// One DKIM-Signature field.
#[derive(Clone, Debug)]
pub struct MessageSignature {
    /// The field's tags.
    pub signature: Signature,
    /// Index into the header's fields.
    pub field: usize,
    /// The field's line, from 1.
    pub line: u32,
    /// Whether the body is the one that was signed; hashed when first asked for.
    body: OnceLock<BodyCheck>,
}

impl MessageSignature {
    /// Whether the body is the one that was signed. `message` is the one it stands in.
    pub fn body_check(&self, message: &SignedMessage) -> &BodyCheck {
        self.body.get_or_init(|| match self.signature.is_sound() {
            true => check_body(message.body(), &self.signature),
            false => BodyCheck::Differs(None),
        })
    }
}

/// More signatures than any verifier looks at.
const MAX_SIGNATURES: usize = 50;
/// Signatures verified; large receivers stop at five to ten.
pub(in crate::facts) const MAX_VERIFIED: usize = 20;

impl SignedMessage {
    /// Takes a message apart; bare LF line ends become CRLF, as they would be sent.
    pub fn read(raw: &Arc<Vec<u8>>) -> SignedMessage {
        let raw = on_the_wire(raw);
        let header = Header::scan(&raw, 0..raw.len(), 1, true);
        let text_of =
            |index: usize| String::from_utf8_lossy(header.fields[index].value_in(&raw)).into_owned();
        let indexes = |name: &'static str| {
            header
                .fields
                .iter()
                .enumerate()
                .filter(|(_, field)| field.is(name))
                .map(|(index, _)| index)
                .collect()
        };
        let signed: Vec<usize> = indexes("DKIM-Signature");
        let signatures = signed
            .into_iter()
            .take(MAX_SIGNATURES)
            .map(|field| {
                let signature = Signature::parse(&text_of(field), Kind::Dkim);
                MessageSignature { signature, field, line: header.fields[field].line, body: OnceLock::new() }
            })
            .collect();
        let from: Vec<usize> = indexes("From");
        let mut author_domains = Vec::new();
        for field in &from {
            for domain in Addresses::read(&header.fields[*field]).domains() {
                if !author_domains.contains(&domain) {
                    author_domains.push(domain);
                }
            }
        }
        let from_fields: Vec<String> = from.into_iter().map(text_of).collect();
        SignedMessage { signatures, author_domains, from_fields, header, raw }
    }

    /// A doubt where a limit cut the header: what the rest holds is not known, and what is not seen is
    /// not missing.
    ///
    /// # Errors
    /// Where the header was not read to its end.
    pub fn whole(&self) -> Result<(), Gap> {
        match self.header.limits.first() {
            Some(limit) => Err(Gap::undecidable(format!("not verified: {limit}"))),
            None => Ok(()),
        }
    }

    /// The octets after the empty line, as a body hash is made of (RFC 6376 section 3.7).
    pub fn body(&self) -> &[u8] {
        self.raw.get(self.header.body..).unwrap_or_default()
    }
}

impl<'e> Facts<'e> {
    /// The message as a verifier sees it; `None` without `--message`.
    pub fn signed(&self) -> Option<&'e SignedMessage> {
        self.prepared.signed(self.evidence)
    }

    /// The message's file, as the user named it.
    pub fn message_file(&self) -> Option<String> {
        self.evidence.message.as_ref().map(|message| message.file.clone())
    }

    /// Its DKIM signatures, top to bottom; none without a message.
    pub fn signatures(&self) -> &'e [MessageSignature] {
        self.signed().map(|message| message.signatures.as_slice()).unwrap_or_default()
    }
}

/// A file saved with bare LF throughout is taken as the message it was: SMTP has
/// only CRLF. A mixture is left alone, because it is what would be sent.
fn on_the_wire(raw: &Arc<Vec<u8>>) -> Arc<Vec<u8>> {
    if memchr::memchr(b'\r', raw).is_some() {
        return Arc::clone(raw);
    }
    let mut out = Vec::with_capacity(raw.len() + raw.len() / 32);
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(text) => {
                out.extend_from_slice(text);
                out.extend_from_slice(b"\r\n");
            }
            None => out.extend_from_slice(line),
        }
    }
    Arc::new(out)
}
