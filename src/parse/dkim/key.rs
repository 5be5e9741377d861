//! A DKIM key record (RFC 6376 section 3.6.1, RFC 8301, RFC 8463) with the bytes
//! of everything that is wrong with it. Judges the text only: whether the name
//! has such a record is for `facts`.

use crate::parse::tag_list::{Fault, TagList, base64, items, plain};

/// The record as published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// The record's strings joined, as published.
    pub text: String,
    /// The same as tags.
    pub list: TagList,
    /// What `k=` and `p=` come to.
    pub key: PublicKey,
    /// `h=`; `None` where every hash is allowed.
    pub hashes: Option<Vec<String>>,
    /// `s=`, `*` where absent.
    pub services: Vec<String>,
    /// `t=`, lower case.
    pub flags: Vec<String>,
    /// Grammar and meaning, in the order of the text.
    pub faults: Vec<Fault>,
}

/// What `k=` and `p=` say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// `k=rsa`, the default (RFC 6376 section 3.6.1).
    Rsa(RsaKey),
    /// `k=ed25519` (RFC 8463): the 32 octets of the public key.
    Ed25519([u8; 32]),
    /// `p=` is empty: the key is withdrawn.
    Revoked,
    /// A key type this standard does not know.
    Unsupported(String),
    /// `p=` is missing or cannot be read; a fault says why.
    Unreadable,
}

/// An RSA public key's numbers, big-endian without leading zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RsaKey {
    pub(crate) modulus: Vec<u8>,
    pub(crate) exponent: Vec<u8>,
}

impl RsaKey {
    /// The size of the modulus in bits.
    pub fn bits(&self) -> usize {
        let first = self.modulus.first().copied().unwrap_or_default();
        (self.modulus.len() * 8).saturating_sub(first.leading_zeros() as usize)
    }
}

/// Bits of an RSA key under which verifiers must not trust a signature (RFC 8301 section 3.2).
pub(crate) const SMALLEST_RSA: usize = 1024;

impl PublicKey {
    /// `rsa`, `ed25519`, or what `k=` said.
    pub fn algorithm(&self) -> &str {
        match self {
            PublicKey::Rsa(_) => "rsa",
            PublicKey::Ed25519(_) => "ed25519",
            PublicKey::Unsupported(name) => name,
            PublicKey::Revoked | PublicKey::Unreadable => "",
        }
    }

    /// Key size in bits; an Ed25519 key has 256.
    pub fn bits(&self) -> Option<usize> {
        match self {
            PublicKey::Rsa(key) => Some(key.bits()),
            PublicKey::Ed25519(_) => Some(256),
            _ => None,
        }
    }
}

impl KeyRecord {
    /// Reads a record; what cannot be used becomes a fault.
    pub fn parse(text: &str) -> KeyRecord {
        let list = TagList::parse(text);
        let mut record = KeyRecord {
            text: text.to_owned(),
            key: PublicKey::Unreadable,
            hashes: None,
            services: vec!["*".to_owned()],
            flags: Vec::new(),
            faults: list.faults.clone(),
            list,
        };
        record.read_version();
        record.read_lists();
        record.key = record.read_key();
        record.faults.sort_by_key(|fault| (fault.span.start, fault.span.end));
        record
    }

    /// True where the text was meant as a key: it has `p=` or says `v=DKIM1`.
    pub fn is_key_like(&self) -> bool {
        self.list.get("p").is_some() || self.list.value("v").is_some_and(|v| v.starts_with("DKIM"))
    }

    /// True where a verifier can use the record.
    pub fn is_sound(&self) -> bool {
        !self.faults.iter().any(|fault| fault.fatal)
    }

    /// `t=y`: the signer is only trying DKIM out.
    pub fn is_testing(&self) -> bool {
        self.flags.iter().any(|flag| flag == "y")
    }

    /// `t=s`: the domain of `i=` must equal `d=`.
    pub fn is_strict(&self) -> bool {
        self.flags.iter().any(|flag| flag == "s")
    }

    pub(crate) fn allows_hash(&self, hash: &str) -> bool {
        self.hashes.as_ref().is_none_or(|hashes| hashes.iter().any(|h| h == hash))
    }

    /// Whether a verifier may pass mail by the key: sound, of a size to be trusted (RFC 8301 sections
    /// 3.1 and 3.2), for SHA-256 and for mail.
    pub(crate) fn serves_mail(&self) -> bool {
        let is_long = match &self.key {
            PublicKey::Rsa(key) => key.bits() >= SMALLEST_RSA,
            PublicKey::Ed25519(_) => true,
            _ => false,
        };
        is_long && self.is_sound() && self.allows_hash("sha256") && self.allows_email()
    }

    pub(crate) fn allows_email(&self) -> bool {
        self.services.iter().any(|service| service == "*" || service == "email")
    }

    /// Whether `g=`, which RFC 6376 dropped, lets the key sign for a local part: `*` once stands for any
    /// letters (RFC 4871 section 3.6.1). True where there is no such tag.
    pub(crate) fn grants(&self, local_part: &str) -> bool {
        match self.list.value("g").map(|value| value.split_once('*').ok_or(value)) {
            None => true,
            Some(Err(exact)) => !exact.is_empty() && exact == local_part,
            Some(Ok((start, end))) => {
                local_part.len() >= start.len() + end.len()
                    && local_part.starts_with(start)
                    && local_part.ends_with(end)
            }
        }
    }

    fn read_version(&mut self) {
        let Some(index) = self.list.tags.iter().position(|tag| tag.name == "v") else { return };
        let tag = &self.list.tags[index];
        if tag.value != "DKIM1" {
            let shown = plain(&tag.value);
            self.faults.push(Fault::fatal(
                tag.value_span.clone(),
                format!("v={shown} is not DKIM1: the record is discarded"),
            ));
        } else if index != 0 {
            self.faults.push(Fault::fatal(
                tag.span.clone(),
                "v=DKIM1 does not come first: the record is discarded".to_owned(),
            ));
        }
    }

    fn read_lists(&mut self) {
        let words = |list: &TagList, name: &str| {
            list.get(name).map(|tag| items(tag, ':').into_iter().map(|(word, _)| word).collect::<Vec<_>>())
        };
        if let Some(hashes) = words(&self.list, "h") {
            self.hashes = Some(hashes.into_iter().map(|word| word.to_ascii_lowercase()).collect());
        }
        if let Some(services) = words(&self.list, "s") {
            self.services = services.into_iter().map(|word| word.to_ascii_lowercase()).collect();
        }
        if let Some(flags) = words(&self.list, "t") {
            self.flags = flags.into_iter().map(|word| word.to_ascii_lowercase()).collect();
        }
        // An empty one matches no address (RFC 4871 section 3.6.1).
        if let Some(tag) = self.list.get("g").filter(|tag| tag.value.is_empty()) {
            self.faults.push(Fault::mild(
                tag.span.clone(),
                "g= is empty: verifiers of before 2011 take the key for no address, and later ones ignore the tag \
                 (RFC 6376 section C.2)",
            ));
        }
    }

    fn read_key(&mut self) -> PublicKey {
        let kind = self.list.value("k").unwrap_or("rsa").to_owned();
        let Some(tag) = self.list.get("p").cloned() else {
            let end = self.text.len();
            self.faults.push(Fault::fatal(0..end, "there is no p= tag, so there is no key"));
            return PublicKey::Unreadable;
        };
        if tag.value.is_empty() {
            return PublicKey::Revoked;
        }
        let lower = kind.to_ascii_lowercase();
        if lower != kind && matches!(lower.as_str(), "rsa" | "ed25519") {
            let span = self.list.get("k").map_or(0..0, |k| k.value_span.clone());
            self.faults.push(Fault::mild(
                span,
                format!("k={} is not lower case; some verifiers do not know it", plain(&kind)),
            ));
        }
        let bytes = match base64(&tag.value) {
            Ok(bytes) => bytes,
            Err(at) => {
                self.faults.push(bad_base64(&tag.value, tag.value_span.clone(), at));
                return PublicKey::Unreadable;
            }
        };
        match lower.as_str() {
            "rsa" => match rsa_from_der(&bytes) {
                Some(key) => PublicKey::Rsa(key),
                None => {
                    let hint = if bytes.len() == 32 {
                        "; 32 octets look like Ed25519, which needs k=ed25519"
                    } else {
                        ""
                    };
                    let text =
                        format!("p= decodes to {} octets that are no RSA public key{hint}", bytes.len());
                    self.faults.push(Fault::fatal(tag.value_span, text));
                    PublicKey::Unreadable
                }
            },
            "ed25519" => match <[u8; 32]>::try_from(bytes.as_slice()) {
                Ok(key) => PublicKey::Ed25519(key),
                Err(_) => {
                    let hint = match bytes.strip_prefix(&ED25519_SPKI) {
                        Some(_) => {
                            ": an ASN.1 header of 12 octets stands before the key, publish only the last 32"
                        }
                        None => "",
                    };
                    let text = format!("p= has {} octets, an Ed25519 key has 32{hint}", bytes.len());
                    self.faults.push(Fault::fatal(tag.value_span, text));
                    PublicKey::Unreadable
                }
            },
            _ => {
                let span = self.list.get("k").map_or(0..0, |k| k.value_span.clone());
                self.faults.push(Fault::fatal(
                    span,
                    format!("k={} is no key type verifiers know (rsa, ed25519)", plain(&kind)),
                ));
                PublicKey::Unsupported(plain(&kind))
            }
        }
    }
}

/// SubjectPublicKeyInfo header of an Ed25519 key (RFC 8410 section 4).
const ED25519_SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// OID 1.2.840.113549.1.1.1 (RFC 3279 section 2.3.1), DER.
const RSA_OID: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

fn bad_base64(value: &str, span: std::ops::Range<usize>, at: usize) -> Fault {
    let Some(c) = value.get(at..).and_then(|rest| rest.chars().next()) else {
        return Fault::fatal(span, "p= is no base64");
    };
    let at_span = span.start + at..span.start + at + c.len_utf8();
    let why = match c {
        '"' => "a quotation mark inside p=: the quotes of the zone file were published as text".to_owned(),
        '\\' => "a backslash inside p=: the escapes of the zone file were published as text".to_owned(),
        '-' if value.contains("BEGIN") => {
            "p= holds PEM lines; publish only the base64 between them".to_owned()
        }
        '-' | '_' => format!("p= holds {c:?}: this is URL-safe base64, DKIM wants + and /"),
        c if c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=') => {
            return Fault::fatal(span, "p= ends too early: its base64 is cut off or badly padded");
        }
        c => format!("p= holds {}, which is no base64", plain(&format!("{c:?}"))),
    };
    Fault::fatal(at_span, why)
}

/// Reads a SubjectPublicKeyInfo, or the bare RSAPublicKey that RFC 6376 first allowed.
pub fn rsa_from_der(bytes: &[u8]) -> Option<RsaKey> {
    let (outer, _) = der(bytes, 0x30)?;
    let inner = match der(outer, 0x30) {
        Some((algorithm, rest)) => {
            if !algorithm.starts_with(&RSA_OID) {
                return None;
            }
            let (bits, _) = der(rest, 0x03)?;
            der(bits.strip_prefix(&[0])?, 0x30)?.0
        }
        None => outer,
    };
    let (modulus, rest) = der(inner, 0x02)?;
    let (exponent, _) = der(rest, 0x02)?;
    let key = RsaKey { modulus: without_zeros(modulus), exponent: without_zeros(exponent) };
    (!key.modulus.is_empty() && !key.exponent.is_empty()).then_some(key)
}

pub(super) fn without_zeros(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().skip_while(|byte| *byte == 0).collect()
}

/// The contents of a DER element with this tag, and what follows it.
pub(super) fn der(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = bytes.split_first()?;
    let (&length, rest) = rest.split_first()?;
    if found != tag {
        return None;
    }
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        0x81..=0x83 => {
            let (octets, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            (octets.iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ED: &str = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

    #[test]
    fn keys_are_read() {
        assert!(matches!(KeyRecord::parse(ED).key, PublicKey::Ed25519(_)));
        assert_eq!(KeyRecord::parse("p=").key, PublicKey::Revoked);
        let short = "v=DKIM1; t=y:s; h=sha256; s=email; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMh7iWk9bJ5y\
                     dXcJ2Q1p0sPqLrQ1N8m2u0u1zq5v9r4w0bX3o7y2s8d6f5g4h3j2k1l0p9o8i7u6y5t4r3e2w1UCAwEAAQ==";
        let record = KeyRecord::parse(short);
        assert_eq!(record.key.bits(), Some(512), "{:?}", record.faults);
        assert!(record.is_testing() && record.is_strict() && record.allows_email());
        assert!(!record.allows_hash("sha1"));
    }

    #[test]
    fn the_granularity_of_old_keys() {
        for (tag, local_part, wanted) in [
            ("", "", true),
            ("", "info", true),
            ("g=*; ", "", true),
            ("g=*; ", "info", true),
            ("g=; ", "", false),
            ("g=; ", "info", false),
            ("g=info; ", "info", true),
            ("g=info; ", "", false),
            ("g=info; ", "Info", false),
            ("g=news-*; ", "news-7", true),
            ("g=news-*; ", "news", false),
            ("g=a*a; ", "a", false),
        ] {
            let record = KeyRecord::parse(&ED.replace("k=", &format!("{tag}k=")));
            assert_eq!(record.grants(local_part), wanted, "{tag:?} {local_part:?}");
            assert!(record.is_sound());
            assert_eq!(record.faults.is_empty(), tag != "g=; ", "{tag:?}");
        }
    }

    #[test]
    fn faults_say_what_is_wrong() {
        for (text, part) in [
            ("k=rsa; v=DKIM1; p=", "first"),
            ("v=DKIM3; p=", "not DKIM1"),
            ("v=DKIM1; k=rsa", "no p="),
            ("v=DKIM1; p=MIIB*not", "no base64"),
            ("v=DKIM1; p=MIGf\" \"MA0G", "quotation"),
            ("v=DKIM1; p=AAAA", "no RSA"),
            ("v=DKIM1; k=x; p=AAAA", "no key type"),
            (
                "v=DKIM1; k=ed25519; p=MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
                "header of 12",
            ),
            ("v=DKIM1; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "k=ed25519"),
        ] {
            let record = KeyRecord::parse(text);
            assert!(record.faults.iter().any(|f| f.text.contains(part)), "{text}: {:?}", record.faults);
            assert!(!record.is_sound());
        }
    }

    #[test]
    fn der_lengths_are_checked() {
        assert_eq!(rsa_from_der(&[0x30, 0x83, 0xff, 0xff, 0xff]), None);
        assert_eq!(rsa_from_der(&[0x30, 0x84]), None);
        assert_eq!(rsa_from_der(&[]), None);
    }
}
