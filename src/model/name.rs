//! Domain names in one spelling, so that equal names compare equal.

use crate::model::untrusted::Width;
use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// A domain name: lower case, no trailing dot, bytes outside printable ASCII
/// as `\DDD`, a dot inside a label as `\.`. The root is the empty string.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name(String);

/// Why a text is no domain name. The message is for the person who typed it.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NameError {
    #[error("the name is empty; give a domain such as example.com")]
    Empty,
    #[error("{0} is an IP address, not a domain; give a domain such as example.com, and addresses with --ip")]
    Address(IpAddr),
    #[error("{0} is an e-mail address; give its domain, {1}")]
    Mailbox(String, String),
    #[error("{0} is a URL; give only its host, {1}")]
    Url(String, String),
    #[error("the name has {0} octets; a domain name has at most 253 (RFC 1035 section 3.1)")]
    TooLong(usize),
    #[error("the label {0:?} has {1} octets; a label has at most 63 (RFC 1035 section 3.1)")]
    LabelTooLong(String, usize),
    #[error("{0:?} has an empty label; look for two dots in a row or a leading dot")]
    EmptyLabel(String),
    #[error(
        "{0:?} holds {1:?}, which no domain name may hold; letters, digits, hyphens and underscores only"
    )]
    BadCharacter(String, char),
    #[error("{0:?} is no valid internationalised name (IDNA 2008, RFC 5891)")]
    Idna(String),
}

impl Name {
    /// What a person typed: IDN becomes A-labels, mistakes are explained.
    ///
    /// # Errors
    /// Where no domain can have the name, or it is an address, a mailbox or a URL; the message says
    /// what to type.
    pub fn parse(text: &str) -> Result<Name, NameError> {
        let shown = super::untrusted::plain(text.trim(), Width::Name);
        let text = text.trim().trim_end_matches('.');
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if let Ok(ip) = text.trim_matches(['[', ']']).parse() {
            return Err(NameError::Address(ip));
        }
        if let Some((_, rest)) = text.split_once("://") {
            let host = rest.split(['/', ':', '?']).next().unwrap_or_default();
            return Err(NameError::Url(shown, super::untrusted::plain(host, Width::Name)));
        }
        if let Some((_, domain)) = text.rsplit_once('@') {
            return Err(NameError::Mailbox(shown, super::untrusted::plain(domain, Width::Name)));
        }
        if text.split('.').any(str::is_empty) {
            return Err(NameError::EmptyLabel(shown));
        }
        let ascii = if text.is_ascii() {
            text.to_ascii_lowercase()
        } else {
            idna::domain_to_ascii(text).map_err(|_| NameError::Idna(shown.clone()))?
        };
        if let Some(bad) =
            ascii.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
        {
            return Err(NameError::BadCharacter(shown, bad));
        }
        let name = Name(ascii);
        if let Some(label) = name.labels().find(|label| label.len() > 63) {
            return Err(NameError::LabelTooLong(super::untrusted::plain(label, Width::Word), label.len()));
        }
        if name.0.len() > 253 {
            return Err(NameError::TooLong(name.0.len()));
        }
        Ok(name)
    }

    /// What a record or a wire message said: anything goes, nothing is lost.
    pub fn lenient(text: &str) -> Name {
        let mut out = String::with_capacity(text.len());
        for byte in text.bytes() {
            if (0x21..0x7f).contains(&byte) {
                out.push(byte.to_ascii_lowercase() as char);
            } else {
                out.push_str(&format!("\\{byte:03}"));
            }
        }
        if out.ends_with('.') && !out.ends_with("\\.") {
            out.pop();
        }
        Name(out)
    }

    /// From the labels of a wire message, each raw.
    pub fn from_labels<'a>(labels: impl IntoIterator<Item = &'a [u8]>) -> Name {
        let mut out = String::new();
        for label in labels {
            push_label(label, &mut out);
        }
        Name(out)
    }

    /// The root of the DNS, the empty name.
    pub fn root() -> Name {
        Name(String::new())
    }

    /// True for the root alone.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The spelling described at [`Name`]: for comparing and storing, without the final dot.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The labels, left to right, still escaped. An escaped dot does not split.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        let text = self.0.as_str();
        let mut start = 0;
        let mut done = text.is_empty();
        std::iter::from_fn(move || {
            if done {
                return None;
            }
            let bytes = text.as_bytes();
            let mut at = start;
            while at < bytes.len() && bytes[at] != b'.' {
                at += if bytes[at] == b'\\' { 2 } else { 1 };
            }
            let at = at.min(bytes.len());
            let label = &text[start..at];
            done = at >= bytes.len();
            start = at + 1;
            Some(label)
        })
    }

    /// The labels as raw bytes, escapes undone, for a wire message.
    pub fn raw_labels(&self) -> Vec<Vec<u8>> {
        self.labels().map(unescape).collect()
    }

    /// Labels without the root: 2 for `example.com`, 0 for the root.
    pub fn label_count(&self) -> usize {
        self.labels().count()
    }

    /// Without the leftmost label; the root has no parent.
    pub fn parent(&self) -> Option<Name> {
        let first = self.labels().next()?;
        Some(Name(self.0.get(first.len() + 1..).unwrap_or_default().to_owned()))
    }

    /// The rightmost `count` labels (all, when there are fewer).
    pub fn suffix(&self, count: usize) -> Name {
        let labels: Vec<&str> = self.labels().collect();
        Name(labels[labels.len().saturating_sub(count)..].join("."))
    }

    /// `prefix` put in front: `_dmarc` + `example.com`.
    pub fn prefixed(&self, prefix: &str) -> Name {
        if self.is_root() { Name::lenient(prefix) } else { Name::lenient(&format!("{prefix}.{}", self.0)) }
    }

    /// Equal to `other` or below it.
    pub fn is_within(&self, other: &Name) -> bool {
        other.is_root()
            || self.0 == other.0
            || (self.0.ends_with(&other.0)
                && self.0.as_bytes()[self.0.len() - other.0.len() - 1] == b'.'
                && self.label_count() > other.label_count())
    }

    /// The name a PTR record for this address stands at (RFC 1035 3.5, RFC 3596 2.5).
    pub fn reverse(ip: IpAddr) -> Name {
        Name(match ip {
            IpAddr::V4(_) => format!("{}.in-addr.arpa", reversed_labels(ip)),
            IpAddr::V6(_) => format!("{}.ip6.arpa", reversed_labels(ip)),
        })
    }

    /// An address in front of a list's zone (RFC 5782 section 2).
    pub fn under_list(ip: IpAddr, zone: &Name) -> Name {
        zone.prefixed(&reversed_labels(ip))
    }

    /// Too long for the wire, or with an empty or over-long label: no server can be asked for it.
    pub fn is_unaskable(&self) -> bool {
        let labels = self.raw_labels();
        labels.iter().any(|label| label.is_empty() || label.len() > 63)
            || labels.iter().map(|label| label.len() + 1).sum::<usize>() + 1 > 255
    }

    /// For people: A-labels shown as Unicode where IDNA allows it.
    pub fn unicode(&self) -> String {
        let (text, result) = idna::domain_to_unicode(&self.0);
        if result.is_ok() { text } else { self.0.clone() }
    }
}

fn reversed_labels(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets();
            format!("{d}.{c}.{b}.{a}")
        }
        IpAddr::V6(v6) => {
            let mut nibbles = Vec::with_capacity(32);
            for octet in v6.octets().iter().rev() {
                nibbles.push(format!("{:x}", octet & 15));
                nibbles.push(format!("{:x}", octet >> 4));
            }
            nibbles.join(".")
        }
    }
}

fn unescape(label: &str) -> Vec<u8> {
    let bytes = label.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'\\' {
            let digits = bytes.get(at + 1..at + 4).and_then(|d| std::str::from_utf8(d).ok());
            if let Some(value) = digits.and_then(|d| d.parse::<u8>().ok()) {
                out.push(value);
                at += 4;
                continue;
            }
            at += 1;
        }
        if let Some(&byte) = bytes.get(at) {
            out.push(byte);
        }
        at += 1;
    }
    out
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "." } else { &self.0 })
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Adds a label in lower case, escaped as master files escape.
pub(crate) fn push_label(label: &[u8], text: &mut String) {
    if !text.is_empty() {
        text.push('.');
    }
    for byte in label {
        push_octet(byte.to_ascii_lowercase(), [b'.', b'\\'], 0x21, text);
    }
}

/// One octet as a master file writes it (RFC 1035 section 5.1): `special` with a backslash, what is
/// below `least` or no ASCII as `\DDD`.
pub(crate) fn push_octet(byte: u8, special: [u8; 2], least: u8, text: &mut String) {
    if special.contains(&byte) {
        text.push('\\');
        text.push(byte as char);
    } else if (least..=0x7e).contains(&byte) {
        text.push(byte as char);
    } else {
        let digits = [byte / 100, byte / 10 % 10, byte % 10];
        text.push('\\');
        text.extend(digits.iter().map(|digit| (b'0' + digit) as char));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_told_apart() {
        assert!(matches!(Name::parse("192.0.2.1"), Err(NameError::Address(_))));
        assert!(matches!(Name::parse("a@b.example"), Err(NameError::Mailbox(_, d)) if d == "b.example"));
        assert!(matches!(Name::parse("https://b.example/x"), Err(NameError::Url(_, h)) if h == "b.example"));
        assert!(matches!(Name::parse("a..b"), Err(NameError::EmptyLabel(_))));
        assert!(matches!(Name::parse(&"abc.".repeat(75)), Err(NameError::TooLong(299))));
        assert!(matches!(Name::parse("a b.example"), Err(NameError::BadCharacter(_, ' '))));
        assert_eq!(Name::parse("MÜLLER.example.").unwrap().as_str(), "xn--mller-kva.example");
    }

    #[test]
    fn escaped_dots_do_not_split() {
        let name = Name::from_labels([b"a.b".as_slice(), b"example"]);
        assert_eq!(name.as_str(), "a\\.b.example");
        assert_eq!(name.labels().collect::<Vec<_>>(), ["a\\.b", "example"]);
        assert_eq!(name.raw_labels(), vec![b"a.b".to_vec(), b"example".to_vec()]);
        assert!(!Name::lenient("xexample").is_within(&Name::lenient("example")));
    }

    #[test]
    fn reverse_names() {
        assert_eq!(Name::reverse("192.0.2.1".parse().unwrap()).as_str(), "1.2.0.192.in-addr.arpa");
        assert!(Name::reverse("2001:db8::1".parse().unwrap()).as_str().starts_with("1.0.0.0."));
    }
}
