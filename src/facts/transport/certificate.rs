//! The chain a server showed, judged by the run's clock and the public roots.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::RootCertStore;
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::ParsedCertificate;

use crate::model::untrusted::Width;
use crate::parse::transport::certificate::Certificate;

/// A chain, the server's own certificate first.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub certificates: Vec<Certificate>,
    /// `Err`: why no trusted authority vouches for it, its dates left aside.
    pub trust: Result<(), String>,
}

impl Chain {
    /// Reads a transcript's chain. `roots` are trusted beside the public ones.
    /// `None` where the server showed nothing that can be read.
    pub(crate) fn read(encoded: &[String], roots: &[Vec<u8>], now: i64) -> Option<Chain> {
        let ders: Vec<Vec<u8>> = encoded.iter().filter_map(|text| STANDARD.decode(text).ok()).collect();
        let certificates: Vec<Certificate> =
            ders.iter().filter_map(|der| Certificate::read(der).ok()).collect();
        let own = certificates.first()?;
        // The dates are a question of their own: here the clock stands inside them.
        let at = now.clamp(own.not_before, own.not_after.max(own.not_before));
        let mut store = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for root in roots {
            // What is no certificate was refused when the option was read.
            let _ = store.add(CertificateDer::from(root.as_slice()));
        }
        let trust = anchored(&ders, &store, at);
        Some(Chain { certificates, trust })
    }

    /// The server's own certificate.
    pub(crate) fn own(&self) -> Option<&Certificate> {
        self.certificates.first()
    }

    /// True where the chain leads to this certificate as the only authority (RFC 7672 section 3.1.1).
    pub(crate) fn leads_to(&self, authority: &Certificate, now: i64) -> bool {
        let mut store = RootCertStore::empty();
        let ders: Vec<Vec<u8>> =
            self.certificates.iter().map(|certificate| certificate.der.clone()).collect();
        store.add(CertificateDer::from(authority.der.as_slice())).is_ok()
            && anchored(&ders, &store, now).is_ok()
    }
}

fn anchored(ders: &[Vec<u8>], store: &RootCertStore, at: i64) -> Result<(), String> {
    let ders: Vec<CertificateDer> = ders.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    let (own, between) = ders.split_first().ok_or("no certificate was shown")?;
    let own = ParsedCertificate::try_from(own).map_err(|error| in_words(&error))?;
    let at =
        UnixTime::since_unix_epoch(std::time::Duration::from_secs(u64::try_from(at).unwrap_or_default()));
    let algorithms = rustls::crypto::ring::default_provider().signature_verification_algorithms.all;
    verify_server_cert_signed_by_trust_anchor(&own, store, between, at, algorithms)
        .map_err(|error| in_words(&error))
}

fn in_words(error: &rustls::Error) -> String {
    use rustls::{CertificateError, Error};
    match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "its issuer is no public authority, or an intermediate certificate is missing".to_owned()
        }
        Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "a certificate above it has expired".to_owned()
        }
        Error::InvalidCertificate(CertificateError::BadSignature) => {
            "its signature does not verify".to_owned()
        }
        Error::InvalidCertificate(CertificateError::Other(other))
            if other.to_string().contains("CaUsedAsEndEntity") =>
        {
            "it is an authority's own certificate, not one for a server".to_owned()
        }
        Error::InvalidCertificate(CertificateError::BadEncoding) => "it cannot be read".to_owned(),
        other => crate::model::untrusted::plain(&other.to_string(), Width::Line),
    }
}

/// What a certificate is worth to a sender that checks it, or why nothing.
pub(crate) fn fault(chain: &Chain, host: &str, now: i64) -> Option<String> {
    let Some(own) = chain.own() else { return Some("no certificate was shown".to_owned()) };
    if now > own.not_after {
        return Some(format!("it expired on {}", crate::facts::day_of(own.not_after)));
    }
    if now < own.not_before {
        return Some(format!("it is valid only from {}", crate::facts::day_of(own.not_before)));
    }
    // A host named by its address alone gives no name to compare with.
    if host.parse::<std::net::IpAddr>().is_err() && !own.is_for(host) {
        return Some(format!("it is for {}, not for {host}", names(own)));
    }
    chain.trust.clone().err()
}

/// A few of the certificate's names, for people.
pub(crate) fn names(certificate: &Certificate) -> String {
    let shown: Vec<String> = certificate
        .names
        .iter()
        .take(4)
        .map(|name| crate::model::untrusted::plain(name, Width::Name))
        .collect();
    match (shown.as_slice(), certificate.names.len()) {
        ([], _) => "no name at all".to_owned(),
        (_, count) if count > 4 => format!("{} and {} more", shown.join(", "), count - 4),
        _ => shown.join(", "),
    }
}
