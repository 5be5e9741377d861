//! Whether a host name holds an IP address, in the notations that networks use
//! for the names they give every address. Pure text; asks nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Digits that three octets in a row must have: `1-2-3` may be anything.
const TELLING_DIGITS: usize = 5;

/// True where the lower-case name holds the address: decimal, hexadecimal, as
/// one number, padded, either way round, with any separators.
pub(super) fn holds(name: &str, ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => holds_v4(name, ip),
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(four) => holds_v4(name, four),
            None => holds_v6(name, ip),
        },
    }
}

fn holds_v4(name: &str, ip: Ipv4Addr) -> bool {
    let octets = ip.octets();
    let mut backward = octets;
    backward.reverse();
    let decimal_run = |run: &str| {
        [octets, backward].iter().any(|octets| {
            let padded: String = octets.iter().map(|octet| format!("{octet:03}")).collect();
            let bare: String = octets.iter().map(u8::to_string).collect();
            run == padded || (bare.len() >= 8 && run == bare)
        }) || run.parse() == Ok(u32::from(ip))
    };
    let runs = || name.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty());
    if runs().any(decimal_run) || is_in_sequence(runs(), 10, octets, backward) {
        return true;
    }
    // Hexadecimal: eight digits as one run, after letters that are none (`ip`, `host`), or octet by octet.
    let glued = |octets: [u8; 4]| octets.iter().map(|octet| format!("{octet:02x}")).collect::<String>();
    let hex_runs = || name.split(|c: char| !c.is_ascii_hexdigit()).filter(|run| !run.is_empty());
    if hex_runs().any(|run| run == glued(octets) || run == glued(backward)) {
        return true;
    }
    // A run that begins with a word's last letters (`dhcpc0000219`) still ends with it.
    let letters = |text: &str| text.bytes().any(|byte| byte.is_ascii_alphabetic());
    let ends =
        |octets: [u8; 4]| letters(&glued(octets)) && hex_runs().any(|run| run.ends_with(&glued(octets)));
    if ends(octets) || ends(backward) {
        return true;
    }
    let pairs = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| part.len() == 2);
    let pairs: Vec<Option<u8>> = pairs.map(|part| u8::from_str_radix(part, 16).ok()).collect();
    [octets, backward].iter().any(|octets| {
        let wanted: Vec<Option<u8>> = octets.iter().map(|octet| Some(*octet)).collect();
        pairs.windows(4).any(|window| window == wanted)
    })
}

/// All octets in a row, or three of them with enough digits: many networks leave one out.
fn is_in_sequence<'a>(
    runs: impl Iterator<Item = &'a str>,
    radix: u32,
    forward: [u8; 4],
    backward: [u8; 4],
) -> bool {
    let numbers: Vec<Option<u8>> =
        runs.map(|run| if run.len() <= 3 { u8::from_str_radix(run, radix).ok() } else { None }).collect();
    let digits = |octets: &[u8]| octets.iter().map(|octet| octet.to_string().len()).sum::<usize>();
    [&forward[..], &backward[..], &forward[1..], &forward[..3], &backward[..3], &backward[1..]]
        .into_iter()
        .filter(|octets| octets.len() == 4 || digits(octets) >= TELLING_DIGITS)
        .any(|octets| {
            let wanted: Vec<Option<u8>> = octets.iter().map(|octet| Some(*octet)).collect();
            numbers.windows(wanted.len()).any(|window| window == wanted)
        })
}

fn holds_v6(name: &str, ip: Ipv6Addr) -> bool {
    let nibbles: String = ip.octets().iter().map(|octet| format!("{octet:02x}")).collect();
    let reversed: String = nibbles.chars().rev().collect();
    let labels: Vec<&str> = name.split('.').collect();
    // One nibble a label, as in ip6.arpa.
    let single: String = labels.iter().filter(|label| label.len() == 1).copied().collect();
    if single.contains(&reversed) || single.contains(&nibbles) {
        return true;
    }
    let interface = nibbles.get(16..).unwrap_or_default();
    // An interface part of few digits, such as ::25, is in many names by accident.
    let telling = interface.trim_start_matches('0').len() >= 8;
    labels.iter().any(|label| {
        let glued: String = label.chars().filter(|c| *c != '-' && *c != '_').collect();
        if glued.contains(&nibbles) || glued.contains(&reversed) || (telling && glued.contains(interface)) {
            return true;
        }
        written(label, ip) || (telling && groups(label).windows(4).any(|four| four == &ip.segments()[4..]))
    })
}

/// The address as people write it, with `-` or `_` for colons: `2001-db8--25`, after any word.
fn written(label: &str, ip: Ipv6Addr) -> bool {
    let text = label.replace(['-', '_'], ":");
    let starts = std::iter::once(0).chain(text.match_indices(':').map(|(at, _)| at + 1));
    let found =
        starts.into_iter().any(|start| text.get(start..).and_then(|rest| rest.parse().ok()) == Some(ip));
    found || groups(label).windows(8).any(|eight| eight == ip.segments())
}

/// The label's groups of up to four hexadecimal digits.
fn groups(label: &str) -> Vec<u16> {
    let parts = label.split(['-', '_']);
    // What is no group breaks the row: no address has ffff here by chance four times.
    parts
        .filter(|part| !part.is_empty() && part.len() <= 4)
        .map(|part| u16::from_str_radix(part, 16).unwrap_or(u16::MAX))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_names() {
        for (ip, names) in [
            (
                "192.0.2.25",
                &[
                    "192-0-2-25.isp.example",
                    "25.2.0.192.isp.example",
                    "host192_0_2_25.isp.example",
                    "a192b0c2d25.isp.example",
                    "192000002025.isp.example",
                    "025002000192.isp.example",
                    "192-000-002-025.isp.example",
                    "3221226009.isp.example",
                    "c0000219.isp.example",
                    "190200c0.isp.example",
                    "ipc0000219.isp.example",
                    "dhcpc0000219.isp.example",
                    "c0-00-02-19.isp.example",
                    "19.02.00.c0.isp.example",
                    "ec2-192-0-2-25.compute.example",
                ][..],
            ),
            (
                "203.0.113.25",
                &[
                    "0-113-25.isp.example",
                    "113-0-203.isp.example",
                    "203011325.isp.example",
                    "203-0-113.net.isp.example",
                ],
            ),
            ("16.32.48.64", &["10203040.isp.example", "h10203040.isp.example"]),
            (
                "2001:db8::1a2b:3c4d:5e6f:25",
                &[
                    "20010db8000000001a2b3c4d5e6f0025.isp.example",
                    "2001-db8--1a2b-3c4d-5e6f-25.isp.example",
                    "ip6-2001-db8-0-0-1a2b-3c4d-5e6f-25.isp.example",
                    "1a2b3c4d5e6f0025.isp.example",
                    "1a2b-3c4d-5e6f-25.isp.example",
                    "5.2.0.0.f.6.e.5.d.4.c.3.b.2.a.1.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.isp.example",
                ],
            ),
            ("2001:db8::25", &["2001-db8--25.isp.example", "x-2001-db8-0-0-0-0-0-25.isp.example"]),
        ] {
            for name in names {
                assert!(holds(name, ip.parse().unwrap()), "{ip} in {name}");
            }
        }
        for (ip, name) in [
            ("192.0.2.25", "mail.example.com"),
            ("192.0.2.25", "mx25.example.com"),
            ("192.0.2.25", "mail192.example.com"),
            ("10.1.2.3", "rack-1-2-3.example.com"),
            ("1.2.3.4", "smtp1.example.com"),
            ("10.20.30.40", "a8-31.smtp-out.example.com"),
            ("192.0.2.25", "out-192-0-3-25.example.com"),
            ("2001:db8::25", "mail25.example.com"),
            ("2001:db8::25", "mail-0025.dead.beef.example.com"),
            ("2001:db8::25", "fade-decade-facade.example.com"),
        ] {
            assert!(!holds(name, ip.parse().unwrap()), "{ip} in {name}");
        }
    }
}
