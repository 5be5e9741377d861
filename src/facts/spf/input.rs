//! Whose mail is judged: the arguments of check_host() (RFC 7208 section 4.1).

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::model::Name;
use crate::parse::spf::MacroValues;

/// One sender. Texts are verbatim: they may be anything a client sent.
#[derive(Clone, Debug, PartialEq)]
pub struct SpfInput {
    /// The client; without one, the result is that of an address no term names.
    pub ip: Option<IpAddr>,
    /// The name given in HELO or EHLO.
    pub helo: String,
    /// The part of the sender before the last `@`; `postmaster` where there is none (RFC 7208
    /// section 4.3).
    pub local_part: String,
    /// The sender's domain: the macro `%{o}`.
    pub sender_domain: String,
    /// The domain whose policy is asked for first.
    pub domain: String,
    /// The receiving host, for the macro `r`.
    pub receiver: String,
    /// Seconds since the Unix epoch.
    pub now: i64,
    /// SPF records to judge instead of the published ones, by name: proposals.
    pub given: BTreeMap<Name, Vec<u8>>,
    /// A sender made up to see whether anybody passes: its address has no name.
    pub is_nobody: bool,
}

impl SpfInput {
    /// The MAIL FROM identity; the null sender stands for postmaster at the HELO
    /// name (section 2.4), and a missing local part for postmaster (section 4.3).
    pub fn mail_from(ip: Option<IpAddr>, mail_from: &str, helo: &str, now: i64) -> SpfInput {
        let address = mail_from.trim().trim_start_matches('<').trim_end_matches('>');
        let (local_part, domain) = match address.rsplit_once('@') {
            _ if address.is_empty() => ("postmaster", helo),
            Some(("", domain)) => ("postmaster", domain),
            Some((local_part, domain)) => (local_part, domain),
            None => ("postmaster", address),
        };
        SpfInput {
            // An IPv4-mapped client is an IPv4 client (section 5).
            ip: ip.map(|ip| ip.to_canonical()),
            helo: helo.to_owned(),
            local_part: local_part.to_owned(),
            sender_domain: domain.to_owned(),
            domain: domain.to_owned(),
            receiver: "unknown".to_owned(),
            now,
            given: BTreeMap::new(),
            is_nobody: false,
        }
    }

    /// The HELO identity (section 2.3).
    pub fn helo(ip: Option<IpAddr>, helo: &str, now: i64) -> SpfInput {
        SpfInput::mail_from(ip, "", helo, now)
    }

    /// The policy itself, without any sender.
    pub fn policy(domain: &Name, now: i64) -> SpfInput {
        SpfInput::mail_from(None, domain.as_str(), domain.as_str(), now)
    }

    /// The same sender with a proposed record at the first domain.
    pub fn with_record(&self, record: &str) -> SpfInput {
        let mut input = self.clone();
        if let Some(name) = query_name(&self.domain) {
            input.given.insert(name, record.as_bytes().to_vec());
        }
        input
    }

    pub(super) fn values<'a>(&'a self, domain: &'a str, validated: &'a str) -> MacroValues<'a> {
        MacroValues {
            local_part: &self.local_part,
            sender_domain: &self.sender_domain,
            domain,
            ip: self.ip,
            helo: &self.helo,
            validated,
            receiver: &self.receiver,
            now: self.now,
        }
    }
}

/// A text as a name a server can be asked for. `None` for what section 4.3 calls
/// malformed: an empty or over-long label, over 253 octets, nothing at all.
pub(super) fn query_name(text: &str) -> Option<Name> {
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.is_ascii() {
        let name = Name::from_labels(text.split('.').map(str::as_bytes));
        let good = text.split('.').all(|label| (1..=63).contains(&label.len())) && text.len() <= 253;
        return good.then_some(name);
    }
    // An address in the internationalised form (RFC 8616 section 4).
    Name::parse(text).ok().filter(|name| !name.is_unaskable())
}

/// Section 4.3: the first domain must also have two labels and be no address literal.
pub(super) fn is_initial_domain(text: &str) -> bool {
    let bare = text.strip_suffix('.').unwrap_or(text);
    bare.contains('.') && !bare.starts_with('[') && !bare.contains(char::is_whitespace)
}
