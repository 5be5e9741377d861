//! What a host name gives away: syntax, private suffixes, and whether it looks
//! like a provider's automatic name for an address.

use std::net::IpAddr;

/// Why a HELO argument or host name is no public host name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameFault {
    Empty,
    /// An IP address, bare or as a literal.
    Address,
    /// One label: a host-table name, no fully qualified one.
    Unqualified,
    /// `localhost`, `.local`, `.lan`, `.internal` and other names that no public DNS holds.
    Private,
    /// A character or label that RFC 5321 section 4.1.2 does not allow.
    Syntax,
}

impl NameFault {
    /// In words, to follow the quoted name.
    pub fn text(self) -> &'static str {
        match self {
            NameFault::Empty => "is empty",
            NameFault::Address => "is an IP address, not a name",
            NameFault::Unqualified => "has one label and is not fully qualified",
            NameFault::Private => "is a private name that no public DNS holds",
            NameFault::Syntax => "breaks the syntax of a host name",
        }
    }
}

/// Suffixes reserved or used for private networks (RFC 6761, 6762, 8375, ICANN `internal`).
const PRIVATE_SUFFIXES: [&str; 11] = [
    "localhost",
    "localdomain",
    "local",
    "lan",
    "intranet",
    "internal",
    "corp",
    "home",
    "home.arpa",
    "private",
    "invalid",
];

/// What is wrong with a name given in HELO, as receivers judge it.
pub fn fault(name: &str) -> Option<NameFault> {
    let name = name.trim().trim_end_matches('.');
    if name.is_empty() {
        return Some(NameFault::Empty);
    }
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let bare = bare.get(..5).filter(|p| p.eq_ignore_ascii_case("ipv6:")).map_or(bare, |p| &bare[p.len()..]);
    if bare.parse::<IpAddr>().is_ok() {
        return Some(NameFault::Address);
    }
    let lower = name.to_ascii_lowercase();
    let valid_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if lower.len() > 253 || !lower.split('.').all(valid_label) {
        return Some(NameFault::Syntax);
    }
    let is_private =
        |suffix: &str| lower == suffix || lower.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.'));
    if PRIVATE_SUFFIXES.into_iter().any(is_private) {
        return Some(NameFault::Private);
    }
    if !lower.contains('.') {
        return Some(NameFault::Unqualified);
    }
    None
}

/// Why a name looks like one that a provider gives every address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Generic {
    /// The address itself stands in the name.
    HoldsAddress,
    /// A word such as `dynamic`, `dsl` or `pool`.
    Word(&'static str),
}

/// Words that stand for end-user address pools in PTR names of many networks.
const POOL_WORDS: [&str; 31] = [
    "dyn",
    "dynamic",
    "dynip",
    "dynamicip",
    "dhcp",
    "dsl",
    "adsl",
    "vdsl",
    "xdsl",
    "sdsl",
    "cable",
    "cablemodem",
    "pool",
    "pools",
    "ppp",
    "pppoe",
    "dial",
    "dialup",
    "dialin",
    "client",
    "clients",
    "customer",
    "cust",
    "broadband",
    "residential",
    "res",
    "unassigned",
    "unknown",
    "generic",
    "mobile",
    "wireless",
];

/// True for names such as `host-192-0-2-25.dynamic.isp.example`. `ip` is the
/// address the name belongs to.
pub fn generic(name: &str, ip: IpAddr) -> Option<Generic> {
    let lower = name.to_ascii_lowercase();
    if holds_address(&lower, ip) {
        return Some(Generic::HoldsAddress);
    }
    // The last two labels name the network's owner, who may be called Pool.
    let labels: Vec<&str> = lower.split('.').collect();
    let host = &labels[..labels.len().saturating_sub(2)];
    host.iter()
        .flat_map(|label| label.split(['-', '_']))
        .map(|word| word.trim_matches(|c: char| c.is_ascii_digit()))
        .find_map(|word| POOL_WORDS.iter().find(|pool| **pool == word))
        .map(|word| Generic::Word(word))
}

fn holds_address(name: &str, ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            let octets = v4.octets();
            let hex: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
            // A hex form of eight digits is no accident; one of digits only may be.
            if name.contains(&hex) && hex.bytes().any(|byte| byte.is_ascii_alphabetic()) {
                return true;
            }
            let padded: String = octets.iter().map(|octet| format!("{octet:03}")).collect();
            if name.contains(&padded) {
                return true;
            }
            let numbers: Vec<u32> = name
                .split(|c: char| !c.is_ascii_digit())
                .filter(|digits| !digits.is_empty() && digits.len() <= 3)
                .filter_map(|digits| digits.parse().ok())
                .collect();
            let forward: Vec<u32> = octets.iter().map(|octet| u32::from(*octet)).collect();
            let backward: Vec<u32> = forward.iter().rev().copied().collect();
            // Three octets in a row, either way, are the address too: many networks leave one out.
            [&forward[..], &backward[..], &forward[1..], &backward[..3]]
                .iter()
                .any(|wanted| numbers.windows(wanted.len()).any(|window| window == *wanted))
        }
        IpAddr::V6(v6) => {
            let digits: String = v6.octets().iter().map(|octet| format!("{octet:02x}")).collect();
            let squeezed: String = name.chars().filter(char::is_ascii_hexdigit).collect();
            let reversed: String = digits.chars().rev().collect();
            // Sixteen digits of the interface part or the whole address.
            squeezed.contains(&digits) || squeezed.contains(&digits[16..]) || squeezed.contains(&reversed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_helo_names() {
        for (name, wanted) in [
            ("mail.example.com", None),
            ("MAIL.example.com.", None),
            ("xn--mller-kva.example", None),
            ("", Some(NameFault::Empty)),
            ("[192.0.2.1]", Some(NameFault::Address)),
            ("[IPv6:2001:db8::1]", Some(NameFault::Address)),
            ("192.0.2.1", Some(NameFault::Address)),
            ("AS400", Some(NameFault::Unqualified)),
            ("localhost", Some(NameFault::Private)),
            ("s1234567.doedomain.local", Some(NameFault::Private)),
            ("mail_1.example.com", Some(NameFault::Syntax)),
            ("-a.example.com", Some(NameFault::Syntax)),
            ("a..b", Some(NameFault::Syntax)),
        ] {
            assert_eq!(fault(name), wanted, "{name:?}");
        }
    }

    #[test]
    fn generic_names() {
        let v4: IpAddr = "192.0.2.25".parse().unwrap();
        for name in [
            "192-0-2-25.static.isp.example.net",
            "25.2.0.192.isp.example.net",
            "host-25-2-0-192.isp.example.net",
            "c0000219.isp.example.net",
            "ip192000002025.isp.example.net",
            "a.dyn.isp.example.net",
            "dsl-17.isp.example.net",
            "pool3.isp.example.net",
        ] {
            assert!(generic(name, v4).is_some(), "{name}");
        }
        for name in ["mail.example.com", "out25.example.com", "mx2.pool.example", "smtp-192.example.com"] {
            assert_eq!(generic(name, v4), None, "{name}");
        }
        let v6: IpAddr = "2001:db8::25".parse().unwrap();
        assert!(generic("20010db8000000000000000000000025.isp.example.net", v6).is_some());
        assert!(generic("mail.example.com", v6).is_none());
    }
}
