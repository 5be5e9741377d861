//! The octets a DKIM or ARC signature is made over (RFC 6376 sections 3.4 and
//! 3.7), and what can be told of a body whose hash no longer matches. Bodies are
//! canonicalised by mail-auth; header fields here, because the auditor must try
//! out what a forwarder may have changed.

use std::borrow::Cow;
use std::collections::BTreeMap;

use mail_auth::common::headers::Writable as _;
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};

use crate::parse::dkim::signature::{Algorithm, Canonicalization, Signature};
use crate::parse::message::{Field, Header};

/// A field as name and value, the value with its line break.
pub type RawField = (Vec<u8>, Vec<u8>);

/// Whether the body is the one that was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyCheck {
    /// Its hash in canonical form is `bh=`.
    Matches,
    /// With what is known of the change, where something is.
    Differs(Option<String>),
}

fn library_form(form: Canonicalization) -> mail_auth::dkim::Canonicalization {
    match form {
        Canonicalization::Simple => mail_auth::dkim::Canonicalization::Simple,
        Canonicalization::Relaxed => mail_auth::dkim::Canonicalization::Relaxed,
    }
}

fn canonical_body(body: &[u8], form: Canonicalization) -> Cow<'_, [u8]> {
    if let Some(canonical) = canonical_lines(body, form) {
        return canonical;
    }
    let mut out = Vec::with_capacity(body.len() + 2);
    library_form(form).canonical_body(body, 0).write(&mut out);
    Cow::Owned(out)
}

/// The canonical form of a body whose every line ends in CRLF, which real mail's does:
/// mostly the body itself. `None` for any other body, and for one of empty lines.
fn canonical_lines(body: &[u8], form: Canonicalization) -> Option<Cow<'_, [u8]>> {
    let feeds = memchr::memchr_iter(b'\n', body);
    let mut lines = 0usize;
    for at in feeds {
        lines += 1;
        (at.checked_sub(1).and_then(|before| body.get(before)) == Some(&b'\r')).then_some(())?;
    }
    if !body.ends_with(b"\n") || memchr::memchr_iter(b'\r', body).count() != lines {
        return None;
    }
    let out = match form {
        Canonicalization::Simple => Cow::Borrowed(body),
        Canonicalization::Relaxed => blanks_reduced(body),
    };
    // Empty lines at the end do not count.
    let mut end = out.len();
    while end >= 4 && out.get(end - 4..end) == Some(b"\r\n\r\n") {
        end -= 2;
    }
    if end <= 2 {
        return None;
    }
    Some(match out {
        Cow::Borrowed(bytes) => Cow::Borrowed(bytes.get(..end)?),
        Cow::Owned(mut bytes) => {
            bytes.truncate(end);
            Cow::Owned(bytes)
        }
    })
}

/// White space within lines made one space, and that at their ends dropped.
fn blanks_reduced(body: &[u8]) -> Cow<'_, [u8]> {
    let is_blank = |at: usize| matches!(body.get(at), Some(b' ' | b'\t'));
    let mut out = Vec::new();
    let mut from = 0;
    for at in memchr::memchr2_iter(b' ', b'\t', body) {
        if at < from {
            continue;
        }
        let after = (at..).find(|at| !is_blank(*at)).unwrap_or(body.len());
        let ends_line = body.get(after) == Some(&b'\r');
        if after == at + 1 && !ends_line && body.get(at) == Some(&b' ') {
            continue;
        }
        if out.is_empty() {
            out.reserve_exact(body.len());
        }
        out.extend_from_slice(body.get(from..at).unwrap_or_default());
        if !ends_line {
            out.push(b' ');
        }
        from = after;
    }
    if from == 0 {
        return Cow::Borrowed(body);
    }
    out.extend_from_slice(body.get(from..).unwrap_or_default());
    Cow::Owned(out)
}

fn hasher(algorithm: &Algorithm) -> Context {
    match algorithm {
        Algorithm::RsaSha1 => Context::new(&SHA1_FOR_LEGACY_USE_ONLY),
        _ => Context::new(&SHA256),
    }
}

fn hash(algorithm: &Algorithm, bytes: &[u8]) -> Vec<u8> {
    let mut context = hasher(algorithm);
    context.update(bytes);
    context.finish().as_ref().to_vec()
}

/// Compares the body with `bh=`.
pub fn check_body(body: &[u8], signature: &Signature) -> BodyCheck {
    let canonical = canonical_body(body, signature.body_canonicalization);
    let whole = canonical.len() as u64;
    let part = match signature.body_length {
        Some(length) if length > whole => {
            return BodyCheck::Differs(Some(format!("l={length} octets were signed, the body has {whole}")));
        }
        Some(length) => canonical.get(..length as usize).unwrap_or(&canonical),
        None => &canonical,
    };
    if hash(&signature.algorithm, part) == signature.body_hash {
        return BodyCheck::Matches;
    }
    let clue = if body.len() > MAX_EXPLAINED { None } else { body_clue(body, &canonical, signature) };
    BodyCheck::Differs(clue)
}

/// Octets up to which a change is looked for; telling that there is one has no limit.
const MAX_EXPLAINED: usize = 8 << 20;

/// Lines up to which an addition is looked for.
const MAX_LINES: usize = 20_000;

fn body_clue(body: &[u8], canonical: &[u8], signature: &Signature) -> Option<String> {
    let is_signed = |bytes: &[u8]| hash(&signature.algorithm, bytes) == signature.body_hash;
    let (other, name) = match signature.body_canonicalization {
        Canonicalization::Simple => (Canonicalization::Relaxed, "relaxed"),
        Canonicalization::Relaxed => (Canonicalization::Simple, "simple"),
    };
    if is_signed(&canonical_body(body, other)) {
        return Some(format!("it matches under {name} canonicalization, so c= is wrong"));
    }
    let bare: Vec<u8> = canonical.iter().copied().filter(|byte| *byte != b'\r').collect();
    if is_signed(&bare) {
        return Some("it matches with bare LF line ends: it was signed before they became CRLF".to_owned());
    }
    if is_signed(b"") || is_signed(b"\r\n") {
        return Some("the hash is that of an empty body: it was signed without its content".to_owned());
    }
    // Text that was appended: the hash of some shorter body matches.
    let mut context = hasher(&signature.algorithm);
    let total = canonical.split_inclusive(|byte| *byte == b'\n').count();
    for (index, line) in canonical.split_inclusive(|byte| *byte == b'\n').take(MAX_LINES).enumerate() {
        context.update(line);
        if line != b"\r\n" && context.clone().finish().as_ref() == signature.body_hash {
            let added = total - index - 1;
            return Some(format!(
                "the first {} lines are as signed, {added} lines were appended after them (a footer?)",
                index + 1
            ));
        }
    }
    None
}

/// The signed fields in the order of `h=`: of repeated names the lowest first
/// (RFC 6376 section 5.4.2). A name without a field left stands for nothing.
pub fn signed_fields(raw: &[u8], header: &Header, names: &[String]) -> Vec<RawField> {
    // Looked up by name, because a hostile message may have very many of both.
    let key = |name: &[u8]| name.trim_ascii().to_ascii_lowercase();
    let mut left: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
    for (index, field) in header.fields.iter().enumerate() {
        left.entry(key(field.name_in(raw))).or_default().push(index);
    }
    let mut found = Vec::new();
    for name in names {
        if let Some(index) = left.get_mut(&key(name.as_bytes())).and_then(Vec::pop) {
            found.push(raw_field(raw, &header.fields[index]));
        }
    }
    found
}

pub(crate) fn raw_field(raw: &[u8], field: &Field) -> RawField {
    (field.name_in(raw).to_vec(), field.value_in(raw).to_vec())
}

/// One field in canonical form, with its line break.
pub fn canonical_field((name, value): &RawField, form: Canonicalization) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len() + value.len() + 3);
    match form {
        Canonicalization::Simple => {
            out.extend_from_slice(name);
            out.push(b':');
            out.extend_from_slice(value);
        }
        Canonicalization::Relaxed => {
            out.extend(name.trim_ascii().iter().map(u8::to_ascii_lowercase));
            out.push(b':');
            let words = value.split(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
            for (index, word) in words.filter(|word| !word.is_empty()).enumerate() {
                if index > 0 {
                    out.push(b' ');
                }
                out.extend_from_slice(word);
            }
            out.extend_from_slice(b"\r\n");
        }
    }
    out
}

/// The octets under `b=`: the signed fields, then the signature's own field with
/// an empty `b=` and without its line break.
pub fn signed_octets(fields: &[RawField], own: &RawField, form: Canonicalization) -> Vec<u8> {
    let mut out = Vec::new();
    for field in fields {
        out.extend(canonical_field(field, form));
    }
    let mut own = canonical_field(&(own.0.clone(), without_signature(&own.1)), form);
    if own.ends_with(b"\r\n") {
        own.truncate(own.len() - 2);
    }
    out.extend(own);
    out
}

/// The value with what follows `b=` removed, white space included.
pub fn without_signature(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut done = false;
    for (index, spec) in value.split(|byte| *byte == b';').enumerate() {
        if index > 0 {
            out.push(b';');
        }
        let equals = spec.iter().position(|byte| *byte == b'=');
        match equals.filter(|at| !done && spec[..*at].trim_ascii() == b"b") {
            Some(at) => {
                out.extend_from_slice(&spec[..=at]);
                done = true;
            }
            None => out.extend_from_slice(spec),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_canonical() {
        let field = (b"SubJect ".to_vec(), b"  a\t b\r\n\tc  \r\n".to_vec());
        assert_eq!(canonical_field(&field, Canonicalization::Relaxed), b"subject:a b c\r\n");
        assert_eq!(canonical_field(&field, Canonicalization::Simple), b"SubJect :  a\t b\r\n\tc  \r\n");
        assert_eq!(without_signature(b" bh=x; b = AB\r\n C ; d=e\r\n"), b" bh=x; b =; d=e\r\n");
        assert_eq!(without_signature(b" a=1; b=AB\r\n"), b" a=1; b=");
    }

    #[test]
    fn ordinary_bodies_are_made_canonical_as_the_library_does() {
        let bodies: &[&[u8]] = &[
            b"a\r\n",
            b"a b\r\n",
            b"a  b\t\tc \r\n",
            b" a\r\n\r\n",
            b"\ta\t\r\nb\r\n\r\n\r\n",
            b"\r\n",
            b"\r\n\r\n",
            b" \r\n",
            b"",
            b"a",
            b"a\n",
            b"a\rb\r\n",
            b"a\r\nb",
            b"a \r\n\r",
            b"  a  \r\n  b  \r\n",
        ];
        for body in bodies {
            for form in [Canonicalization::Simple, Canonicalization::Relaxed] {
                let mut wanted = Vec::new();
                library_form(form).canonical_body(body, 0).write(&mut wanted);
                let shown = String::from_utf8_lossy(body);
                assert_eq!(canonical_body(body, form).as_ref(), wanted, "{shown:?} {form:?}");
            }
        }
        // Lines of white space are empty once it is dropped (RFC 6376 section 3.4.4, a before b);
        // the library keeps them.
        let blank = canonical_body(b"a\r\n \r\n\t\r\n", Canonicalization::Relaxed);
        assert_eq!(blank.as_ref(), b"a\r\n");
    }

    #[test]
    fn repeats_are_taken_from_the_bottom() {
        let raw = b"A: 1\r\nB: x\r\nA: 2\r\n\r\n";
        let header = Header::scan(raw, 0..raw.len(), 1, true);
        let names = ["a", "A", "a", "c"].map(str::to_owned);
        let values: Vec<_> =
            signed_fields(raw, &header, &names).into_iter().map(|(_, value)| value).collect();
        assert_eq!(values, [b" 2\r\n".to_vec(), b" 1\r\n".to_vec()]);
    }

    #[test]
    fn a_footer_is_recognised() {
        use base64::Engine as _;
        let body = b"line one\r\nline two\r\n";
        let bh = base64::engine::general_purpose::STANDARD.encode(ring::digest::digest(&SHA256, body));
        let text = format!("v=1; a=rsa-sha256; d=example.com; s=s; h=from; bh={bh}; b=AAAA");
        let signature = Signature::parse(&text, crate::parse::dkim::signature::Kind::Dkim);
        assert_eq!(check_body(b"line one\r\nline two\r\n\r\n\r\n", &signature), BodyCheck::Matches);
        let BodyCheck::Differs(Some(clue)) =
            check_body(b"line one\r\nline two\r\n-- \r\nlist\r\n", &signature)
        else {
            panic!("not recognised");
        };
        assert!(clue.contains("first 2 lines") && clue.contains("2 lines were appended"), "{clue}");
    }
}
