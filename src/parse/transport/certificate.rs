//! One X.509 certificate: what people and checks need of it. Trust is not
//! decided here.

use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::public_key::PublicKey;

/// Names of one certificate that are read; real ones have at most a few hundred.
const MOST_NAMES: usize = 500;

/// A certificate, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    /// The common name, or the whole subject where there is none.
    pub subject: String,
    /// The issuer's organisation and common name.
    pub issuer: String,
    /// DNS names it is for, lower case; the common name where it has no such list.
    pub names: Vec<String>,
    /// Seconds since the Unix epoch.
    pub not_before: i64,
    pub not_after: i64,
    pub key: Key,
    /// `SHA-256`, ... or the algorithm's number.
    pub signature: String,
    /// Issuer and subject are the same.
    pub is_self_issued: bool,
    pub der: Vec<u8>,
    /// SubjectPublicKeyInfo, as TLSA selector 1 hashes it.
    pub spki: Vec<u8>,
}

/// The kind of public key and its size in bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Rsa(usize),
    Ec(usize),
    Other,
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Key::Rsa(bits) => write!(f, "RSA {bits}"),
            Key::Ec(bits) => write!(f, "EC {bits}"),
            Key::Other => f.write_str("other key"),
        }
    }
}

impl Certificate {
    /// Reads DER; the message says why it is no certificate.
    pub(crate) fn read(der: &[u8]) -> Result<Certificate, String> {
        let (_, parsed) = X509Certificate::from_der(der).map_err(|error| error.to_string())?;
        let name_of = |name: &x509_parser::x509::X509Name, with_organisation: bool| {
            let text =
                |value: &x509_parser::x509::AttributeTypeAndValue| value.as_str().ok().map(str::to_owned);
            let common = name.iter_common_name().next().and_then(text);
            let organisation = name.iter_organization().next().and_then(text).filter(|_| with_organisation);
            match (organisation, common) {
                (Some(organisation), Some(common)) => format!("{organisation}, {common}"),
                (None, Some(one)) | (Some(one), None) => one,
                (None, None) => name.to_string(),
            }
        };
        let listed = parsed.subject_alternative_name().ok().flatten().map(|list| {
            let dns = list.value.general_names.iter().filter_map(|name| match name {
                GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
                _ => None,
            });
            dns.take(MOST_NAMES).collect::<Vec<String>>()
        });
        let common = parsed.subject().iter_common_name().next().and_then(|value| value.as_str().ok());
        let names = listed.unwrap_or_else(|| common.map(str::to_ascii_lowercase).into_iter().collect());
        let key = match parsed.public_key().parsed() {
            Ok(PublicKey::RSA(key)) => Key::Rsa(key.key_size()),
            Ok(PublicKey::EC(point)) => Key::Ec(curve_bits(point.data())),
            _ => Key::Other,
        };
        Ok(Certificate {
            subject: name_of(parsed.subject(), false),
            issuer: name_of(parsed.issuer(), true),
            names,
            not_before: parsed.validity().not_before.timestamp(),
            not_after: parsed.validity().not_after.timestamp(),
            key,
            signature: signature(&parsed.signature_algorithm.algorithm.to_id_string()),
            is_self_issued: parsed.issuer().as_raw() == parsed.subject().as_raw(),
            der: der.to_vec(),
            spki: parsed.public_key().raw.to_vec(),
        })
    }

    /// True where the certificate is for this host (RFC 9525 section 6.3): the
    /// name itself, or `*` for its first label.
    pub(crate) fn is_for(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let parent = host.split_once('.').map(|(_, parent)| parent).filter(|parent| parent.contains('.'));
        self.names.iter().any(|name| {
            let name = name.trim_end_matches('.');
            name == host || name.strip_prefix("*.").is_some_and(|rest| Some(rest) == parent)
        })
    }
}

/// The hash behind a signature algorithm's number (RFC 4055, 5758, 8410).
fn signature(oid: &str) -> String {
    match oid {
        "1.2.840.113549.1.1.4" => "MD5",
        "1.2.840.113549.1.1.5" | "1.2.840.10045.4.1" => "SHA-1",
        "1.2.840.113549.1.1.11" | "1.2.840.10045.4.3.2" => "SHA-256",
        "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" => "SHA-384",
        "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" => "SHA-512",
        "1.2.840.113549.1.1.10" => "RSA-PSS",
        "1.3.101.112" => "Ed25519",
        other => other,
    }
    .to_owned()
}

/// The size of the curve by the form of a point on it (SEC 1 section 2.3.3): one
/// coordinate where it is compressed, else two. P-521 fills its last octet up.
fn curve_bits(point: &[u8]) -> usize {
    let rest = point.len().saturating_sub(1);
    let coordinate = if matches!(point.first(), Some(2 | 3)) { rest } else { rest / 2 };
    if coordinate == 66 { 521 } else { coordinate * 8 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_by_their_points() {
        for (first, length, bits) in
            [(4, 65, 256), (2, 33, 256), (3, 49, 384), (4, 97, 384), (4, 133, 521), (4, 57, 224)]
        {
            let mut point = vec![0; length];
            point[0] = first;
            assert_eq!(curve_bits(&point), bits, "{first} {length}");
        }
        assert_eq!(curve_bits(&[]), 0);
    }
}
