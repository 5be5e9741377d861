//! A DKIM key record as it was meant (RFC 6376 section 3.6.1). The key's octets
//! never change but for a wrapping that verifiers do not expect.

use crate::parse::text::edits::distance;
use ::base64::Engine as _;
use ::base64::engine::general_purpose::STANDARD;

use super::tags::{Grammar, Read};
use super::{Repaired, characters};
use crate::model::untrusted::{Width, plain};
use crate::parse::dkim::key::{KeyRecord, PublicKey};

const GRAMMAR: Grammar = Grammar { names: &["v", "h", "k", "n", "p", "s", "t", "g"], version: "DKIM1" };

/// SubjectPublicKeyInfo header of an Ed25519 key (RFC 8410 section 4).
const ED25519_SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Reads the strings of a TXT record at a selector; `None` where it was not meant as a key.
pub(crate) fn read(strings: &[Vec<u8>]) -> Option<Repaired> {
    let whole = String::from_utf8(strings.concat()).unwrap_or_default();
    let as_it_is = KeyRecord::parse(&whole);
    let is_plain = as_it_is.faults.is_empty() && as_it_is.list.get("g").is_none();
    if as_it_is.is_key_like() && is_plain {
        return Some(Repaired { text: whole, ..Repaired::default() });
    }
    let clean = characters::plain(strings);
    let joined = clean.joined();
    let (text, from_pem) = without_pem(&joined);
    let mut read = GRAMMAR.read(&text)?;
    read.repairs.splice(0..0, clean.repairs);
    if from_pem {
        read.note("the base64 between the PEM lines");
    }
    loose_key(&mut read);
    let has_version = read.values("v").next().is_some();
    if !has_version && read.values("p").next().is_none() {
        return None;
    }
    let mut record = Vec::new();
    if has_version {
        record.push("v=DKIM1".to_owned());
    }
    let key = key(&mut read);
    for name in ["h", "k", "s", "t", "n"] {
        let value = match name {
            "k" => key.as_ref().and_then(|(kind, _)| kind.clone()),
            _ => other(name, &mut read),
        };
        record.extend(value.map(|value| format!("{name}={value}")));
    }
    if read.values("g").next().is_some() {
        read.note("g= left out: it was removed in RFC 6376");
    }
    match key {
        Some((_, p)) => record.push(format!("p={p}")),
        None if read.unread.is_empty() => read.unread.push("p= is missing, so there is no key".to_owned()),
        None => {}
    }
    Some(Repaired { text: record.join("; "), repairs: read.repairs, unread: read.unread })
}

/// Without `-----BEGIN PUBLIC KEY-----` and its end.
fn without_pem(text: &str) -> (String, bool) {
    let mut out = text.to_owned();
    let mut found = false;
    while let Some(start) = out.find("-----") {
        let Some(end) = out[start + 5..].find("-----") else { break };
        out.replace_range(start..start + 5 + end + 5, "");
        found = true;
    }
    (out, found)
}

/// A long piece of base64 without `p=`.
fn loose_key(read: &mut Read) {
    if read.values("p").any(|value| !value.is_empty()) {
        return;
    }
    let is_key = |text: &str| text.len() > 40 && rewritten(text).is_some();
    if let Some(at) = read.unread.iter().position(|text| is_key(text)) {
        let value = read.unread.remove(at);
        read.tags.retain(|tag| tag.name != "p");
        read.note("p= before the key");
        read.tags.push(super::tags::Tag { name: "p".to_owned(), value });
    }
}

/// `k=`, where it has to stand, and `p=`.
fn key(read: &mut Read) -> Option<(Option<String>, String)> {
    let mut values: Vec<String> = read.values("p").map(dense).collect();
    if values.len() > 1 {
        values.dedup();
        if values.len() > 1 {
            read.unread.push("two different keys in p=".to_owned());
            return None;
        }
        read.note("p= once");
    }
    let value = values.pop()?;
    let written = read.values("k").next().map(str::to_owned);
    let kind = match written.as_deref().map(|kind| kind.trim_matches(['"', ' ', ',']).to_ascii_lowercase()) {
        None => None,
        Some(kind) if kind.starts_with("rsa") || distance(&kind, "rsa") == 1 => Some("rsa"),
        Some(kind) if kind.starts_with("ed25519") || distance(&kind, "ed25519") <= 1 => Some("ed25519"),
        Some(kind) => {
            read.unread.push(format!("k={kind}"));
            return None;
        }
    };
    if value.is_empty() {
        // An empty key is a withdrawn one, and stays so.
        return Some((kind.map(str::to_owned), value));
    }
    let Some((text, bytes)) = rewritten(&value) else {
        read.unread.push("p= is no whole base64".to_owned());
        return None;
    };
    if text != value {
        read.note("standard base64 in p=");
    }
    let (kind, text) = match bytes.strip_prefix(&ED25519_SPKI) {
        Some(raw) if raw.len() == 32 => {
            read.note("p= holds only the 32 octets of the Ed25519 key");
            (Some("ed25519"), STANDARD.encode(raw))
        }
        _ if bytes.len() == 32 && kind != Some("ed25519") => {
            read.note("k=ed25519, which the key is");
            (Some("ed25519"), text)
        }
        _ if bytes.len() > 64
            && kind == Some("ed25519")
            && crate::parse::dkim::key::rsa_from_der(&bytes).is_some() =>
        {
            read.note("k=rsa, which the key is");
            (Some("rsa"), text)
        }
        _ => (kind, text),
    };
    if let (Some(kind), Some(written)) = (kind, &written)
        && kind != written
    {
        read.note(format!("k={kind} for {:?}", plain(written, Width::Word)));
    }
    let probe = format!("v=DKIM1; k={}; p={text}", kind.unwrap_or("rsa"));
    match KeyRecord::parse(&probe).key {
        PublicKey::Rsa(_) | PublicKey::Ed25519(_) => Some((kind.map(str::to_owned), text)),
        _ => {
            read.unread.push("p= holds no whole key".to_owned());
            None
        }
    }
}

fn dense(value: &str) -> String {
    value.chars().filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'')).collect()
}

/// Standard base64 with its padding, and the octets.
fn rewritten(value: &str) -> Option<(String, Vec<u8>)> {
    let text: String = dense(value).trim_end_matches(['=', '.', ',']).replace('-', "+").replace('_', "/");
    let padding = (4 - text.len() % 4) % 4;
    let text = format!("{text}{}", "=".repeat(padding));
    let bytes = STANDARD.decode(&text).ok()?;
    Some((text, bytes))
}

fn other(name: &str, read: &mut Read) -> Option<String> {
    let values: Vec<String> = read.values(name).map(str::to_owned).collect();
    let first = values.first()?.clone();
    if values.len() > 1 {
        read.note(format!("{name}= once"));
    }
    let words = first
        .split([':', ',', ' '])
        .map(|word| word.trim().to_ascii_lowercase())
        .filter(|word| !word.is_empty());
    let value = match name {
        "h" => {
            let known = words.map(|word| match word.as_str() {
                "rsa-sha256" | "sha-256" | "ed25519-sha256" => "sha256".to_owned(),
                "rsa-sha1" | "sha-1" => "sha1".to_owned(),
                _ => word,
            });
            known.collect::<Vec<_>>().join(":")
        }
        "n" => first.clone(),
        _ => words.collect::<Vec<_>>().join(":"),
    };
    if value != first {
        read.note(format!("{name}={} for {:?}", plain(&value, Width::Word), plain(&first, Width::Word)));
    }
    (!value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ED: &str = "nMyNVR+p5gx9QcwtEB11f+0JWxolp4tLeQgpCpf9WWY=";

    fn of(text: &str) -> Repaired {
        read(&[text.as_bytes().to_vec()]).unwrap_or_else(|| panic!("{text:?} is not read"))
    }

    #[test]
    fn faults_of_a_key_record() {
        let good = format!("v=DKIM1; k=ed25519; p={ED}");
        assert_eq!(of(&good), Repaired { text: good.clone(), ..Repaired::default() });
        for text in [
            format!("k=ed25519; p={ED}; v=DKIM1"),
            format!("v=dkim1; k=ED25519; p={ED}"),
            format!("v=DKIM1 k=ed25519 p={ED}"),
            format!("v=DKIM1\\; k=ed25519\\; p={ED}"),
            format!("\"v=DKIM1; k=ed25519; \" \"p={ED}\""),
            format!("v=DKIM1; k=ed25519; p:{ED}"),
            format!("v=DKIM1; k=ed25519; p={ED}; p={ED}"),
            format!("v=DKIM1; k=ed25519; g=*; p={ED}"),
            format!("v=DKIM1; p=MCowBQYDK2VwAyEA{ED}; k=ed25519"),
            format!("v=DKIM1; k=rsa; p={ED}"),
            format!("v=DKIM1; k=ed25519; p=-----BEGIN PUBLIC KEY-----{ED}-----END PUBLIC KEY-----"),
            format!("v=DKIM1; k=ed25519; p={}", ED.trim_end_matches('=').replace('+', "-")),
            format!("\u{feff}v=DKIM1; k=ed25519; p={ED}"),
            format!("v=DKIM1; k=ed25519;\u{a0}p={ED}"),
            format!("v=DKIM1; k=ed25519; {ED}"),
        ] {
            let found = of(&text);
            assert_eq!((found.text.as_str(), found.is_whole()), (good.as_str(), true), "{text}: {found:?}");
        }
        assert!(!of(&format!("v=DKIM1; k=ed25519; p={}", &ED[..20])).is_whole());
        assert!(!of("v=DKIM1; k=rsa").is_whole());
        assert_eq!(of("k=RSA; p=; v=DKIM1").text, "v=DKIM1; k=rsa; p=");
        assert_eq!(read(&[b"v=spf1 -all".to_vec()]), None);
    }
}
