//! Which addresses can send mail over the Internet at all.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why no receiver can see this address, where that is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPublic {
    /// `private (RFC 1918)`.
    pub what: &'static str,
    /// Stands for a real one in an example (RFC 5737, RFC 3849).
    pub example: bool,
}

/// Network, prefix length, what it is: the IANA special-purpose registries
/// (RFC 6890 and its updates), what is not globally reachable.
const SPECIAL4: &[(Ipv4Addr, u8, &str)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8, "\"this network\" (RFC 791)"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "private (RFC 1918)"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "shared behind a carrier's NAT (RFC 6598)"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "loopback (RFC 1122)"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local (RFC 3927)"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "private (RFC 1918)"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "reserved for protocols (RFC 6890)"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "private (RFC 1918)"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "for benchmarks (RFC 2544)"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast (RFC 5771)"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved (RFC 1112)"),
];
const EXAMPLES4: &[(Ipv4Addr, u8, &str)] = &[
    (Ipv4Addr::new(192, 0, 2, 0), 24, "for documentation (RFC 5737)"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "for documentation (RFC 5737)"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "for documentation (RFC 5737)"),
];
const SPECIAL6: &[(Ipv6Addr, u8, &str)] = &[
    (Ipv6Addr::UNSPECIFIED, 128, "unspecified (RFC 4291)"),
    (Ipv6Addr::LOCALHOST, 128, "loopback (RFC 4291)"),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, "for local translation (RFC 8215)"),
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64, "discard-only (RFC 6666)"),
    (Ipv6Addr::new(0x2001, 2, 0, 0, 0, 0, 0, 0), 48, "for benchmarks (RFC 5180)"),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, "unique local (RFC 4193)"),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, "link-local (RFC 4291)"),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "multicast (RFC 4291)"),
];
const EXAMPLES6: &[(Ipv6Addr, u8, &str)] = &[
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "for documentation (RFC 3849)"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "for documentation (RFC 9637)"),
];

/// `None` for an address that mail can come from.
pub fn not_public(ip: IpAddr) -> Option<NotPublic> {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let within = |(net, bits, _): &&(Ipv4Addr, u8, &str)| {
                let mask = u32::MAX.checked_shl(32 - u32::from(*bits)).unwrap_or(0);
                u32::from(ip) & mask == u32::from(*net)
            };
            find(SPECIAL4.iter().find(within).map(|t| t.2), EXAMPLES4.iter().find(within).map(|t| t.2))
        }
        IpAddr::V6(ip) => {
            let within = |(net, bits, _): &&(Ipv6Addr, u8, &str)| {
                let mask = u128::MAX.checked_shl(128 - u32::from(*bits)).unwrap_or(0);
                u128::from(ip) & mask == u128::from(*net)
            };
            find(SPECIAL6.iter().find(within).map(|t| t.2), EXAMPLES6.iter().find(within).map(|t| t.2))
        }
    }
}

fn find(special: Option<&'static str>, example: Option<&'static str>) -> Option<NotPublic> {
    special
        .map(|what| NotPublic { what, example: false })
        .or(example.map(|what| NotPublic { what, example: true }))
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
}
