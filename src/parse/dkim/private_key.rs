//! The public half of a signer's private key file: PEM or DER, PKCS#1 or PKCS#8,
//! RSA or Ed25519. Never shows or keeps the private half.

use ring::signature::KeyPair as _;

use crate::parse::dkim::key::{PublicKey, RsaKey, der, without_zeros};
use crate::parse::tag_list::base64;

/// Why a file is no private key that can be used; for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrivateKeyError {
    /// Neither PEM nor DER of a private key.
    #[error("the file holds no private key (no BEGIN ... PRIVATE KEY line and no DER)")]
    NoKey,
    /// PEM that needs a password.
    #[error("the key is encrypted; decrypt a copy with: openssl pkey -in FILE -out PLAIN")]
    Encrypted,
    /// OpenSSH's format, which signers of mail do not read.
    #[error("the key is in OpenSSH's own format; convert a copy with: ssh-keygen -p -m PEM -f FILE")]
    OpenSsh,
    /// The public half alone.
    #[error("the file holds a public key; give the private one, which the signer uses")]
    Public,
    /// The key's bytes do not make a key of RSA or Ed25519.
    #[error("the key is damaged or of a kind DKIM does not use (RSA and Ed25519 only)")]
    Damaged,
}

/// 1.3.101.112 (RFC 8410 section 3), DER.
const ED25519_OID: [u8; 5] = [0x06, 0x03, 0x2b, 0x65, 0x70];

/// Reads the file and derives the public key.
///
/// # Errors
/// Where the file is no private key, or one that a signer could not use.
pub fn public_half(file: &[u8]) -> Result<PublicKey, PrivateKeyError> {
    let text = String::from_utf8_lossy(file);
    if text.contains("BEGIN OPENSSH PRIVATE KEY") {
        return Err(PrivateKeyError::OpenSsh);
    }
    if text.contains("ENCRYPTED") {
        return Err(PrivateKeyError::Encrypted);
    }
    let bytes = match text.find("PRIVATE KEY-----") {
        Some(at) => {
            let rest = &text[at + "PRIVATE KEY-----".len()..];
            let body = rest.split("-----").next().unwrap_or_default();
            base64(body).map_err(|_| PrivateKeyError::Damaged)?
        }
        None if text.contains("PUBLIC KEY-----") => return Err(PrivateKeyError::Public),
        None if file.first() == Some(&0x30) => file.to_vec(),
        None => return Err(PrivateKeyError::NoKey),
    };
    from_der(&bytes).ok_or(PrivateKeyError::Damaged)
}

fn from_der(bytes: &[u8]) -> Option<PublicKey> {
    let (outer, _) = der(bytes, 0x30)?;
    let (_version, rest) = der(outer, 0x02)?;
    match der(rest, 0x30) {
        Some((algorithm, rest)) => {
            let (inner, _) = der(rest, 0x04)?;
            if algorithm.starts_with(&ED25519_OID) {
                let (seed, _) = der(inner, 0x04)?;
                let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
                let public = <[u8; 32]>::try_from(pair.public_key().as_ref()).ok()?;
                return Some(PublicKey::Ed25519(public));
            }
            let (numbers, _) = der(inner, 0x30)?;
            let (_version, numbers) = der(numbers, 0x02)?;
            rsa(numbers)
        }
        None => rsa(rest),
    }
}

fn rsa(numbers: &[u8]) -> Option<PublicKey> {
    let (modulus, rest) = der(numbers, 0x02)?;
    let (exponent, _) = der(rest, 0x02)?;
    let key = RsaKey { modulus: without_zeros(modulus), exponent: without_zeros(exponent) };
    (!key.modulus.is_empty()).then_some(PublicKey::Rsa(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ed25519_key_gives_its_public_half() {
        // The key pair of RFC 8463 appendix A.2, its seed in a PKCS#8 frame.
        let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
                   -----END PRIVATE KEY-----\n";
        let expected = base64("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=").unwrap();
        assert_eq!(public_half(pem.as_bytes()), Ok(PublicKey::Ed25519(expected.try_into().unwrap())));
    }

    #[test]
    fn other_files_are_told_apart() {
        assert_eq!(public_half(b"hello"), Err(PrivateKeyError::NoKey));
        assert_eq!(public_half(b"-----BEGIN PUBLIC KEY-----\nAAAA\n"), Err(PrivateKeyError::Public));
        assert_eq!(public_half(b"-----BEGIN OPENSSH PRIVATE KEY-----\n"), Err(PrivateKeyError::OpenSsh));
        assert_eq!(public_half(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n"), Err(PrivateKeyError::Encrypted));
        assert_eq!(
            public_half(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END"),
            Err(PrivateKeyError::Damaged)
        );
        assert_eq!(public_half(&[0x30, 0x82]), Err(PrivateKeyError::Damaged));
    }
}
