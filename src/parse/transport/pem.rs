//! Certificates out of a PEM file (RFC 7468), or a single one in DER.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::parse::transport::certificate::Certificate;

/// All certificates of the file, DER; none is an error.
///
/// # Errors
/// Where a part cannot be read, or there is no certificate at all; for people.
pub fn certificates(bytes: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    if Certificate::read(bytes).is_ok() {
        return Ok(vec![bytes.to_vec()]);
    }
    let mut found = Vec::new();
    for one in CertificateDer::pem_slice_iter(bytes) {
        let der = one.map_err(|error| format!("it cannot be read as PEM: {error}"))?.to_vec();
        Certificate::read(&der).map_err(|why| format!("certificate {} in it: {why}", found.len() + 1))?;
        found.push(der);
    }
    if found.is_empty() {
        return Err("it holds no certificate; give a PEM file with BEGIN CERTIFICATE".to_owned());
    }
    Ok(found)
}
