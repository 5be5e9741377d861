//! A record as people paste it: the bare text, `dig`'s answer, a line of a zone
//! file, with quotes, several strings, parentheses, a leading owner and type.

use crate::model::Name;

/// The strings of the one TXT record in a pasted text. A text without quotes is one
/// string; quotes that open at the start, or after an owner and `TXT`, divide strings.
pub(crate) fn strings(text: &str) -> Vec<Vec<u8>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(";;"));
    let joined = lines.collect::<Vec<_>>().join(" ");
    let body = after_type(&joined);
    let body = body.trim();
    let body = match body.strip_prefix('(') {
        Some(inner) => inner.trim_end().trim_end_matches(')').trim(),
        None => body,
    };
    if !body.starts_with('"') {
        return cut(body.as_bytes().to_vec());
    }
    quoted(body).unwrap_or_else(|| cut(body.as_bytes().to_vec()))
}

/// The owner in front of `[TTL] [IN] TXT`, where the line writes it whole, with its final dot: a
/// shorter one depends on an origin that the line does not tell.
pub(crate) fn owner(text: &str) -> Option<Name> {
    let mut lines = text.lines().map(str::trim);
    let line = lines.find(|line| !line.is_empty() && !line.starts_with(";;"))?;
    let mut words = line.split_whitespace();
    let owner =
        words.next()?.strip_suffix('.').filter(|owner| !owner.is_empty() && !owner.contains(['"', '=']))?;
    // A time to live and a class at most stand between.
    let is_text = words.take(3).any(|word| {
        let word = word.split('"').next().unwrap_or_default();
        word.eq_ignore_ascii_case("txt") || word.eq_ignore_ascii_case("spf")
    });
    is_text.then(|| Name::parse(owner).ok()).flatten()
}

/// What stands after `[OWNER] [TTL] [IN] TXT`; the whole where no such head is there.
fn after_type(text: &str) -> &str {
    let lower = text.to_ascii_lowercase();
    let head = lower.find(['"', '=']).map_or(lower.as_str(), |at| &lower[..at]);
    for marker in [" txt ", " spf ", "\ttxt ", "\ttxt\t", " txt\t"] {
        if let Some(at) = head.rfind(marker) {
            return &text[at + marker.len()..];
        }
    }
    for marker in ["txt ", "txt\t"] {
        if lower.starts_with(marker) {
            return &text[marker.len()..];
        }
    }
    match head.ends_with(" txt") && lower[head.len()..].starts_with('"') {
        true => &text[head.len()..],
        false => text,
    }
}

/// Quoted strings one after another, with the escapes of a zone file; `None` where
/// something else stands between them.
fn quoted(text: &str) -> Option<Vec<Vec<u8>>> {
    let mut strings = Vec::new();
    let mut current: Option<Vec<u8>> = None;
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match (&mut current, byte) {
            (None, b'"') => current = Some(Vec::new()),
            (None, b' ' | b'\t' | b'(' | b')') => {}
            (None, b';') => break,
            (None, _) => return None,
            (Some(_), b'"') => strings.extend(current.take()),
            (Some(string), b'\\') => {
                let mut digits = Vec::new();
                while digits.len() < 3 && bytes.peek().is_some_and(u8::is_ascii_digit) {
                    digits.extend(bytes.next());
                }
                match std::str::from_utf8(&digits).ok().filter(|d| d.len() == 3).and_then(|d| d.parse().ok())
                {
                    Some(value) => string.push(value),
                    None if digits.is_empty() => string.extend(bytes.next()),
                    None => string.extend(digits),
                }
            }
            (Some(string), byte) => string.push(byte),
        }
    }
    (current.is_none() && !strings.is_empty()).then_some(strings)
}

/// Strings of at most 255 octets, as a server would hold the text.
fn cut(bytes: Vec<u8>) -> Vec<Vec<u8>> {
    if bytes.is_empty() { vec![Vec::new()] } else { bytes.chunks(255).map(<[u8]>::to_vec).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_of_a_paste() {
        for text in [
            "v=spf1 mx -all",
            "\"v=spf1 mx -all\"",
            "\"v=spf1 mx\" \" -all\"",
            "example.com. 3600 IN TXT \"v=spf1 mx -all\"",
            "example.com.\t\t300\tIN\tTXT\t\"v=spf1 mx -all\"",
            "@ IN TXT ( \"v=spf1 mx\"\n   \" -all\" )",
            "TXT \"v=spf1 mx -all\"",
            "@ TXT v=spf1 mx -all",
            ";; ANSWER SECTION:\nexample.com. 3600 IN TXT \"v=spf1 mx -all\"",
            "  v=spf1 mx -all\n",
            "example.com. TXT \"v=spf1 mx \\-all\"",
        ] {
            assert_eq!(String::from_utf8(strings(text).concat()).unwrap(), "v=spf1 mx -all", "{text:?}");
        }
        assert_eq!(strings("\"v=DMARC1\\; p=none\"").concat(), b"v=DMARC1; p=none");
        assert_eq!(strings("\"a\" \"b\""), vec![b"a".to_vec(), b"b".to_vec()]);
        assert_eq!(strings("v=spf1 \"mx\" -all").concat(), b"v=spf1 \"mx\" -all");
        assert_eq!(strings(""), vec![Vec::<u8>::new()]);
    }

    #[test]
    fn the_owner_of_a_paste() {
        for (text, wanted) in [
            ("_dmarc.example.com. 3600 IN TXT \"v=DMARC1; p=none\"", Some("_dmarc.example.com")),
            (
                ";; ANSWER SECTION:\n_dmarc.example.com.\t300\tIN\tTXT\t\"v=DMARC1\"",
                Some("_dmarc.example.com"),
            ),
            ("Example.COM. TXT \"v=spf1 -all\"", Some("example.com")),
            ("example.com. TXT\"v=spf1 -all\"", Some("example.com")),
            ("_dmarc IN TXT \"v=DMARC1; p=none\"", None),
            ("@ TXT \"v=spf1 -all\"", None),
            ("v=spf1 include:a.example. txt -all", None),
            ("\"v=spf1 mx\" \" -all\"", None),
            ("example.com. 300 IN MX 10 mx.example.com.", None),
            ("", None),
            (". IN TXT \"x\"", None),
        ] {
            assert_eq!(owner(text).as_ref().map(Name::as_str), wanted, "{text:?}");
        }
    }
}
