//! Addresses made unreadable, for reports and recordings that are handed to others:
//! `purchasing@example.com` becomes `p***@example.com`. The domain stays, since
//! it is what delivery problems are about. Tokens in web addresses go too: see
//! [`web_tokens`](super::web_tokens).

use std::borrow::Cow;

/// Masks the local part of every address in a text.
pub(crate) fn masked(text: &str) -> String {
    // Masking cuts only at characters of ASCII, so the text stays UTF-8.
    String::from_utf8(masked_bytes(text.as_bytes())).unwrap_or_else(|_| text.to_owned())
}

/// The text as it may be shown: masked where `redact` says so.
pub(crate) fn shown(text: &str, redact: bool) -> Cow<'_, str> {
    if redact { Cow::Owned(masked(text)) } else { Cow::Borrowed(text) }
}

/// The same for text in any character set; in Markdown `@` is written `&#64;`.
pub(crate) fn masked_bytes(text: &[u8]) -> Vec<u8> {
    let text = super::web_tokens::masked(text);
    let text = text.as_slice();
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, sign)) = next_sign(rest) {
        let before = &rest[..at];
        let start = before.iter().rposition(|byte| !is_local(*byte)).map_or(0, |last| last + 1);
        // `to=<a@b>`: what precedes an equals sign is a key, not the address.
        let bracketed = before[..start].ends_with(b"<");
        let key = before[start..].iter().position(|byte| *byte == b'=').filter(|_| !bracketed);
        let start = key.map_or(start, |equals| start + equals + 1);
        out.extend_from_slice(&before[..start]);
        // Masked before and then escaped for Markdown: `j\*\*\*@`.
        if before.ends_with(br"\*\*\*") {
            out.extend_from_slice(&before[start..]);
        } else if start < at {
            // All octets of the first character.
            let more = before[start + 1..].iter().take_while(|byte| (0x80..0xC0).contains(*byte)).count();
            out.extend_from_slice(&before[start..=start + more]);
            out.extend_from_slice(b"***");
        }
        out.extend_from_slice(sign);
        rest = &rest[at + sign.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// Where the next `@` stands, and how it is written.
fn next_sign(text: &[u8]) -> Option<(usize, &'static [u8])> {
    let at = memchr::memchr2(b'@', b'&', text)?;
    let mut from = at;
    loop {
        if text[from] == b'@' {
            return Some((from, b"@"));
        }
        if text[from..].starts_with(b"&#64;") {
            return Some((from, b"&#64;"));
        }
        from += 1 + memchr::memchr2(b'@', b'&', &text[from + 1..])?;
    }
}

fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_parts_go_and_domains_stay() {
        assert_eq!(masked(r"j\*\*\*&#64;example.org"), r"j\*\*\*&#64;example.org");
        for (text, wanted) in [
            ("to=<purchasing@example.com>, relay=a", "to=<p***@example.com>, relay=a"),
            ("from=jan.doe+x=y@example.com", "from=j***@example.com"),
            ("from=<jan=doe@example.com>", "from=<j***@example.com>"),
            ("müller@example.com é@x", "m***@example.com é***@x"),
            ("a@b@c", "a***@b***@c"),
            ("@", "@"),
            ("no address & nothing", "no address & nothing"),
            ("jane&#64;example.com &amp; x@y", "j***&#64;example.com &amp; x***@y"),
        ] {
            assert_eq!(masked(text), wanted);
        }
        assert_eq!(masked_bytes(b"\xe9t\xe9@x \xff@"), b"\xe9***@x \xff***@");
    }
}
