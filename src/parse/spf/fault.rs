//! What is wrong with a term, in words, and the term that was most likely meant.

use crate::parse::text::edits::distance;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use crate::model::untrusted::{Width, plain};

/// A syntax fault. Makes the whole record a `permerror` (RFC 7208 section 4.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The guilty bytes in the record's text.
    pub span: Range<usize>,
    /// The whole term.
    pub term: Range<usize>,
    /// What is wrong, without the term itself. Attacker-written parts are escaped.
    pub message: String,
    /// The term to write instead; empty to drop it.
    pub replacement: Option<String>,
}

pub(super) const NAMES: [&str; 8] = ["all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"];

impl Fault {
    /// A fault at some bytes of the term; the record's parser moves them.
    pub(super) fn at(span: Range<usize>, message: impl Into<String>) -> Fault {
        Fault { term: span.clone(), span, message: message.into(), replacement: None }
    }

    pub(super) fn or(mut self, replacement: impl Into<String>) -> Fault {
        self.replacement = Some(replacement.into());
        self
    }
}

/// A term that starts with no known mechanism.
pub(super) fn unknown(term: &str, qualifier: &str, name: &str) -> Fault {
    let rest = &term[qualifier.len() + name.len()..];
    let whole = Fault::at(0..term.len(), format!("{:?} is no SPF mechanism", plain(name, Width::Word)));
    let body = term[qualifier.len()..].trim_end_matches([',', ';', '.']);
    if name.is_empty() {
        return Fault::at(0..term.len(), "a term without a mechanism; write it without a space inside");
    }
    if let Some((address, _)) = address_with_prefix(body) {
        let kind = if address { "ip4" } else { "ip6" };
        return Fault::at(
            0..term.len(),
            format!("an address alone is no mechanism; it needs {kind}: in front"),
        )
        .or(format!("{qualifier}{kind}:{body}"));
    }
    if rest.starts_with(':') && matches!(name.to_ascii_lowercase().as_str(), "redirect" | "exp") {
        return Fault::at(0..term.len(), format!("{name} is a modifier and takes = instead of :"))
            .or(format!("{}={}", name.to_ascii_lowercase(), &rest[1..]));
    }
    if rest.is_empty() && body.contains('.') {
        return Fault::at(
            0..term.len(),
            "a host name alone is no mechanism; write a:NAME for its addresses or include:NAME for its SPF record",
        );
    }
    let lower = name.trim_end_matches([',', ';', '.']).to_ascii_lowercase();
    let meant = match lower.as_str() {
        "ip" | "ipv4" | "ip4v" | "ipv6" | "ip6v" if rest.len() > 1 => {
            address_with_prefix(&rest[1..]).map(|(four, _)| if four { "ip4" } else { "ip6" })
        }
        "exist" => Some("exists"),
        _ => NAMES
            .into_iter()
            .filter(|known| lower.len() > 2 || known.len() == lower.len())
            .map(|known| (distance(&lower, known), known))
            .min()
            .filter(|(distance, known)| *distance <= (known.len() / 3).max(usize::from(lower == *known)))
            .map(|(_, known)| known),
    };
    match meant {
        Some(known) => {
            let message =
                format!("{:?} is no SPF mechanism; {known} was most likely meant", plain(name, Width::Word));
            Fault::at(0..qualifier.len() + name.len(), message).or(format!("{qualifier}{known}{rest}"))
        }
        None => whole,
    }
}

/// `192.0.2.0/24` and the like: true for IPv4.
pub(super) fn address_with_prefix(text: &str) -> Option<(bool, &str)> {
    let address = text.split('/').next().unwrap_or(text);
    if address.parse::<Ipv4Addr>().is_ok() {
        Some((true, address))
    } else if address.parse::<Ipv6Addr>().is_ok() {
        Some((false, address))
    } else {
        None
    }
}
