//! Mail addresses in running text.

/// Longest address taken for one: local part 64, domain 255 (RFC 5321 section 4.5.3.1), and some.
const LONGEST: usize = 330;

/// The first address in `text` and its byte range, brackets not included.
pub(super) fn find(text: &str) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(at) = memchr::memchr(b'@', bytes.get(from..)?).map(|i| i + from) {
        let left = bytes.get(at.saturating_sub(LONGEST)..at)?;
        let length = left.iter().rev().take_while(|b| is_local(**b)).count();
        let right = bytes.get(at + 1..)?.iter().take(LONGEST).take_while(|b| is_domain(**b)).count();
        let mut start = at - length;
        let mut end = at + 1 + right;
        while bytes.get(end - 1).is_some_and(|b| matches!(b, b'.' | b'-' | b'_')) && end > at + 1 {
            end -= 1;
        }
        // `'a@example.net'` and `mailto:` and `=a@...` are quoting, not names.
        while start < at && matches!(bytes.get(start), Some(b'\'' | b'=' | b'*' | b'`' | b'|' | b'/' | b'{'))
        {
            start += 1;
        }
        if bytes.get(at + 1) == Some(&b'[') {
            let close = bytes.get(at..)?.iter().take(60).position(|b| *b == b']');
            if let Some(close) = close {
                end = at + close + 1;
            }
        }
        if start < at && end > at + 1 && text.is_char_boundary(start) && text.is_char_boundary(end) {
            return Some((start, end));
        }
        from = at + 1;
    }
    None
}

pub(super) fn first(text: &str) -> Option<String> {
    find(text).and_then(|(start, end)| text.get(start..end)).map(str::to_owned)
}

pub(super) fn all(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((start, end)) = find(rest) {
        if found.len() >= crate::parse::bounce::dsn::MOST_RECIPIENTS {
            break;
        }
        found.extend(rest.get(start..end).map(str::to_owned));
        rest = rest.get(end..).unwrap_or_default();
    }
    found
}

/// The addresses of a field that lists them, each whole or as written.
pub(super) fn listed(field: &str) -> Vec<String> {
    let pieces = field.split([',', ' ', '\t']).filter(|piece| piece.contains('@'));
    pieces.filter_map(super::dsn::mailbox).take(super::dsn::MOST_RECIPIENTS).collect()
}

fn is_local(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b >= 0x80 || b"!#$%&'*+-/=?^_`{|}~.".contains(&b)
}

fn is_domain(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b >= 0x80 || matches!(b, b'.' | b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_addresses_in_text() {
        assert_eq!(
            all("<a@example.net>: b.c+d@example.org. 'e@x' @ f@"),
            ["a@example.net", "b.c+d@example.org", "e@x"]
        );
        assert_eq!(first("to mailto:ü@example.net"), Some("ü@example.net".into()));
        assert_eq!(first("root@[192.0.2.1]: no"), Some("root@[192.0.2.1]".into()));
    }

    #[test]
    fn lists_whole_addresses() {
        assert_eq!(
            listed("a@example.net,\t<b@example.net> c@example.org"),
            ["a@example.net", "b@example.net", "c@example.org"]
        );
        assert_eq!(listed("a;b@example.net"), ["a;b@example.net"]);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(@|\\.|<|a|é|\\[|\\]|'| ){0,40}") {
            all(&text);
        }
    }
}
