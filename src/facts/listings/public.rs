//! Which addresses can send mail over the Internet at all.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use crate::data::special_addresses::{
    EXAMPLES4, EXAMPLES6, GLOBAL6, PROTOCOLS6, SPECIAL4, SPECIAL6, Special4, Special6,
};

/// Why no receiver can see this address, where that is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPublic {
    /// `private (RFC 1918)`.
    pub what: &'static str,
    /// Stands for a real one in an example (RFC 5737, RFC 3849).
    pub example: bool,
}

impl NotPublic {
    /// Written on purpose in the place of a public one: in an example, or in a network under test.
    pub(crate) fn stands_for_another(self) -> bool {
        self.example || self.what.starts_with("for benchmarks")
    }

    /// What to do about such a sending address.
    pub(crate) fn fix(self, ip: IpAddr) -> String {
        format!("{ip} is {}: give the address that receivers see", self.what)
    }
}

/// `None` for an address that mail can come from.
pub(crate) fn not_public(ip: IpAddr) -> Option<NotPublic> {
    special_range(IpNet::from(ip.to_canonical())).map(|(_, not)| not)
}

/// Why no receiver ever sees the address; those of examples and networks under test stand for real ones.
pub(crate) fn hidden(ip: IpAddr) -> Option<NotPublic> {
    not_public(ip).filter(|not| !not.stands_for_another())
}

/// The range with a purpose of its own that holds all of a network, and what it is.
pub(crate) fn special_range(net: IpNet) -> Option<(IpNet, NotPublic)> {
    let bits = net.prefix_len();
    let (range, (what, example)) = match net.network() {
        IpAddr::V4(ip) => {
            let holds = |range: &&Special4| range.1 <= bits && is_within4(ip, range);
            let special = SPECIAL4.iter().find(holds).map(|range| (range, false));
            let (range, example) = special.or(EXAMPLES4.iter().find(holds).map(|range| (range, true)))?;
            (IpNet::new(range.0.into(), range.1), (range.2, example))
        }
        IpAddr::V6(ip) => {
            let holds = |range: &&Special6| range.1 <= bits && is_within6(ip, range);
            let special = SPECIAL6.iter().find(holds).map(|range| (range, false));
            let (range, example) = special.or(EXAMPLES6.iter().find(holds).map(|range| (range, true)))?;
            (IpNet::new(range.0.into(), range.1), (range.2, example))
        }
    };
    Some((range.ok()?, NotPublic { what, example }))
}

/// True of an address that a stranger's word may make us connect to: an allow-list.
/// What the registries do not give out as global unicast is refused, and of addresses
/// that carry another one through a gateway (IPv4-mapped, NAT64 of RFC 6052, 6to4 of
/// RFC 3056) both must be public.
pub(crate) fn is_global_unicast(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => not_public(ip.into()).is_none(),
        IpAddr::V6(ip) => {
            let low = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
            match ip.segments() {
                [0x64, 0xff9b, 0, 0, 0, 0, a, b] | [0x2002, a, b, ..] => {
                    not_public(low(a, b).into()).is_none()
                }
                _ => {
                    is_within6(ip, &GLOBAL6)
                        && !is_within6(ip, &PROTOCOLS6)
                        && not_public(ip.into()).is_none()
                }
            }
        }
    }
}

fn is_within4(ip: Ipv4Addr, (net, bits, _): &Special4) -> bool {
    let mask = u32::MAX.checked_shl(32 - u32::from(*bits)).unwrap_or(0);
    u32::from(ip) & mask == u32::from(*net)
}

fn is_within6(ip: Ipv6Addr, (net, bits, _): &Special6) -> bool {
    let mask = u128::MAX.checked_shl(128 - u32::from(*bits)).unwrap_or(0);
    u128::from(ip) & mask == u128::from(*net)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_end_where_they_should() {
        let not = |text: &str| not_public(text.parse().unwrap());
        for public in ["9.255.255.255", "100.63.255.255", "100.128.0.0", "172.32.0.1", "198.17.255.255"] {
            assert_eq!(not(public), None, "{public}");
        }
        for public in ["198.20.0.0", "8.8.8.8", "2a00::1", "2001:4860::1", "64:ff9b::1"] {
            assert_eq!(not(public), None, "{public}");
        }
        for special in
            ["10.1.2.3", "198.19.255.255", "100.127.255.255", "fd00::1", "fe80::1", "::1", "0.1.2.3"]
        {
            assert!(not(special).is_some_and(|n| !n.example), "{special}");
        }
        for example in ["192.0.2.9", "203.0.113.9", "2001:db8::1", "::ffff:198.51.100.1"] {
            assert!(not(example).is_some_and(|n| n.example), "{example}");
        }
    }

    #[test]
    fn a_network_is_special_as_a_whole_only() {
        let range = |text: &str| special_range(text.parse().unwrap()).map(|(range, _)| range.to_string());
        for (net, wanted) in [
            ("10.1.0.0/16", Some("10.0.0.0/8")),
            ("10.1.2.3/8", Some("10.0.0.0/8")),
            ("10.0.0.0/7", None),
            ("0.0.0.0/0", None),
            ("192.0.2.128/25", Some("192.0.2.0/24")),
            ("fd00::/8", Some("fc00::/7")),
            ("::ffff:10.0.0.0/104", Some("::ffff:0.0.0.0/96")),
            ("::/0", None),
        ] {
            assert_eq!(range(net).as_deref(), wanted, "{net}");
        }
    }

    #[test]
    fn what_stands_for_another_address_is_not_hidden() {
        let hidden = |text: &str| hidden(text.parse().unwrap()).is_some();
        for seen in ["192.0.2.9", "2001:db8::1", "198.18.0.1", "2001:2::1", "8.8.8.8"] {
            assert!(!hidden(seen), "{seen}");
        }
        for inner in ["10.0.0.1", "::ffff:10.0.0.1", "100.64.0.1", "fd00::1", "224.0.0.1"] {
            assert!(hidden(inner), "{inner}");
        }
    }

    #[test]
    fn only_global_unicast_is_connected_to() {
        let is_global = |text: &str| is_global_unicast(text.parse().unwrap());
        for inside in [
            "127.0.0.1",
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "169.254.169.254",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.19.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::c0a8:1",
            "::ffff:10.0.0.1",
            "::ffff:0:7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd00::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_global(inside), "{inside}");
        }
        for outside in [
            "8.8.8.8",
            "192.0.1.1",
            "64:ff9b::808:808",
            "2002:808:808::1",
            "2a00::1",
            "2001:4860::1",
            "::ffff:8.8.8.8",
        ] {
            assert!(is_global(outside), "{outside}");
        }
    }
}
