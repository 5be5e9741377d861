//! The fields only rare and DNSSEC types have, from text to wire form. Mail needs none of them, but a
//! zone with one that is wrong is loaded by no server: read as opaque words they let pass what
//! BIND, NSD and Knot refuse (`tests/it/zone_peers.rs`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::data_words::{Words, push16, push32};
use super::diagnostic::Fault;
use super::grammar::{self, Kind};
use super::lexer::Token;
use super::words;

pub(super) fn field(words: &mut Words, label: &str, kind: Kind, out: &mut Vec<u8>) -> Result<(), Fault> {
    match kind {
        Kind::Salt => {
            let token = words.take(label)?;
            let raw = words.raw(token);
            let salt = if raw == b"-" { Some(Vec::new()) } else { unhex(raw).filter(|s| !s.is_empty()) };
            let salt = salt.filter(|s| s.len() <= 255);
            let salt = salt.ok_or_else(|| words.bad(token, label, "`-` or at most 255 octets in hex"))?;
            out.push(salt.len() as u8);
            out.extend(salt);
        }
        Kind::Hash => {
            let token = words.take(label)?;
            let hash = base32hex(words.raw(token)).filter(|h| (1..=255).contains(&h.len()));
            let hash = hash.ok_or_else(|| words.bad(token, label, "base32hex without padding"))?;
            out.push(hash.len() as u8);
            out.extend(hash);
        }
        Kind::Types => bitmap(words, label, out)?,
        Kind::Eui48 => groups(words, label, out, b'-', 6, 2)?,
        Kind::Eui64 => groups(words, label, out, b'-', 8, 2)?,
        Kind::Locator64 => groups(words, label, out, b':', 4, 4)?,
        Kind::Loc => loc(words, out)?,
        Kind::Apl => apl(words, out)?,
        Kind::Gateway => gateway(words, out)?,
        Kind::Relay => relay(words, out)?,
        Kind::Hip => hip(words, out)?,
        Kind::Nsap => {
            let token = words.take(label)?;
            let raw = words.raw(token);
            let digits = raw.strip_prefix(b"0x").or_else(|| raw.strip_prefix(b"0X"));
            let digits: Option<Vec<u8>> = digits.map(|d| d.iter().copied().filter(|b| *b != b'.').collect());
            let octets = digits.and_then(|d| unhex(&d)).filter(|o| !o.is_empty());
            out.extend(octets.ok_or_else(|| words.bad(token, label, "0x and hexadecimal digits"))?);
        }
        Kind::Wks => wks(words, out)?,
        // Every other kind is read in `rdata`.
        _ => {}
    }
    Ok(())
}

fn unhex(digits: &[u8]) -> Option<Vec<u8>> {
    crate::model::record::unhex(std::str::from_utf8(digits).ok()?)
}

/// RFC 4648 section 7, without padding (RFC 5155 section 3.3).
fn base32hex(digits: &[u8]) -> Option<Vec<u8>> {
    if digits.is_empty() || matches!(digits.len() % 8, 1 | 3 | 6) {
        return None;
    }
    let mut out = Vec::with_capacity(digits.len() * 5 / 8);
    let (mut buffer, mut bits) = (0u32, 0);
    for &digit in digits {
        let value = (digit as char).to_digit(32)?;
        buffer = (buffer << 5 | value) & 0xffff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push((buffer >> bits) as u8);
        }
    }
    (buffer & ((1 << bits) - 1) == 0).then_some(out)
}

/// RFC 4034 section 4.1.2.
fn bitmap(words: &mut Words, label: &str, out: &mut Vec<u8>) -> Result<(), Fault> {
    let mut numbers = Vec::new();
    while let Some(token) = words.take_optional() {
        let number = grammar::type_number(words.raw(token));
        numbers.push(number.ok_or_else(|| words.bad(token, label, "a record type such as MX or TYPE15"))?);
    }
    numbers.sort_unstable();
    numbers.dedup();
    for window in numbers.chunk_by(|a, b| a >> 8 == b >> 8) {
        let mut bits = [0u8; 32];
        let mut used = 0;
        for number in window {
            let low = (number & 0xff) as usize;
            bits[low / 8] |= 0x80 >> (low % 8);
            used = low / 8 + 1;
        }
        out.push((window[0] >> 8) as u8);
        out.push(used as u8);
        out.extend_from_slice(&bits[..used]);
    }
    Ok(())
}

/// Groups of exactly `width` hexadecimal digits.
fn groups(
    words: &mut Words,
    label: &str,
    out: &mut Vec<u8>,
    separator: u8,
    count: usize,
    width: usize,
) -> Result<(), Fault> {
    let token = words.take(label)?;
    let parts: Vec<&[u8]> = words.raw(token).split(|b| *b == separator).collect();
    // Locators may drop leading zeros, hardware addresses may not (RFC 6742, RFC 7043).
    let fits = |part: &&[u8]| {
        if separator == b'-' { part.len() == width } else { (1..=width).contains(&part.len()) }
    };
    let good = parts.len() == count && parts.iter().all(fits);
    let mut octets = Vec::new();
    for part in parts.iter().take(if good { count } else { 0 }) {
        let mut padded = vec![b'0'; width - part.len()];
        padded.extend_from_slice(part);
        match unhex(&padded) {
            Some(group) => octets.extend(group),
            None => return Err(words.bad(token, label, "groups of hexadecimal digits")),
        }
    }
    if !good {
        let form = format!("{count} groups of {width} hexadecimal digits with `{}`", separator as char);
        return Err(words.bad(token, label, &form));
    }
    out.extend(octets);
    Ok(())
}

/// A decimal with at most `places` digits after the point, times 10^places.
fn fixed(raw: &[u8], places: usize) -> Option<u64> {
    let (whole, fraction) = match raw.iter().position(|b| *b == b'.') {
        Some(dot) => (&raw[..dot], &raw[dot + 1..]),
        None => (raw, &raw[..0]),
    };
    if fraction.len() > places || (raw.contains(&b'.') && fraction.is_empty()) || whole.len() > 10 {
        return None;
    }
    let mut digits = whole.to_vec();
    digits.extend_from_slice(fraction);
    digits.resize(whole.len() + places, b'0');
    words::number(whole).and(words::number(&digits))
}

/// RFC 1876 sections 2 and 3.
fn loc(words: &mut Words, out: &mut Vec<u8>) -> Result<(), Fault> {
    let latitude = angle(words, "latitude", 90, b'N', b'S')?;
    let longitude = angle(words, "longitude", 180, b'E', b'W')?;
    let token = words.take("altitude")?;
    let raw = metres(words.raw(token));
    let (negative, digits) = raw.strip_prefix(b"-").map_or((false, raw), |d| (true, d));
    let centimetres = fixed(digits, 2);
    let altitude = centimetres
        .and_then(|c| if negative { 10_000_000u64.checked_sub(c) } else { 10_000_000u64.checked_add(c) })
        .and_then(|a| u32::try_from(a).ok());
    let form = "metres from -100000.00 to 42849672.95";
    let altitude = altitude.ok_or_else(|| words.bad(token, "altitude", form))?;
    // Size and precisions with their defaults: 1 m, 10 km, 10 m.
    let mut sizes = [0x12u8, 0x16, 0x13];
    for (index, label) in ["size", "horizontal precision", "vertical precision"].iter().enumerate() {
        let Some(token) = words.take_optional() else { break };
        let size = fixed(metres(words.raw(token)), 2).filter(|c| *c <= 9_000_000_000);
        let mut mantissa = size.ok_or_else(|| words.bad(token, label, "metres from 0 to 90000000.00"))?;
        let mut exponent = 0u8;
        while mantissa > 9 {
            mantissa /= 10;
            exponent += 1;
        }
        sizes[index] = (mantissa as u8) << 4 | exponent;
    }
    out.push(0);
    out.extend(sizes);
    push32(out, latitude);
    push32(out, longitude);
    push32(out, u64::from(altitude));
    Ok(())
}

fn metres(raw: &[u8]) -> &[u8] {
    raw.strip_suffix(b"m").or_else(|| raw.strip_suffix(b"M")).unwrap_or(raw)
}

/// Degrees, optional minutes and seconds, hemisphere; thousandths of a second around 2^31.
fn angle(words: &mut Words, label: &str, limit: u64, plus: u8, minus: u8) -> Result<u64, Fault> {
    let mut total = words.integer(label, limit)? * 3_600_000;
    for (place, unit) in [(60, 60_000u64), (60, 1)] {
        let token = words.take("hemisphere")?;
        let raw = words.raw(token);
        if let Some(sign) = hemisphere(raw, plus, minus) {
            return finish(words, token, label, total, limit, sign);
        }
        let value = if unit == 1 { fixed(raw, 3) } else { words::number(raw) };
        let below = if unit == 1 { place * 1000 } else { place };
        let form = format!("minutes or seconds below 60, or `{}` or `{}`", plus as char, minus as char);
        let value = value.filter(|v| *v < below).ok_or_else(|| words.bad(token, label, &form))?;
        total += value * unit;
    }
    let token = words.take("hemisphere")?;
    let form = format!("`{}` or `{}`", plus as char, minus as char);
    let sign = hemisphere(words.raw(token), plus, minus).ok_or_else(|| words.bad(token, label, &form))?;
    finish(words, token, label, total, limit, sign)
}

fn hemisphere(raw: &[u8], plus: u8, minus: u8) -> Option<bool> {
    match raw {
        [byte] if byte.eq_ignore_ascii_case(&plus) => Some(true),
        [byte] if byte.eq_ignore_ascii_case(&minus) => Some(false),
        _ => None,
    }
}

fn finish(
    words: &Words,
    token: Token,
    label: &str,
    total: u64,
    limit: u64,
    positive: bool,
) -> Result<u64, Fault> {
    if total > limit * 3_600_000 {
        return Err(words.bad(token, label, &format!("at most {limit} degrees")));
    }
    let equator = 1u64 << 31;
    Ok(if positive { equator + total } else { equator - total })
}

/// RFC 3123 section 5: `[!]afi:address/prefix`, possibly none.
fn apl(words: &mut Words, out: &mut Vec<u8>) -> Result<(), Fault> {
    while let Some(token) = words.take_optional() {
        let text = std::str::from_utf8(words.raw(token)).unwrap_or_default();
        let form = "[!]1:IPv4/PREFIX or [!]2:IPv6/PREFIX";
        let bad = || words.bad(token, "address prefix", form);
        let (negated, rest) = text.strip_prefix('!').map_or((0u8, text), |r| (0x80, r));
        let (family, rest) = rest.split_once(':').ok_or_else(bad)?;
        let (ip, prefix) = rest.split_once('/').ok_or_else(bad)?;
        let prefix = words::number(prefix.as_bytes()).ok_or_else(bad)?;
        let (family, max, mut octets) = match family {
            "1" => (1u64, 32, ip.parse::<Ipv4Addr>().map_err(|_| bad())?.octets().to_vec()),
            "2" => (2, 128, ip.parse::<Ipv6Addr>().map_err(|_| bad())?.octets().to_vec()),
            _ => return Err(bad()),
        };
        if prefix > max {
            return Err(bad());
        }
        while octets.last() == Some(&0) {
            octets.pop();
        }
        push16(out, family);
        out.push(prefix as u8);
        out.push(negated | octets.len() as u8);
        out.extend(octets);
    }
    Ok(())
}

/// A gateway or relay: none, an IPv4 or IPv6 address or a name, by its type number.
fn endpoint(words: &mut Words, form: u64, out: &mut Vec<u8>) -> Result<(), Fault> {
    if form == 3 {
        let name = words.name("gateway")?;
        words::push_name(&name, out);
        return Ok(());
    }
    let token = words.take("gateway")?;
    let text = std::str::from_utf8(words.raw(token)).unwrap_or_default();
    match (form, text.parse()) {
        (0, _) if text == "." => {}
        (1, Ok(IpAddr::V4(ip))) => out.extend(ip.octets()),
        (2, Ok(IpAddr::V6(ip))) => out.extend(ip.octets()),
        _ => return Err(words.bad(token, "gateway", "`.`, an IPv4 or IPv6 address, as the type says")),
    }
    Ok(())
}

/// IPSECKEY (RFC 4025 section 3.1).
fn gateway(words: &mut Words, out: &mut Vec<u8>) -> Result<(), Fault> {
    out.push(words.integer("precedence", 255)? as u8);
    let form = words.integer("gateway type", 3)?;
    out.push(form as u8);
    out.push(words.integer("algorithm", 255)? as u8);
    endpoint(words, form, out)?;
    if !words.tokens.is_empty() {
        out.extend(words.base64("public key")?);
    }
    Ok(())
}

/// AMTRELAY (RFC 8777 section 4.3).
fn relay(words: &mut Words, out: &mut Vec<u8>) -> Result<(), Fault> {
    out.push(words.integer("precedence", 255)? as u8);
    let discovery = words.integer("discovery-optional bit", 1)?;
    let form = words.integer("relay type", 3)?;
    out.push((discovery << 7 | form) as u8);
    endpoint(words, form, out)
}

/// HIP (RFC 8005 section 6): algorithm, HIT in hex, key in base64, servers.
fn hip(words: &mut Words, out: &mut Vec<u8>) -> Result<(), Fault> {
    let algorithm = words.integer("algorithm", 255)? as u8;
    let token = words.take("HIT")?;
    let hit = unhex(words.raw(token)).filter(|h| (1..=255).contains(&h.len()));
    let hit = hit.ok_or_else(|| words.bad(token, "HIT", "hexadecimal, at most 255 octets"))?;
    let rest = words.tokens;
    words.tokens = rest.get(..1).unwrap_or_default();
    let key = words.base64("public key")?;
    words.tokens = rest.get(1..).unwrap_or_default();
    out.push(hit.len() as u8);
    out.push(algorithm);
    push16(out, key.len() as u64);
    out.extend(hit);
    out.extend(key);
    while !words.tokens.is_empty() {
        let name = words.name("rendezvous server")?;
        words::push_name(&name, out);
    }
    Ok(())
}

/// WKS (RFC 1035 section 3.4.2): address, protocol, ports. By number or the few well-known names.
fn wks(words: &mut Words, out: &mut Vec<u8>) -> Result<(), Fault> {
    const PORTS: &[(&[u8], u64)] = &[
        (b"ftp", 21),
        (b"ssh", 22),
        (b"telnet", 23),
        (b"smtp", 25),
        (b"time", 37),
        (b"domain", 53),
        (b"finger", 79),
        (b"http", 80),
        (b"pop3", 110),
        (b"nntp", 119),
        (b"ntp", 123),
        (b"imap", 143),
        (b"https", 443),
        (b"submission", 587),
    ];
    let token = words.take("address")?;
    let text = std::str::from_utf8(words.raw(token)).unwrap_or_default();
    let ip: Ipv4Addr = text.parse().map_err(|_| words.bad(token, "address", "an IPv4 address"))?;
    out.extend(ip.octets());
    let token = words.take("protocol")?;
    let protocol = match words.raw(token).to_ascii_lowercase().as_slice() {
        b"tcp" => Some(6),
        b"udp" => Some(17),
        raw => words::number(raw).filter(|n| *n <= 255),
    };
    out.push(protocol.ok_or_else(|| words.bad(token, "protocol", "tcp, udp or a number"))? as u8);
    let mut bits: Vec<u8> = Vec::new();
    while let Some(token) = words.take_optional() {
        let raw = words.raw(token).to_ascii_lowercase();
        let known = PORTS.iter().find(|(name, _)| *name == raw).map(|(_, port)| *port);
        let port = known.or_else(|| words::number(&raw)).filter(|p| *p <= 65_535);
        let port = port.ok_or_else(|| words.bad(token, "port", "a port number"))? as usize;
        if bits.len() <= port / 8 {
            bits.resize(port / 8 + 1, 0);
        }
        bits[port / 8] |= 0x80 >> (port % 8);
    }
    out.extend(bits);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32hex_is_strict() {
        assert_eq!(base32hex(b"CPNMU").as_deref(), Some(&b"foo"[..]));
        assert_eq!(base32hex(b"cpnmuoj1e8").as_deref(), Some(&b"foobar"[..]));
        assert_eq!(base32hex(b"CPNMUOJ"), None);
        assert_eq!(base32hex(b"CPNMX"), None);
        assert_eq!(base32hex(b"CPNMV"), None);
    }

    #[test]
    fn decimals() {
        assert_eq!(fixed(b"52.1", 3), Some(52_100));
        assert_eq!(fixed(b"10", 2), Some(1000));
        for bad in ["", ".", "1.", ".5", "1.2345", "1.2.3", "-1", "1e3"] {
            assert_eq!(fixed(bad.as_bytes(), 3), None, "{bad}");
        }
    }
}
