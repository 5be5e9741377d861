//! A ClientHello for one old protocol version alone, made by hand: rustls speaks
//! none of them. Only the first answer is read; no handshake is finished.

use ring::rand::SecureRandom as _;

/// What is offered alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Old {
    pub name: &'static str,
    /// The highest version of the client, as on the wire.
    version: [u8; 2],
    suites: &'static [u16],
}

/// Forward-secret and static suites that servers of the time had, RSA and ECDSA.
const SUITES: &[u16] = &[
    0xc00a, 0xc009, 0xc014, 0xc013, 0x0039, 0x0033, 0x0035, 0x002f, 0xc012, 0xc008, 0x0016, 0x000a, 0x0005,
    0x0004,
];
/// Suites whose key exchange is RSA alone, without forward secrecy.
const RSA_SUITES: &[u16] = &[0x009d, 0x009c, 0x003d, 0x003c, 0x0035, 0x002f, 0x000a];

/// Suites of TLS 1.2 that rustls lacks and OpenSSL has: CBC, and DHE.
const CBC_DHE_SUITES: &[u16] = &[
    0xc024, 0xc023, 0xc00a, 0xc009, 0xc028, 0xc027, 0xc014, 0xc013, 0x009f, 0x009e, 0x006b, 0x0067, 0x0039,
    0x0033, 0xc012,
];

/// Deprecated by RFC 7568 (SSL 3.0) and RFC 8996 (TLS 1.0, 1.1); RSA key exchange by RFC 9325 section 4.1. The last is not
/// wrong, only unknown to us: it distinguishes a server of older ciphers from a broken one.
pub(super) const OLD: [Old; 5] = [
    Old { name: "SSL 3.0", version: [3, 0], suites: SUITES },
    Old { name: "TLS 1.0", version: [3, 1], suites: SUITES },
    Old { name: "TLS 1.1", version: [3, 2], suites: SUITES },
    Old { name: "RSA key exchange", version: [3, 3], suites: RSA_SUITES },
    Old { name: "CBC or DHE ciphers", version: [3, 3], suites: CBC_DHE_SUITES },
];

/// The record to send. `host` goes into the server name, unless it is no name.
pub(super) fn client_hello(old: Old, host: &str) -> Vec<u8> {
    let mut random = [0; 32];
    // Its quality does not matter: no key comes of this handshake.
    let _ = ring::rand::SystemRandom::new().fill(&mut random);
    let mut hello = old.version.to_vec();
    hello.extend(random);
    hello.push(0);
    let mut suites: Vec<u8> = old.suites.iter().flat_map(|suite| suite.to_be_bytes()).collect();
    suites.extend([0x00, 0xff]); // TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746)
    sized(&mut hello, &suites);
    hello.extend([1, 0]); // no compression
    if old.version != [3, 0] {
        let mut extensions = Vec::new();
        if host.contains('.') && host.parse::<std::net::IpAddr>().is_err() && host.len() < 256 {
            let mut name = vec![0];
            sized(&mut name, host.as_bytes());
            let mut list = Vec::new();
            sized(&mut list, &name);
            extension(&mut extensions, 0, &list);
        }
        extension(&mut extensions, 10, &[0, 6, 0, 23, 0, 24, 0, 25]); // P-256, P-384, P-521
        extension(&mut extensions, 11, &[1, 0]);
        if old.version == [3, 3] {
            // SHA-2 and SHA-1 with RSA and ECDSA.
            extension(&mut extensions, 13, &[0, 12, 4, 1, 5, 1, 6, 1, 4, 3, 5, 3, 2, 1]);
        }
        sized(&mut hello, &extensions);
    }
    let mut handshake = vec![1, 0];
    sized(&mut handshake, &hello);
    // Servers of TLS 1.0 and later expect the record version 3.1 here (RFC 5246 appendix E.1).
    let mut record = vec![22, 3, u8::from(old.version != [3, 0])];
    sized(&mut record, &handshake);
    record
}

/// `bytes` behind their length in two octets; all are far below 65536.
fn sized(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend(u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend_from_slice(bytes);
}

fn extension(out: &mut Vec<u8>, number: u16, body: &[u8]) {
    out.extend(number.to_be_bytes());
    sized(out, body);
}

/// What the server's first record says: taken, refused, or neither.
pub(super) fn answer(old: Old, bytes: &[u8]) -> (Option<bool>, String) {
    match bytes {
        // An alert: level and description.
        [21, _, _, _, _, _, description, ..] => (Some(false), format!("alert {}", alert(*description))),
        // A handshake record with a ServerHello and its version.
        [22, _, _, _, _, 2, _, _, _, major, minor, ..] => {
            if [*major, *minor] == old.version {
                (Some(true), "ServerHello".to_owned())
            } else {
                (Some(false), format!("ServerHello of version {major}.{minor}"))
            }
        }
        _ => (None, "the answer is no TLS record".to_owned()),
    }
}

/// RFC 8446 section 6.
fn alert(description: u8) -> String {
    match description {
        0 => "close_notify".to_owned(),
        40 => "handshake_failure".to_owned(),
        47 => "illegal_parameter".to_owned(),
        70 => "protocol_version".to_owned(),
        71 => "insufficient_security".to_owned(),
        80 => "internal_error".to_owned(),
        86 => "inappropriate_fallback".to_owned(),
        112 => "unrecognized_name".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_fit() {
        for old in OLD {
            let record = client_hello(old, "mx.example.com");
            let length = usize::from(u16::from_be_bytes([record[3], record[4]]));
            assert_eq!((record[0], length), (22, record.len() - 5), "{}", old.name);
            assert_eq!((record[5], usize::from(u16::from_be_bytes([record[7], record[8]]))), (1, length - 4));
            assert_eq!(record[9..11], old.version);
        }
        assert!(client_hello(OLD[1], "192.0.2.1").len() < client_hello(OLD[1], "mx.example.com").len());
    }

    #[test]
    fn answers_are_told_apart() {
        assert_eq!(answer(OLD[1], &[21, 3, 1, 0, 2, 2, 70]).0, Some(false));
        assert_eq!(answer(OLD[1], &[22, 3, 1, 0, 9, 2, 0, 0, 5, 3, 1, 0]).0, Some(true));
        assert_eq!(answer(OLD[1], &[22, 3, 1, 0, 9, 2, 0, 0, 5, 3, 3, 0]).0, Some(false));
        assert_eq!(answer(OLD[1], b"454 TLS not available").0, None);
        assert_eq!(answer(OLD[1], &[]).0, None);
    }
}
