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

/// Suffixes reserved or used for private networks (RFC 6761, 6762 appendix G,
/// 8375, ICANN `internal`; `corp`, `home` and `mail` are never delegated).
const PRIVATE_SUFFIXES: [&str; 24] = [
    "localhost",
    "localdomain",
    "localnet",
    "local",
    "lokal",
    "loc",
    "lan",
    "intra",
    "intranet",
    "internal",
    "corp",
    "home",
    "mail",
    "home.arpa",
    "mshome.net",
    "priv",
    "private",
    "domain",
    "workgroup",
    "router",
    "gateway",
    "onion",
    "alt",
    "invalid",
];

/// True of a name in lower case that only a private network knows.
pub(crate) fn is_private(name: &str) -> bool {
    let ends =
        |suffix: &str| name.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    PRIVATE_SUFFIXES.into_iter().any(ends)
}

/// What is wrong with a name given in HELO, as receivers judge it.
pub(crate) fn fault(name: &str) -> Option<NameFault> {
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
    // No top-level domain is a number (RFC 3696 section 2).
    let numeric = lower.contains('.')
        && lower.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    if lower.len() > 253 || numeric || !lower.split('.').all(valid_label) {
        return Some(NameFault::Syntax);
    }
    if lower.starts_with("localhost.") || is_private(&lower) {
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

/// Words that stand for end-user lines in PTR names of many networks.
const LINE_WORDS: [&str; 38] = [
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
    "cablemodem",
    "catv",
    "cpe",
    "docsis",
    "ppp",
    "pppoe",
    "dial",
    "dialup",
    "dialin",
    "dip",
    "isdn",
    "broadband",
    "residential",
    "resnet",
    "unassigned",
    "ftth",
    "fttx",
    "gpon",
    "gprs",
    "umts",
    "lte",
    "wimax",
    "wifi",
    "hotspot",
    "cgn",
    "cgnat",
    "subscriber",
    "homeuser",
];

/// Words that stand for such lines too, and for servers of mail services as well:
/// they count only where nothing else in the name speaks of mail.
const POOL_WORDS: [&str; 16] = [
    "cable",
    "pool",
    "pools",
    "client",
    "clients",
    "customer",
    "customers",
    "cust",
    "res",
    "unknown",
    "generic",
    "mobile",
    "wireless",
    "nat",
    "users",
    "modem",
];

/// What mail servers are called.
const MAIL_WORDS: [&str; 14] = [
    "mail", "smtp", "mx", "mta", "out", "outbound", "outgoing", "relay", "mailout", "smtpout", "mailer",
    "email", "mailgw", "exchange",
];

/// Why a name looks like one that a provider gives every address, such as
/// `host-192-0-2-25.dynamic.isp.example`. `ip` is the address the name belongs to.
pub(crate) fn generic(name: &str, ip: IpAddr) -> Option<Generic> {
    let lower = name.trim_end_matches('.').to_ascii_lowercase();
    if crate::parse::web::address_in_name::holds(&lower, ip) {
        return Some(Generic::HoldsAddress);
    }
    // The registered domain names the network's owner, who may be called Pool.
    let owner = crate::parse::web::psl::domain_str(&lower).map_or(0, str::len);
    let host = lower.get(..lower.len().saturating_sub(owner)).unwrap_or_default();
    let words = || {
        host.split(['.', '-', '_'])
            .map(|word| word.trim_matches(|c: char| c.is_ascii_digit()))
            .filter(|word| !word.is_empty())
    };
    let among = |list: &'static [&'static str]| {
        words().find_map(|word| list.iter().find(|known| **known == word)).map(|word| Generic::Word(word))
    };
    let speaks_of_mail = || words().any(|word| MAIL_WORDS.contains(&word));
    among(&LINE_WORDS).or_else(|| among(&POOL_WORDS).filter(|_| !speaks_of_mail()))
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
            ("192.0.2", Some(NameFault::Syntax)),
            ("[192.0.2.1", Some(NameFault::Address)),
            ("localhost.localdomain", Some(NameFault::Private)),
            ("localhost.example.com", Some(NameFault::Private)),
            ("pc.mshome.net", Some(NameFault::Private)),
            ("mail.lokal", Some(NameFault::Private)),
            ("lan.example.com", None),
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
        for name in [
            "mail.example.com",
            "out25.example.com",
            "mx2.pool.example",
            "smtp-192.example.com",
            "mail3.clients.example.com",
            "smtp-pool7.example.com",
            "mx.cable.co.uk",
            "dynamo.example.com",
            "customerservice.example.com",
        ] {
            assert_eq!(generic(name, v4), None, "{name}");
        }
        let v6: IpAddr = "2001:db8::25".parse().unwrap();
        assert!(generic("20010db8000000000000000000000025.isp.example.net", v6).is_some());
        assert!(generic("mail.example.com", v6).is_none());
    }
}
