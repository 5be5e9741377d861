//! Tokens in web addresses made unreadable: who holds one can unsubscribe, confirm or
//! follow in the reader's name. `https://example.com/u/8f3a9c21?id=abcdef` becomes
//! `https://example.com/u/***?id=***`. Host, short words and file names stay.

/// Masks the tokens of every http and https address in a text of any character set;
/// soft line breaks of quoted-printable do not end an address.
pub(crate) fn masked(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = next_address(rest) {
        let (before, address) = rest.split_at(start);
        let length = address_length(address);
        let (address, after) = address.split_at(length);
        out.extend_from_slice(before);
        mask_address(address, &mut out);
        rest = after;
    }
    out.extend_from_slice(rest);
    out
}

/// Where an address begins: at its scheme.
fn next_address(text: &[u8]) -> Option<usize> {
    memchr::memmem::find_iter(text, b"://").find_map(|at| {
        [b"https".as_slice(), b"http"].into_iter().find_map(|scheme| {
            let start = at.checked_sub(scheme.len())?;
            text.get(start..at).filter(|word| word.eq_ignore_ascii_case(scheme)).map(|_| start)
        })
    })
}

/// Bytes up to what ends an address in text, HTML and headers.
fn address_length(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        if text[at..].starts_with(b"=\r\n") {
            at += 3;
        } else if text[at..].starts_with(b"=\n") {
            at += 2;
        } else if byte.is_ascii_whitespace() || byte.is_ascii_control() || b"<>\"'`\\".contains(byte) {
            break;
        } else {
            at += 1;
        }
    }
    at
}

fn mask_address(address: &[u8], out: &mut Vec<u8>) {
    // Soft breaks are dropped, so that a token's halves are seen as one.
    let joined: Vec<u8> = match memchr::memchr(b'\n', address) {
        None => address.to_vec(),
        Some(_) => {
            let mut joined = Vec::with_capacity(address.len());
            let mut rest = address;
            while let Some(end) = memchr::memchr(b'\n', rest) {
                let line = &rest[..end];
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                joined.extend_from_slice(line.strip_suffix(b"=").unwrap_or(line));
                rest = &rest[end + 1..];
            }
            joined.extend_from_slice(rest);
            joined
        }
    };
    let host_at = memchr::memmem::find(&joined, b"://").map_or(0, |at| at + 3);
    let (scheme, rest) = joined.split_at(host_at);
    let path_at = rest.iter().position(|byte| b"/?#".contains(byte)).unwrap_or(rest.len());
    let (host, rest) = rest.split_at(path_at);
    out.extend_from_slice(scheme);
    out.extend_from_slice(host);
    let mut in_query = false;
    let mut start = 0;
    for at in 0..=rest.len() {
        let ends = rest.get(at).is_none_or(|byte| b"/?#&=;".contains(byte));
        if !ends {
            continue;
        }
        let word = &rest[start..at];
        // A name in the query, before its equals sign, says what the token is and stays.
        let is_name =
            in_query && rest.get(at) == Some(&b'=') && rest.get(start.wrapping_sub(1)) != Some(&b'=');
        if !is_name && is_token(word, in_query) {
            out.extend_from_slice(b"***");
        } else {
            out.extend_from_slice(word);
        }
        if let Some(byte) = rest.get(at) {
            in_query |= matches!(byte, b'?' | b'#');
            out.push(*byte);
        }
        start = at + 1;
    }
}

/// Long enough to tell people apart; numbers with dots are addresses and versions.
fn is_token(word: &[u8], in_query: bool) -> bool {
    let digits = word.iter().any(u8::is_ascii_digit);
    if word.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') && word.contains(&b'.') {
        return false;
    }
    match in_query {
        true => word.len() >= 6 || (word.len() >= 4 && digits),
        false => (word.len() >= 8 && digits) || word.len() >= 28,
    }
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn tokens_go_and_places_stay() {
        for (text, wanted) in [
            ("<https://example.com/u/8f3a9c21?id=abcdef>, x", "<https://example.com/u/***?id=***>, x"),
            ("HEAD http://example.com/a/b", "HEAD http://example.com/a/b"),
            ("https://www.rfc-editor.org/rfc/rfc5321#a", "https://www.rfc-editor.org/rfc/rfc5321#a"),
            ("https://example.com/?q=192.0.2.1&hl=en", "https://example.com/?q=192.0.2.1&hl=en"),
            ("https://example.com/x?u=3D12=\r\n345&v=3Dabc", "https://example.com/x?u=***&v=***"),
            ("post https://example.com?tokentoken", "post https://example.com?***"),
            ("\"https://example.com/aaaaaaaaaabbbbbbbbbbccccccccdd\"", "\"https://example.com/***\""),
            ("http:// https://", "http:// https://"),
            ("://example.com/12345678", "://example.com/12345678"),
        ] {
            assert_eq!(String::from_utf8(masked(text.as_bytes())).unwrap(), wanted, "{text}");
        }
        assert_eq!(
            masked(b"\xff https://e.example/\xe9\xe9?t=\xe9\xe9\xe9\xe9\xe9\xe9"),
            b"\xff https://e.example/\xe9\xe9?t=***"
        );
    }
}
