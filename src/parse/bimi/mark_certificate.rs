//! Mark certificates of BIMI (VMC and CMC): the X.509 extensions that say which
//! logo belongs to which domain (draft-fetch-validation-vmc-wchuang, VMC
//! requirements of the BIMI Group). Trust in the issuer is decided in `facts::bimi::mark_trust`.

use base64::Engine as _;
use x509_parser::extensions::GeneralName;
use x509_parser::pem::Pem;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// id-kp-BrandIndicatorforMessageIdentification (RFC draft; arc of PKIX).
const BIMI_USAGE: &str = "1.3.6.1.5.5.7.3.31";
/// Logotype (RFC 9399).
const LOGOTYPE: &str = "1.3.6.1.5.5.7.1.12";
/// Signed certificate timestamps (RFC 6962 section 3.3).
const TIMESTAMPS: &str = "1.3.6.1.4.1.11129.2.4.2";
/// The kind of mark, an attribute of the subject (VMC requirements section 7.1.4).
const MARK_TYPE: &str = "1.3.6.1.4.1.53087.1.13";
const MOST_CERTIFICATES: usize = 10;
const MOST_NAMES: usize = 500;
/// Largest PEM file read, and largest logo unpacked from one.
const LARGEST: usize = 1 << 20;

/// The certificate that speaks for a logo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkCertificate {
    /// The organisation, or the whole subject.
    pub subject: String,
    /// The issuer's organisation, or its whole name.
    pub issuer: String,
    /// DNS names it is for, lower case.
    pub names: Vec<String>,
    /// Seconds since the Unix epoch.
    pub not_before: i64,
    /// Seconds since the Unix epoch; invalid after.
    pub not_after: i64,
    /// `Registered Mark`, `Government Mark`, `Prior Use Mark`, ...; as written.
    pub mark_type: Option<String>,
    /// Made for BIMI by its extended key usage.
    pub for_bimi: bool,
    /// Carries proofs of being logged publicly.
    pub logged: bool,
    /// The logo it holds, unpacked.
    pub logo: Result<Vec<u8>, String>,
    /// Whether the logotype's SHA-256 is that of the logo; `None` where it gives none.
    pub logo_hash_matches: Option<bool>,
    /// Certificates of the file in DER, the mark's own first.
    pub ders: Vec<Vec<u8>>,
    /// The next certificate in the file is not the issuer of the one before.
    pub broken_chain: bool,
}

impl MarkCertificate {
    /// Reads a PEM file, the mark's certificate first.
    ///
    /// # Errors
    /// Why the file holds no certificate that can be used, for people.
    pub fn read(bytes: &[u8]) -> Result<MarkCertificate, String> {
        if bytes.len() > LARGEST {
            return Err(format!("{} bytes are no certificate", bytes.len()));
        }
        let mut ders = Vec::new();
        for pem in Pem::iter_from_buffer(bytes).take(MOST_CERTIFICATES) {
            let pem = pem.map_err(|error| format!("the PEM is broken: {error}"))?;
            if pem.label == "CERTIFICATE" {
                ders.push(pem.contents);
            }
        }
        let read = |der: &Vec<u8>| -> Result<(Vec<u8>, Vec<u8>), String> {
            let (_, one) = X509Certificate::from_der(der).map_err(|error| error.to_string())?;
            Ok((one.subject().as_raw().to_vec(), one.issuer().as_raw().to_vec()))
        };
        let names = ders.iter().map(read).collect::<Result<Vec<_>, String>>();
        let names = names.map_err(|error| format!("a certificate cannot be read: {error}"))?;
        let Some(first) = ders.first() else {
            return Err("there is no PEM certificate (-----BEGIN CERTIFICATE-----)".to_owned());
        };
        let (_, parsed) = X509Certificate::from_der(first).map_err(|error| error.to_string())?;
        let mut mark = MarkCertificate::of(&parsed);
        mark.broken_chain = names.windows(2).any(|pair| matches!(pair, [one, next] if one.1 != next.0));
        mark.ders = ders;
        Ok(mark)
    }

    fn of(parsed: &X509Certificate) -> MarkCertificate {
        let text = |value: &x509_parser::x509::AttributeTypeAndValue| value.as_str().ok().map(str::to_owned);
        let name_of = |name: &x509_parser::x509::X509Name| {
            let organisation = name.iter_organization().next().and_then(text);
            organisation
                .or_else(|| name.iter_common_name().next().and_then(text))
                .unwrap_or_else(|| name.to_string())
        };
        let names = match parsed.subject_alternative_name() {
            Ok(Some(list)) => list
                .value
                .general_names
                .iter()
                .filter_map(|name| match name {
                    GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
                    _ => None,
                })
                .take(MOST_NAMES)
                .collect(),
            _ => Vec::new(),
        };
        let usage = parsed.extended_key_usage().ok().flatten();
        let for_bimi =
            usage.is_some_and(|usage| usage.value.other.iter().any(|oid| oid.to_id_string() == BIMI_USAGE));
        let extension = |wanted: &str| parsed.extensions().iter().find(|e| e.oid.to_id_string() == wanted);
        let mark_type = parsed
            .subject()
            .iter_attributes()
            .find(|attribute| attribute.attr_type().to_id_string() == MARK_TYPE)
            .and_then(text);
        let image = match extension(LOGOTYPE) {
            Some(extension) => image(extension.value),
            None => Err("it holds no logo (extension logotype)".to_owned()),
        };
        let logo = image.as_ref().map_err(Clone::clone).and_then(|image| unpacked(image));
        MarkCertificate {
            subject: name_of(parsed.subject()),
            issuer: name_of(parsed.issuer()),
            names,
            not_before: parsed.validity().not_before.timestamp(),
            not_after: parsed.validity().not_after.timestamp(),
            mark_type,
            for_bimi,
            logged: extension(TIMESTAMPS).is_some(),
            logo_hash_matches: match (&image, &logo, extension(LOGOTYPE)) {
                (Ok(image), Ok(logo), Some(extension)) => hash_matches(extension.value, image, logo),
                _ => None,
            },
            logo,
            ders: Vec::new(),
            broken_chain: false,
        }
    }

    /// True where it is for mail From `domain`: the name itself, its
    /// organizational domain, or a selector's name below either.
    pub fn covers(&self, domain: &str, organizational: &str) -> bool {
        let plain =
            |name: &str| name.split_once("._bimi.").map_or(name.to_owned(), |(_, rest)| rest.to_owned());
        self.names.iter().any(|name| {
            let name = plain(name.trim_end_matches('.'));
            name == domain || name == organizational
        })
    }
}

/// The bytes in a logotype extension: a data URI with gzipped SVG (RFC 9399
/// section 4.1 allows the direct form; the VMC requirements demand it).
fn image(extension: &[u8]) -> Result<Vec<u8>, String> {
    const MARK: &[u8] = b"data:image/svg+xml";
    let start =
        memchr::memmem::find(extension, MARK).ok_or("the logotype extension holds no data: URI of an SVG")?;
    let rest = extension.get(start + MARK.len()..).unwrap_or_default();
    let packed = rest.strip_prefix(b"+gzip").map_or((false, rest), |rest| (true, rest));
    let comma = memchr::memchr(b',', packed.1.get(..packed.1.len().min(80)).unwrap_or_default())
        .ok_or("the logotype's data: URI has no data")?;
    if memchr::memmem::find(packed.1.get(..comma).unwrap_or_default(), b"base64").is_none() {
        return Err("the logotype's data: URI is not base64".to_owned());
    }
    let data = packed.1.get(comma + 1..).unwrap_or_default();
    let end = data
        .iter()
        .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')))
        .unwrap_or(data.len());
    let mut data = data.get(..end).unwrap_or_default();
    // What follows in the DER may look like base64 too; padding and length tell.
    if let Some(padding) = memchr::memchr(b'=', data) {
        let last = data.get(padding..).unwrap_or_default().iter().take_while(|b| **b == b'=').count();
        data = data.get(..padding + last).unwrap_or_default();
    }
    data = data.get(..data.len() - data.len() % 4).unwrap_or_default();
    base64::engine::general_purpose::STANDARD
        .decode(data)
        .map_err(|error| format!("the logotype's data: URI cannot be decoded: {error}"))
}

/// Compares the SHA-256 that stands beside the image (LogotypeDetails, RFC 9399
/// section 4.1) with the image as it is embedded, or unpacked: authorities do both.
fn hash_matches(extension: &[u8], image: &[u8], logo: &[u8]) -> Option<bool> {
    /// OBJECT IDENTIFIER 2.16.840.1.101.3.4.2.1.
    const SHA256: &[u8] = &[6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
    let at = memchr::memmem::find(extension, SHA256)?;
    let rest = extension.get(at + SHA256.len()..)?;
    let rest = rest.strip_prefix(&[5, 0]).unwrap_or(rest);
    let stated = rest.strip_prefix(&[4, 32])?.get(..32)?;
    let is_of = |bytes: &[u8]| ring::digest::digest(&ring::digest::SHA256, bytes).as_ref() == stated;
    Some(is_of(image) || is_of(logo))
}

/// The SVG itself.
fn unpacked(bytes: &[u8]) -> Result<Vec<u8>, String> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes.to_vec());
    }
    use std::io::Read as _;
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(bytes)
        .take(LARGEST as u64)
        .read_to_end(&mut unpacked)
        .map_err(|error| format!("the logotype's gzip data cannot be unpacked: {error}"))?;
    Ok(unpacked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logo_is_found_in_the_extension() {
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
        let encoded = base64::engine::general_purpose::STANDARD.encode(svg);
        let extension =
            [&b"\x30\x82\x16\x2d"[..], b"data:image/svg+xml;base64,", encoded.as_bytes(), b"\x30\x00"];
        assert_eq!(image(&extension.concat()).unwrap(), svg);
        for bad in [
            &b""[..],
            b"data:image/svg+xml;base64",
            b"data:image/svg+xml,<svg/>",
            b"data:image/svg+xml+gzip;base64,H4sIAA==",
        ] {
            assert!(image(bad).and_then(|image| unpacked(&image)).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn names_cover_a_domain_and_what_is_below() {
        let mark = MarkCertificate {
            names: vec!["default._bimi.example.com".to_owned(), "example.net".to_owned()],
            subject: String::new(),
            issuer: String::new(),
            not_before: 0,
            not_after: 0,
            mark_type: None,
            for_bimi: true,
            logged: true,
            logo: Ok(Vec::new()),
            logo_hash_matches: None,
            ders: Vec::new(),
            broken_chain: false,
        };
        assert!(mark.covers("example.com", "example.com") && mark.covers("mail.example.net", "example.net"));
        assert!(!mark.covers("example.org", "example.org"));
    }

    #[test]
    fn what_is_no_certificate_says_why() {
        for (bytes, why) in [
            (&b""[..], "no PEM"),
            (b"hello", "no PEM"),
            (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "cannot be read"),
        ] {
            let error = MarkCertificate::read(bytes).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
