//! What may stand in public DNS. Ranges for documentation count as public: they
//! stand in examples on purpose.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::model::Name;

/// Ranges that no receiver ever sees as a client (RFC 6890 and its registries).
const PRIVATE: [&str; 14] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.168.0.0/16",
    "224.0.0.0/3",
    "::/127",
    "::ffff:0:0/96",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
];

/// Top-level names of inner networks (RFC 6762, RFC 8375, ICANN's `internal`).
const INNER: [&str; 9] =
    ["local", "lan", "internal", "intranet", "home", "corp", "localdomain", "localhost", "private"];

pub(super) fn is_public(net: IpNet) -> bool {
    let private: Vec<IpNet> = PRIVATE.iter().filter_map(|net| net.parse().ok()).collect();
    !private.iter().any(|range| range.contains(&net.trunc()))
}

pub(super) fn is_public_address(ip: IpAddr) -> bool {
    is_public(IpNet::from(ip.to_canonical()))
}

/// Two labels at least, and no name of an inner network.
pub(super) fn is_public_name(name: &Name) -> bool {
    let top = name.labels().last().unwrap_or_default().to_owned();
    name.label_count() > 1 && !INNER.contains(&top.as_str()) && !name.as_str().ends_with("home.arpa")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner_addresses_and_names_stay_out() {
        for ip in [
            "10.1.1.5",
            "192.168.0.1",
            "172.20.0.1",
            "::1",
            "fd00::1",
            "127.0.0.1",
            "100.64.3.3",
            "::ffff:10.0.0.1",
        ] {
            assert!(!is_public_address(ip.parse().unwrap()), "{ip}");
        }
        for ip in ["11.22.33.44", "192.0.2.25", "2a00:1::44", "2001:db8::1", "::ffff:11.22.33.44"] {
            assert!(is_public_address(ip.parse().unwrap()), "{ip}");
        }
        assert!(is_public_name(&Name::lenient("mail.example.com")));
        assert!(!is_public_name(&Name::lenient("as400.local")) && !is_public_name(&Name::lenient("as400")));
    }
}
