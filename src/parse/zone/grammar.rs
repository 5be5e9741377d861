//! Which fields each record type has, as a table. A type without an entry has
//! no text form here and is written `\# LENGTH HEX` (RFC 3597 section 5).

/// What one field of the data is, in text and on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    U8,
    U16,
    U32,
    /// 32 bits of seconds, units allowed.
    Seconds,
    Ip4,
    Ip6,
    /// One character-string with its length octet.
    Text,
    /// One character-string that may be left out.
    OptionalText,
    /// One or more character-strings to the end.
    Texts,
    /// One string to the end without a length octet (CAA value, URI target).
    LongText,
    /// A length octet and 1-255 letters and digits (CAA tag).
    Tag,
    /// Hexadecimal to the end, at least one octet.
    Hex,
    /// Base64 to the end, at least one octet.
    Base64,
    /// Base64 to the end, possibly nothing (a KEY without key, RFC 2535 section 3.1.2).
    OptionalBase64,
    /// `-` or hexadecimal, with a length octet (RFC 5155 section 3.3).
    Salt,
    /// Base32hex without padding, with a length octet (RFC 5155 section 3.3).
    Hash,
    /// Type bitmap to the end (RFC 4034 section 4.1.2).
    Types,
    /// `YYYYMMDDHHmmSS` or seconds.
    Time,
    /// DNSSEC algorithm by number or mnemonic.
    Algorithm,
    /// CERT type by number or mnemonic (RFC 4398 section 2.1).
    CertType,
    /// DSYNC scheme by number or mnemonic.
    Scheme,
    /// A record type by mnemonic, 16 bits.
    RecordType,
    /// 6 or 8 octets `xx-xx-..` (RFC 7043).
    Eui48,
    Eui64,
    /// `xxxx:xxxx:xxxx:xxxx` (RFC 6742).
    Locator64,
    /// The remaining kinds are the whole data in one.
    Loc,
    Apl,
    Parameters,
    Gateway,
    Relay,
    Hip,
    Nsap,
    Wks,
}

use Kind::*;

pub(super) type Fields = &'static [(&'static str, Kind)];

const NAMES: Fields = &[("host name", Name)];
const TEXTS: Fields = &[("string", Texts)];
const PREFERENCE_HOST: Fields = &[("preference", U16), ("host name", Name)];
const DIGEST: Fields = &[("key tag", U16), ("algorithm", Algorithm), ("digest type", U8), ("digest", Hex)];
const KEY: Fields = &[("flags", U16), ("protocol", U8), ("algorithm", Algorithm), ("public key", Base64)];
const OLD_KEY: Fields =
    &[("flags", U16), ("protocol", U8), ("algorithm", Algorithm), ("public key", OptionalBase64)];
const ASSOCIATION: Fields =
    &[("certificate usage", U8), ("selector", U8), ("matching type", U8), ("association data", Hex)];
const SERVICE: Fields = &[("priority", U16), ("target name", Name), ("parameters", Parameters)];
const LOCATOR: Fields = &[("preference", U16), ("locator", Locator64)];
const SIGNATURE: Fields = &[
    ("type covered", RecordType),
    ("algorithm", Algorithm),
    ("labels", U8),
    ("original TTL", Seconds),
    ("expiration", Time),
    ("inception", Time),
    ("key tag", U16),
    ("signer's name", Name),
    ("signature", Base64),
];

/// Mnemonic, number, fields; None: the type exists, its text form is not read
/// here. From the IANA "Resource Record (RR) TYPEs" registry; frequent ones first.
pub(super) const TYPES: &[(&str, u16, Option<Fields>)] = &[
    ("A", 1, Some(&[("IPv4 address", Ip4)])),
    ("AAAA", 28, Some(&[("IPv6 address", Ip6)])),
    ("TXT", 16, Some(TEXTS)),
    ("MX", 15, Some(&[("preference", U16), ("mail host name", Name)])),
    ("CNAME", 5, Some(NAMES)),
    ("NS", 2, Some(NAMES)),
    ("PTR", 12, Some(NAMES)),
    (
        "SOA",
        6,
        Some(&[
            ("primary server", Name),
            ("mailbox", Name),
            ("serial", U32),
            ("refresh", Seconds),
            ("retry", Seconds),
            ("expire", Seconds),
            ("minimum", Seconds),
        ]),
    ),
    ("SRV", 33, Some(&[("priority", U16), ("weight", U16), ("port", U16), ("target", Name)])),
    ("CAA", 257, Some(&[("flags", U8), ("tag", Tag), ("value", LongText)])),
    ("TLSA", 52, Some(ASSOCIATION)),
    ("DS", 43, Some(DIGEST)),
    ("DNSKEY", 48, Some(KEY)),
    ("RRSIG", 46, Some(SIGNATURE)),
    ("NSEC", 47, Some(&[("next name", Name), ("types", Types)])),
    (
        "NSEC3",
        50,
        Some(&[
            ("hash algorithm", U8),
            ("flags", U8),
            ("iterations", U16),
            ("salt", Salt),
            ("next hashed owner", Hash),
            ("types", Types),
        ]),
    ),
    ("NSEC3PARAM", 51, Some(&[("hash algorithm", U8), ("flags", U8), ("iterations", U16), ("salt", Salt)])),
    ("SPF", 99, Some(TEXTS)),
    ("DNAME", 39, Some(NAMES)),
    ("SVCB", 64, Some(SERVICE)),
    ("HTTPS", 65, Some(SERVICE)),
    (
        "NAPTR",
        35,
        Some(&[
            ("order", U16),
            ("preference", U16),
            ("flags", Text),
            ("services", Text),
            ("regexp", Text),
            ("replacement", Name),
        ]),
    ),
    ("SSHFP", 44, Some(&[("algorithm", U8), ("fingerprint type", U8), ("fingerprint", Hex)])),
    ("MD", 3, Some(NAMES)),
    ("MF", 4, Some(NAMES)),
    ("MB", 7, Some(NAMES)),
    ("MG", 8, Some(NAMES)),
    ("MR", 9, Some(NAMES)),
    ("NULL", 10, None),
    ("WKS", 11, Some(&[("services", Wks)])),
    ("HINFO", 13, Some(&[("CPU", Text), ("OS", Text)])),
    ("MINFO", 14, Some(&[("mailbox", Name), ("error mailbox", Name)])),
    ("RP", 17, Some(&[("mailbox", Name), ("TXT name", Name)])),
    ("AFSDB", 18, Some(&[("subtype", U16), ("host name", Name)])),
    ("X25", 19, Some(&[("PSDN address", Text)])),
    ("ISDN", 20, Some(&[("ISDN address", Text), ("subaddress", OptionalText)])),
    ("RT", 21, Some(PREFERENCE_HOST)),
    ("NSAP", 22, Some(&[("NSAP address", Nsap)])),
    ("NSAP-PTR", 23, Some(NAMES)),
    ("SIG", 24, Some(SIGNATURE)),
    ("KEY", 25, Some(OLD_KEY)),
    ("PX", 26, Some(&[("preference", U16), ("RFC 822 domain", Name), ("X.400 domain", Name)])),
    ("GPOS", 27, Some(&[("longitude", Text), ("latitude", Text), ("altitude", Text)])),
    ("LOC", 29, Some(&[("location", Loc)])),
    ("NXT", 30, None),
    ("EID", 31, Some(&[("endpoint", Hex)])),
    ("NIMLOC", 32, Some(&[("locator", Hex)])),
    ("ATMA", 34, None),
    ("KX", 36, Some(PREFERENCE_HOST)),
    (
        "CERT",
        37,
        Some(&[
            ("certificate type", CertType),
            ("key tag", U16),
            ("algorithm", Algorithm),
            ("certificate", Base64),
        ]),
    ),
    ("A6", 38, None),
    ("SINK", 40, None),
    ("APL", 42, Some(&[("address prefixes", Apl)])),
    ("IPSECKEY", 45, Some(&[("gateway", Gateway)])),
    ("DHCID", 49, Some(&[("identifier", Base64)])),
    ("SMIMEA", 53, Some(ASSOCIATION)),
    ("HIP", 55, Some(&[("host identity", Hip)])),
    ("NINFO", 56, Some(TEXTS)),
    ("RKEY", 57, Some(KEY)),
    ("TALINK", 58, Some(&[("previous name", Name), ("next name", Name)])),
    ("CDS", 59, Some(DIGEST)),
    ("CDNSKEY", 60, Some(KEY)),
    ("OPENPGPKEY", 61, Some(&[("public key", Base64)])),
    ("CSYNC", 62, Some(&[("serial", U32), ("flags", U16), ("types", Types)])),
    ("ZONEMD", 63, Some(&[("serial", U32), ("scheme", U8), ("hash algorithm", U8), ("digest", Hex)])),
    ("DSYNC", 66, Some(&[("type", RecordType), ("scheme", Scheme), ("port", U16), ("target", Name)])),
    ("HHIT", 67, Some(&[("HHIT", Base64)])),
    ("BRID", 68, Some(&[("broadcast id", Base64)])),
    ("NID", 104, Some(LOCATOR)),
    ("L32", 105, Some(&[("preference", U16), ("locator", Ip4)])),
    ("L64", 106, Some(LOCATOR)),
    ("LP", 107, Some(PREFERENCE_HOST)),
    ("EUI48", 108, Some(&[("address", Eui48)])),
    ("EUI64", 109, Some(&[("address", Eui64)])),
    ("URI", 256, Some(&[("priority", U16), ("weight", U16), ("target", LongText)])),
    ("AVC", 258, Some(TEXTS)),
    ("DOA", 259, None),
    ("AMTRELAY", 260, Some(&[("relay", Relay)])),
    ("RESINFO", 261, Some(TEXTS)),
    ("WALLET", 262, Some(TEXTS)),
    ("CLA", 263, Some(TEXTS)),
    ("IPN", 264, None),
    ("TA", 32768, Some(DIGEST)),
    ("DLV", 32769, Some(DIGEST)),
];

/// Query and meta types have no data in a zone (RFC 6895 section 3.1).
pub(super) const META: &[(&str, u16)] = &[
    ("OPT", 41),
    ("NXNAME", 128),
    ("TKEY", 249),
    ("TSIG", 250),
    ("IXFR", 251),
    ("AXFR", 252),
    ("MAILB", 253),
    ("MAILA", 254),
    ("ANY", 255),
];

/// A type's number from its mnemonic or `TYPEnnn`, any case.
pub(super) fn type_number(word: &[u8]) -> Option<u16> {
    if let Some((_, number, _)) = TYPES.iter().find(|(name, ..)| name.as_bytes().eq_ignore_ascii_case(word)) {
        return Some(*number);
    }
    if let Some((_, number)) = META.iter().find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(word)) {
        return Some(*number);
    }
    numbered(word, b"TYPE")
}

/// `TYPE65`, `CLASS1` (RFC 3597 section 5).
pub(super) fn numbered(word: &[u8], prefix: &[u8]) -> Option<u16> {
    let (head, digits) = word.split_at_checked(prefix.len())?;
    if !head.eq_ignore_ascii_case(prefix) {
        return None;
    }
    super::words::number(digits).and_then(|n| u16::try_from(n).ok())
}

pub(super) fn fields(number: u16) -> Option<Fields> {
    TYPES.iter().find(|(_, n, _)| *n == number).and_then(|(.., fields)| *fields)
}

/// For messages: the mnemonic or `TYPEnnn`.
pub(super) fn type_name(number: u16) -> String {
    let known = TYPES.iter().find(|(_, n, _)| *n == number).map(|(name, ..)| *name);
    let known = known.or_else(|| META.iter().find(|(_, n)| *n == number).map(|(name, _)| *name));
    known.map_or_else(|| format!("TYPE{number}"), str::to_owned)
}

/// Mnemonics of the IANA "DNS Security Algorithm Numbers" registry.
pub(super) const ALGORITHMS: &[(&str, u16)] = &[
    ("RSAMD5", 1),
    ("DH", 2),
    ("DSA", 3),
    ("ECC", 4),
    ("RSASHA1", 5),
    ("DSA-NSEC3-SHA1", 6),
    ("RSASHA1-NSEC3-SHA1", 7),
    ("RSASHA256", 8),
    ("RSASHA512", 10),
    ("ECC-GOST", 12),
    ("ECDSAP256SHA256", 13),
    ("ECDSAP384SHA384", 14),
    ("ED25519", 15),
    ("ED448", 16),
    ("SM2SM3", 17),
    ("ECC-GOST12", 23),
    ("INDIRECT", 252),
    ("PRIVATEDNS", 253),
    ("PRIVATEOID", 254),
];

/// RFC 4398 section 2.1.
pub(super) const CERT_TYPES: &[(&str, u16)] = &[
    ("PKIX", 1),
    ("SPKI", 2),
    ("PGP", 3),
    ("IPKIX", 4),
    ("ISPKI", 5),
    ("IPGP", 6),
    ("ACPKIX", 7),
    ("IACPKIX", 8),
    ("URI", 253),
    ("OID", 254),
];

/// RFC 9859 section 2.1.
pub(super) const SCHEMES: &[(&str, u16)] = &[("NOTIFY", 1)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_consistent() {
        for (index, (name, number, _)) in TYPES.iter().enumerate() {
            assert_eq!(type_number(name.to_lowercase().as_bytes()), Some(*number));
            assert!(TYPES[index + 1..].iter().all(|(n, m, _)| n != name && m != number), "{name}");
            let of_model = crate::model::RecordType::from_number(*number).to_string();
            assert!(of_model == *name || of_model == format!("TYPE{number}"), "{name} is {of_model}");
        }
        assert_eq!(type_number(b"type65"), Some(65));
        assert_eq!(type_number(b"TYPE65536"), None);
        assert_eq!(type_number(b"TYPE"), None);
        assert_eq!(type_name(65), "HTTPS");
    }
}
