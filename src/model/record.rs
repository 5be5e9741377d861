//! Resource records as data, with one text form for recordings, fixtures and people.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::name::push_octet;
use super::{Location, Name};

/// The record types mailvet asks for or meets; any other by number (RFC 3597).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordType {
    /// IPv4 address (RFC 1035 section 3.4.1).
    A,
    /// IPv6 address (RFC 3596).
    Aaaa,
    /// Mail exchange (RFC 1035 section 3.3.9).
    Mx,
    /// Text (RFC 1035 section 3.3.14): SPF, DKIM, DMARC, BIMI and more.
    Txt,
    /// The name of an address (RFC 1035 section 3.3.12).
    Ptr,
    /// Alias of one name (RFC 1035 section 3.3.1).
    Cname,
    /// Alias of all names below a name (RFC 6672).
    Dname,
    /// Name server of a zone (RFC 1035 section 3.3.11).
    Ns,
    /// Start of a zone of authority (RFC 1035 section 3.3.13).
    Soa,
    /// Host and port of a service (RFC 2782).
    Srv,
    /// Certificate association for DANE (RFC 6698).
    Tlsa,
    /// Which authorities may issue certificates (RFC 8659).
    Caa,
    /// Type 99, discontinued (RFC 7208 section 3.1); asked only to find leftovers.
    Spf,
    /// Delegation signer (RFC 4034 section 5).
    Ds,
    /// Public key of a signed zone (RFC 4034 section 2).
    Dnskey,
    /// Any other type, by its number in the IANA registry.
    Other(u16),
}

const TYPES: [(RecordType, u16, &str); 15] = [
    (RecordType::A, 1, "A"),
    (RecordType::Ns, 2, "NS"),
    (RecordType::Cname, 5, "CNAME"),
    (RecordType::Soa, 6, "SOA"),
    (RecordType::Ptr, 12, "PTR"),
    (RecordType::Mx, 15, "MX"),
    (RecordType::Txt, 16, "TXT"),
    (RecordType::Aaaa, 28, "AAAA"),
    (RecordType::Srv, 33, "SRV"),
    (RecordType::Dname, 39, "DNAME"),
    (RecordType::Ds, 43, "DS"),
    (RecordType::Dnskey, 48, "DNSKEY"),
    (RecordType::Tlsa, 52, "TLSA"),
    (RecordType::Spf, 99, "SPF"),
    (RecordType::Caa, 257, "CAA"),
];

impl RecordType {
    /// The type's number in the IANA registry, as on the wire.
    pub fn number(self) -> u16 {
        match self {
            RecordType::Other(number) => number,
            known => TYPES.iter().find(|(t, ..)| *t == known).map_or(0, |(_, n, _)| *n),
        }
    }

    /// The type with this number; [`RecordType::Other`] for one without a name here.
    pub fn from_number(number: u16) -> RecordType {
        TYPES.iter().find(|(_, n, _)| *n == number).map_or(RecordType::Other(number), |(t, ..)| *t)
    }

    /// `TXT`, or `TYPE65` for one without a name here; any case.
    pub fn from_text(text: &str) -> Option<RecordType> {
        TYPES.iter().find(|(_, _, name)| name.eq_ignore_ascii_case(text)).map(|(t, ..)| *t).or_else(|| {
            let digits = text.get(..4).filter(|p| p.eq_ignore_ascii_case("TYPE")).and(text.get(4..))?;
            digits.parse().ok().map(RecordType::from_number)
        })
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match TYPES.iter().find(|(t, ..)| t == self) {
            Some((_, _, name)) => f.write_str(name),
            None => write!(f, "TYPE{}", self.number()),
        }
    }
}

/// The data of one record. Attacker-written: escape before showing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rdata {
    /// An IPv4 address.
    A(Ipv4Addr),
    /// An IPv6 address.
    Aaaa(Ipv6Addr),
    /// A mail exchange; preference 0 with the root as exchange is "null MX" (RFC 7505).
    Mx {
        /// Lower is tried first (RFC 5321 section 5.1).
        preference: u16,
        /// The host that takes the mail; an alias is not allowed.
        exchange: Name,
    },
    /// The character-strings in order, raw bytes, each at most 255 octets on the wire.
    Txt(Vec<Vec<u8>>),
    /// The name of the address whose reverse name this record stands at.
    Ptr(Name),
    /// The canonical name.
    Cname(Name),
    /// What takes the owner's place at the end of the name asked for.
    Dname(Name),
    /// A host that serves the zone.
    Ns(Name),
    /// The zone's administrative data.
    Soa {
        /// The zone's primary server.
        mname: Name,
        /// The responsible person's mailbox, its `@` written as a dot.
        rname: Name,
        /// Version of the zone, compared by serial arithmetic (RFC 1982).
        serial: u32,
        /// Seconds after which a secondary server looks for a newer version.
        refresh: u32,
        /// Seconds after which it tries again where that failed.
        retry: u32,
        /// Seconds after which it stops answering for a zone it could not refresh.
        expire: u32,
        /// Seconds an absence may be cached, bounded by the record's own TTL (RFC 2308 section 4).
        minimum: u32,
    },
    /// A certificate or key that a TLS server must show (RFC 6698 section 2.1).
    Tlsa {
        /// Which certificate is meant: 2 (DANE-TA) and 3 (DANE-EE) are of use to mail (RFC 7672
        /// section 3.1).
        usage: u8,
        /// 0 the whole certificate, 1 its public key.
        selector: u8,
        /// 0 exact, 1 SHA-256, 2 SHA-512.
        matching: u8,
        /// The certificate, key or digest itself, raw.
        data: Vec<u8>,
    },
    /// A permission to issue certificates, or its limits.
    Caa {
        /// 128 where an authority that does not know the tag must not issue.
        flags: u8,
        /// The property, such as `issue` or `iodef`, as the record spells it.
        tag: String,
        /// The property's value, raw bytes.
        value: Vec<u8>,
    },
    /// Type 99, the same shape as TXT.
    Spf(Vec<Vec<u8>>),
    /// Kept as wire bytes.
    Other {
        /// The type's number or name.
        rtype: RecordType,
        /// The data of the record without its length, raw.
        data: Vec<u8>,
    },
}

impl Rdata {
    /// The type of record that this is the data of.
    pub fn record_type(&self) -> RecordType {
        match self {
            Rdata::A(_) => RecordType::A,
            Rdata::Aaaa(_) => RecordType::Aaaa,
            Rdata::Mx { .. } => RecordType::Mx,
            Rdata::Txt(_) => RecordType::Txt,
            Rdata::Ptr(_) => RecordType::Ptr,
            Rdata::Cname(_) => RecordType::Cname,
            Rdata::Dname(_) => RecordType::Dname,
            Rdata::Ns(_) => RecordType::Ns,
            Rdata::Soa { .. } => RecordType::Soa,
            Rdata::Tlsa { .. } => RecordType::Tlsa,
            Rdata::Caa { .. } => RecordType::Caa,
            Rdata::Spf(_) => RecordType::Spf,
            Rdata::Other { rtype, .. } => *rtype,
        }
    }

    /// The strings of a TXT record joined without anything between (RFC 7208 section 3.3).
    pub fn joined_text(&self) -> Option<Vec<u8>> {
        match self {
            Rdata::Txt(strings) | Rdata::Spf(strings) => Some(strings.concat()),
            _ => None,
        }
    }

    /// From the master-file form of the data. TXT without quotes is one string as
    /// it stands, so that fixtures read well; names are taken as absolute.
    ///
    /// # Errors
    /// What does not fit the type, for people.
    pub fn from_text(rtype: RecordType, text: &str) -> Result<Rdata, String> {
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let wrong = || format!("{text:?} is no {rtype} data");
        let word = |index: usize| words.get(index).copied().ok_or_else(wrong);
        let number = |index: usize| word(index)?.parse::<u32>().map_err(|_| wrong());
        Ok(match rtype {
            RecordType::A => Rdata::A(text.trim().parse().map_err(|_| wrong())?),
            RecordType::Aaaa => Rdata::Aaaa(text.trim().parse().map_err(|_| wrong())?),
            RecordType::Mx => Rdata::Mx {
                preference: word(0)?.parse().map_err(|_| wrong())?,
                exchange: Name::lenient(word(1)?),
            },
            RecordType::Txt => Rdata::Txt(strings_from_text(text)?),
            RecordType::Spf => Rdata::Spf(strings_from_text(text)?),
            RecordType::Ptr => Rdata::Ptr(Name::lenient(word(0)?)),
            RecordType::Cname => Rdata::Cname(Name::lenient(word(0)?)),
            RecordType::Dname => Rdata::Dname(Name::lenient(word(0)?)),
            RecordType::Ns => Rdata::Ns(Name::lenient(word(0)?)),
            RecordType::Soa => Rdata::Soa {
                mname: Name::lenient(word(0)?),
                rname: Name::lenient(word(1)?),
                serial: number(2)?,
                refresh: number(3)?,
                retry: number(4)?,
                expire: number(5)?,
                minimum: number(6)?,
            },
            RecordType::Tlsa => Rdata::Tlsa {
                usage: word(0)?.parse().map_err(|_| wrong())?,
                selector: word(1)?.parse().map_err(|_| wrong())?,
                matching: word(2)?.parse().map_err(|_| wrong())?,
                data: unhex(&words[3..].concat()).ok_or_else(wrong)?,
            },
            RecordType::Caa => Rdata::Caa {
                flags: word(0)?.parse().map_err(|_| wrong())?,
                tag: word(1)?.to_owned(),
                value: strings_from_text(text.splitn(3, ' ').nth(2).unwrap_or_default())?.concat(),
            },
            _ => {
                // RFC 3597: \# LENGTH HEX
                if word(0)? != "\\#" {
                    return Err(wrong());
                }
                let data = unhex(&words[2..].concat()).ok_or_else(wrong)?;
                if number(1)? as usize != data.len() {
                    return Err(wrong());
                }
                Rdata::Other { rtype, data }
            }
        })
    }
}

impl fmt::Display for Rdata {
    /// The master-file form, readable back by [`Rdata::from_text`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rdata::A(ip) => ip.fmt(f),
            Rdata::Aaaa(ip) => ip.fmt(f),
            Rdata::Mx { preference, exchange } => write!(f, "{preference} {exchange}"),
            Rdata::Txt(strings) | Rdata::Spf(strings) => {
                for (index, string) in strings.iter().enumerate() {
                    if index > 0 {
                        f.write_str(" ")?;
                    }
                    f.write_str(&quoted(string))?;
                }
                Ok(())
            }
            Rdata::Ptr(name) | Rdata::Cname(name) | Rdata::Dname(name) | Rdata::Ns(name) => name.fmt(f),
            Rdata::Soa { mname, rname, serial, refresh, retry, expire, minimum } => {
                write!(f, "{mname} {rname} {serial} {refresh} {retry} {expire} {minimum}")
            }
            Rdata::Tlsa { usage, selector, matching, data } => {
                write!(f, "{usage} {selector} {matching} {}", hex(data))
            }
            Rdata::Caa { flags, tag, value } => write!(f, "{flags} {tag} {}", quoted(value)),
            Rdata::Other { data, .. } => write!(f, "\\# {} {}", data.len(), hex(data)),
        }
    }
}

/// A character-string in quotes with `\DDD`, as a master file writes it (RFC 1035 section 5.1).
pub fn quoted(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    out.push('"');
    for &byte in bytes {
        push_octet(byte, [b'"', b'\\'], 0x20, &mut out);
    }
    out.push('"');
    out
}

fn strings_from_text(text: &str) -> Result<Vec<Vec<u8>>, String> {
    let text = text.trim();
    if !text.starts_with('"') {
        return Ok(vec![text.as_bytes().to_vec()]);
    }
    let mut strings = Vec::new();
    let mut current: Option<Vec<u8>> = None;
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match (&mut current, bytes[at]) {
            (None, b'"') => current = Some(Vec::new()),
            (None, b' ' | b'\t') => {}
            (None, _) => return Err(format!("text outside quotes in {text:?}")),
            (Some(_), b'"') => strings.extend(current.take()),
            (Some(string), b'\\') => {
                let digits = text.get(at + 1..at + 4).filter(|d| d.bytes().all(|b| b.is_ascii_digit()));
                if let Some(value) = digits.and_then(|d| d.parse::<u8>().ok()) {
                    string.push(value);
                    at += 3;
                } else {
                    at += 1;
                    string.extend(bytes.get(at));
                }
            }
            (Some(string), byte) => string.push(byte),
        }
        at += 1;
    }
    if current.is_some() { Err(format!("unclosed quote in {text:?}")) } else { Ok(strings) }
}

/// Two lower-case hexadecimal digits for each byte.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes that pairs of hexadecimal digits in any case stand for; nothing for anything else.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    if !bytes.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| (byte as char).to_digit(16).map(|d| d as u8);
    bytes.chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

/// One record of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Type and data.
    pub rdata: Rdata,
    /// Seconds; what the source said, so a cache's remainder.
    pub ttl: u32,
    /// The zone file's line, when the answer came from one.
    pub location: Option<Location>,
}

impl Record {
    /// A record with a TTL of one hour that stands in no file: for fixtures and computed fixes.
    pub fn new(rdata: Rdata) -> Record {
        Record { rdata, ttl: 3600, location: None }
    }
}

impl Serialize for RecordType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RecordType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        RecordType::from_text(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("{text:?} is no record type")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_reads_back() {
        for (rtype, text) in [
            (RecordType::A, "192.0.2.1"),
            (RecordType::Mx, "10 mx.example.com"),
            (RecordType::Mx, "0 ."),
            (RecordType::Txt, r#""v=spf1 " "-all\"\\\007""#),
            (RecordType::Tlsa, "3 1 1 00ff"),
            (RecordType::Caa, r#"0 issue "ca.example""#),
            (RecordType::Other(65), "\\# 2 0001"),
        ] {
            assert_eq!(Rdata::from_text(rtype, text).unwrap().to_string(), text);
        }
        assert!(Rdata::from_text(RecordType::A, "300.1.1.1").is_err());
        assert!(Rdata::from_text(RecordType::Other(65), "\\# 3 0001").is_err());
    }
}
