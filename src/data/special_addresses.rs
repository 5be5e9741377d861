//! Networks with a purpose of their own: the IANA IPv4 and IPv6 Special-Purpose
//! Address Registries (RFC 6890 and its updates; entries as of 2026-11-23), those that
//! are not globally reachable, and multicast (RFC 5771, RFC 4291).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Network, prefix length, what it is.
pub(crate) type Special4 = (Ipv4Addr, u8, &'static str);
/// Network, prefix length, what it is.
pub(crate) type Special6 = (Ipv6Addr, u8, &'static str);

/// Not globally reachable, IPv4.
pub(crate) const SPECIAL4: &[Special4] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8, "\"this network\" (RFC 791)"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "private (RFC 1918)"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "shared behind a carrier's NAT (RFC 6598)"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "loopback (RFC 1122)"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local (RFC 3927)"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "private (RFC 1918)"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "reserved for protocols (RFC 6890)"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "the former 6to4 relays (RFC 7526)"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "private (RFC 1918)"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "for benchmarks (RFC 2544)"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast (RFC 5771)"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved (RFC 1112)"),
];

/// Stand for real ones in documentation, IPv4.
pub(crate) const EXAMPLES4: &[Special4] = &[
    (Ipv4Addr::new(192, 0, 2, 0), 24, "for documentation (RFC 5737)"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "for documentation (RFC 5737)"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "for documentation (RFC 5737)"),
];

/// Not globally reachable, IPv6.
pub(crate) const SPECIAL6: &[Special6] = &[
    (Ipv6Addr::UNSPECIFIED, 128, "unspecified (RFC 4291)"),
    (Ipv6Addr::LOCALHOST, 128, "loopback (RFC 4291)"),
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96, "IPv4-mapped (RFC 4291)"),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, "for local translation (RFC 8215)"),
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64, "discard-only (RFC 6666)"),
    (Ipv6Addr::new(0x100, 0, 0, 1, 0, 0, 0, 0), 64, "a dummy prefix (RFC 9780)"),
    (Ipv6Addr::new(0x2001, 2, 0, 0, 0, 0, 0, 0), 48, "for benchmarks (RFC 5180)"),
    (Ipv6Addr::new(0x5f00, 0, 0, 0, 0, 0, 0, 0), 16, "segment routing (RFC 9602)"),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, "unique local (RFC 4193)"),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, "link-local (RFC 4291)"),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, "site-local, given up (RFC 3879)"),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "multicast (RFC 4291)"),
];

/// Stand for real ones in documentation, IPv6.
pub(crate) const EXAMPLES6: &[Special6] = &[
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "for documentation (RFC 3849)"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "for documentation (RFC 9637)"),
];

/// The one block from which global unicast addresses of IPv6 are given out (IANA IPv6
/// Address Space registry, RFC 4291 section 2.4).
pub(crate) const GLOBAL6: Special6 =
    (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3, "global unicast (RFC 4291)");

/// Within [`GLOBAL6`], and yet of protocols: Teredo, ORCHID and others (RFC 2928).
pub(crate) const PROTOCOLS6: Special6 =
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "reserved for protocols (RFC 2928)");

/// Addresses that only machines of one's own network have, or of the one provider around it: loopback, private
/// (RFC 1918), shared (RFC 6598: carriers, clouds and overlay networks number their insides so), unique local
/// (RFC 4193) and link-local. Nobody else's server is ever reached there, and no reader outside opens such a link.
pub(crate) fn is_inside(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            ip.is_loopback() || ip.is_private() || ip.is_link_local() || (a == 100 && (64..128).contains(&b))
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_inside;

    #[test]
    fn inside_is_what_no_other_network_has() {
        let inside = |text: &str| is_inside(text.parse().unwrap());
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.31.0.1",
            "192.168.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "169.254.1.1",
            "::1",
            "fd00::1",
            "fe80::1",
            "::ffff:10.0.0.1",
        ] {
            assert!(inside(text), "{text}");
        }
        for text in
            ["100.63.255.255", "100.128.0.0", "172.32.0.1", "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"]
        {
            assert!(!inside(text), "{text}");
        }
    }
}
