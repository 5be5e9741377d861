//! TLS as an observer: every certificate is taken and noted, for the facts to
//! judge by the run's clock. A secret may go over such a connection only where the
//! chain was found good and the server gave a proof of its key.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

use crate::parse::transport::certificate::{Certificate, Key};

/// Certificates of one chain that are kept; longer chains are an attack.
const MOST_CERTIFICATES: usize = 10;

/// Keeps the chain a server shows, valid or not, finished handshake or not.
#[derive(Debug)]
pub(super) struct Recorder {
    provider: Arc<CryptoProvider>,
    chain: Mutex<Vec<Vec<u8>>>,
    /// The signature over the handshake verified by the certificate's key.
    proof: AtomicBool,
}

impl Recorder {
    pub(super) fn new() -> Arc<Recorder> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        Arc::new(Recorder { provider, chain: Mutex::default(), proof: AtomicBool::new(false) })
    }

    /// The chain as a transcript holds it.
    pub(super) fn chain(&self) -> Vec<String> {
        let chain = self.chain.lock().unwrap_or_else(PoisonError::into_inner);
        chain.iter().map(|der| STANDARD.encode(der)).collect()
    }

    /// True where the server has proved that the certificate's key is its own, not
    /// only been given the benefit of the doubt.
    pub(super) fn has_proof(&self) -> bool {
        self.proof.load(Ordering::Acquire)
    }

    /// Settings for a client that notes the chain here.
    pub(super) fn client(self: &Arc<Recorder>) -> Result<ClientConfig, Error> {
        let builder = ClientConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(self.clone());
        Ok(builder.with_no_client_auth())
    }

    fn algorithms(&self) -> &WebPkiSupportedAlgorithms {
        &self.provider.signature_verification_algorithms
    }

    /// The signature is checked; only a certificate that cannot be read, or whose key
    /// cannot be checked here, does not end the handshake.
    fn lenient(
        &self,
        result: Result<HandshakeSignatureValid, Error>,
        cert: &CertificateDer<'_>,
        scheme: SignatureScheme,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.proof.store(result.is_ok(), Ordering::Release);
        match result {
            Err(_) if is_beyond_ring(cert, scheme) => Ok(HandshakeSignatureValid::assertion()),
            Err(Error::InvalidCertificate(fault)) if !matches!(fault, CertificateError::BadSignature) => {
                Ok(HandshakeSignatureValid::assertion())
            }
            other => other,
        }
    }
}

/// True for keys that senders with OpenSSL take and ring knows no way to check: a
/// server must not look broken for our library's sake. What is weak about the key,
/// `starttls-certificate-weak` says.
fn is_beyond_ring(cert: &CertificateDer<'_>, scheme: SignatureScheme) -> bool {
    let odd_size = |key| matches!(key, Key::Rsa(bits) if !(2048..=8192).contains(&bits));
    scheme == SignatureScheme::ECDSA_NISTP521_SHA512
        || Certificate::read(cert).is_ok_and(|certificate| odd_size(certificate.key))
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = std::iter::once(end_entity).chain(intermediates).take(MOST_CERTIFICATES);
        *self.chain.lock().unwrap_or_else(PoisonError::into_inner) = shown.map(|der| der.to_vec()).collect();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.lenient(verify_tls12_signature(message, cert, dss, self.algorithms()), cert, dss.scheme)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.lenient(verify_tls13_signature(message, cert, dss, self.algorithms()), cert, dss.scheme)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let mut schemes = self.algorithms().supported_schemes();
        schemes.push(SignatureScheme::ECDSA_NISTP521_SHA512);
        schemes
    }
}
