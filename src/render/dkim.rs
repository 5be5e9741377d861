//! The answer of `mailvet dkim` for people: keys, signatures, private keys, findings.

use super::escape;
use super::finding_block;
use super::style::{Look, wrap};
use crate::facts::dkim::keys::{Key, Origin};
use crate::facts::dkim::result::{SignatureResult, Verified};
use crate::facts::dkim::signed_message::MessageSignature;
use crate::judge::finding::CheckResult;
use crate::model::{Name, Severity};

/// Everything the command shows.
pub(crate) struct DkimView {
    pub keys: Vec<Key>,
    pub signatures: Vec<(MessageSignature, Verified)>,
    pub private_keys: Vec<PrivateKeyMatch>,
    pub results: Vec<CheckResult>,
}

/// A private key of the signer beside the published one.
pub(crate) struct PrivateKeyMatch {
    pub file: String,
    /// The name of the key record.
    pub name: Name,
    /// `None` where it is not known.
    pub matches: Option<bool>,
    pub detail: String,
}

pub(crate) fn dkim(view: &DkimView, look: Look) -> String {
    let mut out = String::new();
    for key in &view.keys {
        out.push_str(&key_lines(key, look));
    }
    for (at, verified) in &view.signatures {
        out.push_str(&signature_lines(at, verified, look));
    }
    for one in &view.private_keys {
        let word = match one.matches {
            Some(true) => look.good("matches"),
            Some(false) => look.severity(Severity::High, "does not match"),
            None => look.severity(Severity::Medium, "unknown"),
        };
        let file = escape::terminal(&one.file);
        out.push_str(&format!("{file}  {word}  {}\n", look.bold(&escape::terminal(one.name.as_str()))));
        out.push_str(&wrap(&escape::terminal(&one.detail), look.width, "  ", "  "));
    }
    if view.keys.is_empty() && view.signatures.is_empty() && view.private_keys.is_empty() {
        let text = "no selector is known, so no key could be looked up; that says nothing about whether \
                    the domain signs. Give --selector S (the s= tag of a DKIM-Signature), --message FILE or --log FILE";
        out.push_str(&wrap(text, look.width, "", ""));
    }
    if !look.quiet {
        out.push_str(&finding_block::findings(&view.results, look));
    }
    out
}

fn key_lines(key: &Key, look: Look) -> String {
    let name = look.bold(&escape::terminal(key.name.as_str()));
    let guess = match key.origin {
        Origin::Guess => "  (found by guessing)".to_owned(),
        Origin::Report => "  (named in reports)".to_owned(),
        Origin::Given | Origin::Message => String::new(),
        Origin::Signer | Origin::Log => {
            let once = if key.origin == Origin::Log { ", used once" } else { "" };
            let place = key.source.as_ref().map(|at| format!("{}:{}", escape::terminal(&at.file), at.line));
            format!("  (from {}{once})", place.as_deref().unwrap_or("the log"))
        }
    };
    let state = match &key.state {
        Err(gap) => {
            look.severity(Severity::Medium, &format!("unknown: {}", escape::terminal(&gap.to_string())))
        }
        Ok(state) => match state.records.as_slice() {
            [] => look.severity(Severity::High, "no key record"),
            [record] => match (record.key.algorithm(), record.key.bits()) {
                ("rsa", Some(bits)) => format!("RSA {bits} bits"),
                ("ed25519", _) => "Ed25519".to_owned(),
                _ if record.key == crate::parse::dkim::key::PublicKey::Revoked => {
                    look.severity(Severity::High, "revoked (empty p=)")
                }
                _ => look.severity(Severity::High, "no usable key"),
            },
            many => look.severity(Severity::High, &format!("{} records", many.len())),
        },
    };
    let mut out = format!("{name}  {state}{guess}\n");
    if let Some(alias) = key.state.as_ref().ok().and_then(|state| state.aliases.last()) {
        out.push_str(&format!("  alias of {}\n", escape::terminal(alias.as_str())));
    }
    out
}

fn signature_lines(at: &MessageSignature, verified: &Verified, look: Look) -> String {
    let signature = &at.signature;
    let word = verified.result.name();
    let painted = match verified.result {
        SignatureResult::Pass => look.good(word),
        SignatureResult::Temperror => look.severity(Severity::Medium, word),
        _ => look.severity(Severity::High, word),
    };
    let domain = signature.domain.as_ref().map_or("?".to_owned(), ToString::to_string);
    let mut out = format!(
        "line {}  {painted}  d={} s={} a={}{}\n",
        at.line,
        escape::terminal(&domain),
        escape::terminal(&signature.selector),
        escape::terminal(signature.algorithm.name()),
        verified.bits.map(|bits| format!(" ({bits} bits)")).unwrap_or_default(),
    );
    out.push_str(&wrap(&escape::terminal(&verified.reason), look.width, "  ", "  "));
    if !look.quiet {
        let signed = format!("signs {}", signature.signed_headers.join(", "));
        out.push_str(&wrap(&escape::terminal(&signed), look.width, "  ", "    "));
    }
    out
}
