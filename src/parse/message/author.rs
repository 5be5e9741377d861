//! The author addresses in a From field, found even in fields that break
//! RFC 5322, because receivers must find some domain to judge by (RFC 9989
//! section 4.6). Decodes no names; only the addresses matter.

use crate::model::Name;

/// The mailboxes of a From field, in order, as written.
pub fn addresses(field: &str) -> Vec<String> {
    split(&without_comments(field)).iter().filter_map(|part| address(part)).collect()
}

/// The domains of those mailboxes, each once, in order. IDN becomes A-labels.
pub fn domains(field: &str) -> Vec<Name> {
    let mut found = Vec::new();
    for address in addresses(field) {
        let Some((_, domain)) = address.rsplit_once('@') else { continue };
        let domain = domain.trim_matches('.');
        let name = Name::parse(domain).unwrap_or_else(|_| Name::lenient(domain));
        if !name.is_root() && !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

/// Comments are dropped, quoted strings become nothing unless they are a local part.
fn without_comments(field: &str) -> String {
    let mut out = String::with_capacity(field.len());
    let mut depth = 0usize;
    let mut quoted: Option<String> = None;
    let mut chars = field.chars().peekable();
    while let Some(c) = chars.next() {
        if let Some(text) = &mut quoted {
            match c {
                '\\' => text.extend(chars.next()),
                '"' => {
                    // `"john doe"@example.com`: the quotes hold a local part.
                    if chars.peek() == Some(&'@') {
                        out.push_str(&text.replace([',', '<', '>', '@', ';', ':', ' '], "_"));
                    } else {
                        out.push(' ');
                    }
                    quoted = None;
                }
                _ => text.push(c),
            }
        } else if depth > 0 {
            match c {
                '\\' => {
                    chars.next();
                }
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
        } else {
            match c {
                '(' => depth = 1,
                '"' => quoted = Some(String::new()),
                _ => out.push(c),
            }
        }
    }
    // An unclosed quote hides nothing.
    out.push_str(&quoted.unwrap_or_default());
    out
}

/// At commas outside angle brackets, and at the ends of groups.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut angle) = (Vec::new(), 0, 0usize);
    for (at, c) in text.char_indices() {
        match c {
            '<' => angle += 1,
            '>' => angle = angle.saturating_sub(1),
            ',' | ';' if angle == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// What stands in angle brackets, else the last word with an `@`.
fn address(part: &str) -> Option<String> {
    let inner = part.rsplit('<').find(|piece| piece.contains('@') && part.contains('<'));
    let text = inner.map(|piece| piece.split('>').next().unwrap_or(piece)).unwrap_or(part);
    let word = text.split_whitespace().rfind(|word| word.contains('@')).unwrap_or(text).trim();
    let word = word.rsplit(':').next().unwrap_or(word).trim_matches(['<', '>', '.', ' ']);
    let (local, domain) = word.rsplit_once('@')?;
    (!local.is_empty() && !domain.is_empty()).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found() {
        for (field, wanted) in [
            ("Ann <ann@a.example>", "a.example"),
            ("ann@a.example (b@b.example)", "a.example"),
            ("\"x, y <b@b.example>\" <ann@a.example>", "a.example"),
            ("\"ann lee\"@a.example", "a.example"),
            ("Team: ann@a.example;", "a.example"),
            ("<@relay.example:ann@a.example>", "a.example"),
            ("ann@BÜCHER.example", "xn--bcher-kva.example"),
        ] {
            let found = domains(field);
            assert_eq!(found.first().map(Name::as_str), Some(wanted), "{field}: {found:?}");
        }
        assert_eq!(domains("a@x.example, b@x.example, c@y.example").len(), 2);
        assert!(domains("nobody").is_empty() && domains("").is_empty() && domains("@").is_empty());
    }
}
