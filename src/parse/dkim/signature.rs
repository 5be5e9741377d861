//! A DKIM-Signature field (RFC 6376 section 3.5, as strict as the RFC), and an
//! ARC-Message-Signature, which is the same but for `i=` and `v=`. Reads the
//! text; verifying is for `facts`.

use crate::model::Name;
use crate::parse::tag_list::{Fault, Tag, TagList, base64, items, plain};

/// `c=`, for one of header and body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Canonicalization {
    /// `simple` (RFC 6376 sections 3.4.1 and 3.4.3).
    Simple,
    /// `relaxed` (RFC 6376 sections 3.4.2 and 3.4.4).
    Relaxed,
}

/// `a=`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// `rsa-sha1`, not to be trusted (RFC 8301 section 3.1).
    RsaSha1,
    /// `rsa-sha256` (RFC 6376 section 3.3.2).
    RsaSha256,
    /// `ed25519-sha256` (RFC 8463).
    Ed25519Sha256,
    /// Anything else, as it was written.
    Unknown(String),
}

impl Algorithm {
    /// The algorithm spelled so in `a=`; names are case-sensitive.
    pub fn from_name(name: &str) -> Algorithm {
        match name {
            "rsa-sha1" => Algorithm::RsaSha1,
            "rsa-sha256" => Algorithm::RsaSha256,
            "ed25519-sha256" => Algorithm::Ed25519Sha256,
            other => Algorithm::Unknown(other.to_owned()),
        }
    }

    /// As `a=` spells it.
    pub fn name(&self) -> &str {
        match self {
            Algorithm::RsaSha1 => "rsa-sha1",
            Algorithm::RsaSha256 => "rsa-sha256",
            Algorithm::Ed25519Sha256 => "ed25519-sha256",
            Algorithm::Unknown(name) => name,
        }
    }

    /// The `k=` a key record must have, and the hash it must allow.
    pub fn parts(&self) -> Option<(&'static str, &'static str)> {
        match self {
            Algorithm::RsaSha1 => Some(("rsa", "sha1")),
            Algorithm::RsaSha256 => Some(("rsa", "sha256")),
            Algorithm::Ed25519Sha256 => Some(("ed25519", "sha256")),
            Algorithm::Unknown(_) => None,
        }
    }
}

/// Which field the text stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// DKIM-Signature (RFC 6376).
    Dkim,
    /// ARC-Message-Signature (RFC 8617 section 4.1.2).
    ArcMessage,
}

/// The field as written, with defaults filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The field's value, as it stands in the message.
    pub text: String,
    /// The same as tags.
    pub list: TagList,
    /// `a=`.
    pub algorithm: Algorithm,
    /// `d=`; `None` where it is missing or no domain name.
    pub domain: Option<Name>,
    /// `s=`; empty where it is missing.
    pub selector: String,
    /// The domain of `i=`, which defaults to `d=`.
    pub identity: Option<Name>,
    /// `c=` before the slash.
    pub header_canonicalization: Canonicalization,
    /// `c=` after the slash; `simple` where there is none (RFC 6376 section 3.5).
    pub body_canonicalization: Canonicalization,
    /// `h=`, as written, repeats kept.
    pub signed_headers: Vec<String>,
    /// `l=`, in octets of the canonical body.
    pub body_length: Option<u64>,
    /// `t=` and `x=`, seconds since the Unix epoch.
    pub signed_at: Option<i64>,
    /// `x=`, seconds since the Unix epoch.
    pub expires_at: Option<i64>,
    /// `bh=`, decoded.
    pub body_hash: Vec<u8>,
    /// `b=`, decoded.
    pub signature: Vec<u8>,
    /// `z=`: fields as they were when signed, name and value.
    pub copied_headers: Vec<(String, String)>,
    /// Grammar and meaning; a fatal one is a permerror.
    pub faults: Vec<Fault>,
}

impl Signature {
    /// Reads a field's value; what cannot be used becomes a fault.
    pub fn parse(text: &str, kind: Kind) -> Signature {
        let list = TagList::parse(text);
        let mut faults = list.faults.clone();
        let mut reader = Reader { list: &list, faults: &mut faults, end: text.len() };
        reader.version(kind);
        let algorithm = Algorithm::from_name(&reader.required("a").map(|t| t.value).unwrap_or_default());
        if let (Algorithm::Unknown(name), Some(tag)) = (&algorithm, list.get("a")) {
            let text =
                format!("a={} is no signature algorithm in use (rsa-sha256, ed25519-sha256)", plain(name));
            reader.faults.push(Fault::fatal(tag.value_span.clone(), text));
        }
        let domain = reader.domain();
        let identity = reader.identity(kind, domain.as_ref());
        let (header_canonicalization, body_canonicalization) = reader.canonicalization();
        let signed_headers = reader.signed_headers(kind);
        let body_length = reader.number("l", 76);
        let signed_at = reader.number("t", 12).and_then(|n| i64::try_from(n).ok());
        let expires_at = reader.number("x", 12).and_then(|n| i64::try_from(n).ok());
        reader.times(signed_at, expires_at);
        reader.query_methods();
        let selector = reader.required("s").map(|tag| tag.value).unwrap_or_default();
        let body_hash = reader.bytes("bh");
        let signature = reader.bytes("b");
        faults.sort_by_key(|fault| (fault.span.start, fault.span.end));
        Signature {
            text: text.to_owned(),
            algorithm,
            domain,
            selector,
            identity,
            header_canonicalization,
            body_canonicalization,
            signed_headers,
            body_length,
            signed_at,
            expires_at,
            body_hash,
            signature,
            copied_headers: copied_headers(&list),
            faults,
            list,
        }
    }

    /// The name the key stands at.
    pub fn key_name(&self) -> Option<Name> {
        let domain = self.domain.as_ref()?;
        (!self.selector.is_empty()).then(|| key_name(&self.selector, domain))
    }

    /// What stands before the `@` of `i=`; empty where nothing does (RFC 6376 section 3.5).
    pub(crate) fn local_part(&self) -> String {
        let identity = self.list.value("i").map(quoted_printable).unwrap_or_default();
        identity.rsplit_once('@').map_or_else(String::new, |(local_part, _)| local_part.to_owned())
    }

    /// How often `h=` names this field.
    pub fn times_signed(&self, header: &str) -> usize {
        self.signed_headers.iter().filter(|name| name.eq_ignore_ascii_case(header)).count()
    }

    /// True where a verifier can go on to the key: no fault is fatal.
    pub fn is_sound(&self) -> bool {
        !self.faults.iter().any(|fault| fault.fatal)
    }
}

/// `selector._domainkey.domain` (RFC 6376 section 3.6.2.1).
pub fn key_name(selector: &str, domain: &Name) -> Name {
    domain.prefixed(&format!("{}._domainkey", selector.trim_end_matches('.')))
}

struct Reader<'r> {
    list: &'r TagList,
    faults: &'r mut Vec<Fault>,
    end: usize,
}

impl Reader<'_> {
    fn required(&mut self, name: &str) -> Option<Tag> {
        match self.list.get(name) {
            Some(tag) if !tag.value.is_empty() => Some(tag.clone()),
            Some(tag) => {
                self.faults.push(Fault::fatal(tag.span.clone(), format!("{name}= is empty")));
                None
            }
            None => {
                let text = format!("there is no {name}= tag, so the signature cannot be verified");
                self.faults.push(Fault::fatal(0..self.end, text));
                None
            }
        }
    }

    fn version(&mut self, kind: Kind) {
        match (kind, self.list.get("v")) {
            (Kind::Dkim, None) => {
                self.faults
                    .push(Fault::fatal(0..self.end, "there is no v=1 tag; verifiers ignore the signature"));
            }
            (Kind::Dkim, Some(tag)) if tag.value != "1" => {
                let text = format!("v={} is not 1", plain(&tag.value));
                self.faults.push(Fault::fatal(tag.value_span.clone(), text));
            }
            (Kind::ArcMessage, Some(tag)) => {
                self.faults.push(Fault::fatal(tag.span.clone(), "an ARC-Message-Signature has no v= tag"));
            }
            _ => {}
        }
    }

    fn domain(&mut self) -> Option<Name> {
        let tag = self.required("d")?;
        match Name::parse(&tag.value) {
            Ok(name) => Some(name),
            Err(_) => {
                let text = format!("d={} is no domain name", plain(&tag.value));
                self.faults.push(Fault::fatal(tag.value_span, text));
                None
            }
        }
    }

    fn identity(&mut self, kind: Kind, domain: Option<&Name>) -> Option<Name> {
        let domain = domain?;
        let Some(tag) = self.list.get("i").filter(|_| kind == Kind::Dkim) else {
            return Some(domain.clone());
        };
        let shown = plain(&tag.value);
        let decoded = quoted_printable(&tag.value);
        let fault = match decoded.rsplit_once('@') {
            None => format!("i={shown} has no @"),
            Some((_, after)) => match Name::parse(after) {
                Ok(name) if name.is_within(domain) => return Some(name),
                _ => format!("i={shown} is neither {domain} nor below it"),
            },
        };
        self.faults.push(Fault::fatal(tag.value_span.clone(), fault));
        None
    }

    fn canonicalization(&mut self) -> (Canonicalization, Canonicalization) {
        let Some(tag) = self.list.get("c").cloned() else {
            return (Canonicalization::Simple, Canonicalization::Simple);
        };
        let (header, body) = tag.value.split_once('/').unwrap_or((&tag.value, "simple"));
        let mut read = |text: &str| match text.trim() {
            "simple" => Canonicalization::Simple,
            "relaxed" => Canonicalization::Relaxed,
            other => {
                let text = format!("c={} is neither simple nor relaxed", plain(other));
                self.faults.push(Fault::fatal(tag.value_span.clone(), text));
                Canonicalization::Simple
            }
        };
        (read(header), read(body))
    }

    fn signed_headers(&mut self, kind: Kind) -> Vec<String> {
        let Some(tag) = self.required("h") else { return Vec::new() };
        let mut names = Vec::new();
        for (name, span) in items(&tag, ':') {
            if name.is_empty() || !name.bytes().all(|b| (0x21..0x7f).contains(&b) && b != b';') {
                self.faults.push(Fault::fatal(span, format!("h= holds \"{}\", no field name", plain(&name))));
            } else {
                names.push(name);
            }
        }
        if kind == Kind::Dkim && !names.iter().any(|name| name.eq_ignore_ascii_case("from")) {
            self.faults.push(Fault::fatal(
                tag.value_span,
                "h= does not name From; a signature must cover it (RFC 6376 section 5.4)",
            ));
        }
        names
    }

    fn number(&mut self, name: &str, digits: usize) -> Option<u64> {
        let tag = self.list.get(name)?;
        let plausible = !tag.value.is_empty()
            && tag.value.len() <= digits
            && tag.value.bytes().all(|b| b.is_ascii_digit());
        if plausible {
            // A length no message can have is as good as none.
            return Some(tag.value.parse().unwrap_or(u64::MAX));
        }
        let text = format!("{name}={} is no number of up to {digits} digits", plain(&tag.value));
        self.faults.push(Fault::fatal(tag.value_span.clone(), text));
        None
    }

    fn times(&mut self, signed_at: Option<i64>, expires_at: Option<i64>) {
        if let (Some(t), Some(x), Some(tag)) = (signed_at, expires_at, self.list.get("x"))
            && x <= t
        {
            let text = format!("x={x} is not after t={t}: the signature expired before it was made");
            self.faults.push(Fault::fatal(tag.span.clone(), text));
        }
    }

    fn query_methods(&mut self) {
        if let Some(tag) = self.list.get("q")
            && !items(tag, ':').iter().any(|(word, _)| word == "dns/txt" || word == "dns")
        {
            let text = format!("q={} offers no dns/txt, the only way to fetch a key", plain(&tag.value));
            self.faults.push(Fault::fatal(tag.value_span.clone(), text));
        }
    }

    fn bytes(&mut self, name: &str) -> Vec<u8> {
        let Some(tag) = self.required(name) else { return Vec::new() };
        match base64(&tag.value) {
            Ok(bytes) => bytes,
            Err(_) => {
                self.faults
                    .push(Fault::fatal(tag.value_span, format!("{name}= is no base64: cut off or altered")));
                Vec::new()
            }
        }
    }
}

fn copied_headers(list: &TagList) -> Vec<(String, String)> {
    let Some(text) = list.value("z") else { return Vec::new() };
    text.split('|')
        .filter_map(|copy| copy.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), quoted_printable(value)))
        .collect()
}

/// DKIM-Quoted-Printable (RFC 6376 section 2.11): `=XX`, white space dropped.
fn quoted_printable(text: &str) -> String {
    let dense: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let mut out = Vec::with_capacity(dense.len());
    let mut at = 0;
    while let Some(&byte) = dense.get(at) {
        let pair = dense.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.filter(|_| byte == b'=').and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(value) => {
                out.push(value);
                at += 3;
            }
            None => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = " v=1; a=rsa-sha256; c=relaxed/simple; d=Example.com; s=s1;\r\n\th=From:To : Subject:from; \
                        i=@mail.example.com; l=10; t=100; x=200; z=From:=20a=40b|To:c; bh=AAAA; b=AA\r\n AA\r\n";

    #[test]
    fn a_good_one_is_read() {
        let signature = Signature::parse(GOOD, Kind::Dkim);
        assert!(signature.faults.is_empty(), "{:?}", signature.faults);
        assert_eq!(signature.key_name().unwrap().as_str(), "s1._domainkey.example.com");
        assert_eq!(signature.times_signed("FROM"), 2);
        assert_eq!(signature.body_canonicalization, Canonicalization::Simple);
        assert_eq!(signature.identity.unwrap().as_str(), "mail.example.com");
        assert_eq!(signature.copied_headers[0], ("From".to_owned(), " a@b".to_owned()));
        assert_eq!((signature.body_length, signature.expires_at), (Some(10), Some(200)));
    }

    #[test]
    fn the_rfc_is_kept_to() {
        for (from, to, part) in [
            ("v=1;", "", "no v=1"),
            ("v=1", "v=2", "not 1"),
            ("rsa-sha256", "rsa-md5", "no signature algorithm"),
            ("d=Example.com", "d=exa mple", "no domain"),
            ("@mail.example.com", "@example.org", "neither"),
            ("@mail.example.com", "example.com", "has no @"),
            ("relaxed/simple", "relaxed/nofws", "neither simple"),
            ("From:To : Subject:from", "To:Subject", "does not name From"),
            ("x=200", "x=100", "not after"),
            ("l=10", "l=-1", "no number"),
            ("bh=AAAA", "bh=A*", "no base64"),
            ("bh=AAAA;", "", "no bh="),
            ("s=s1;", "s=;", "s= is empty"),
            ("l=10;", "q=http/xml;", "dns/txt"),
        ] {
            let signature = Signature::parse(&GOOD.replace(from, to), Kind::Dkim);
            assert!(
                signature.faults.iter().any(|f| f.fatal && f.text.contains(part)),
                "{to}: {:?}",
                signature.faults
            );
        }
    }
}
