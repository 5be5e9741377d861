//! Characters that look like others or like nothing: what word processors, web
//! forms and zone files leave in a record.

use super::LONGEST;

/// The strings of a record in plain characters, with the repairs named.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plain {
    /// At the seams of the TXT record, and of quoted strings inside it.
    pub strings: Vec<String>,
    pub repairs: Vec<String>,
}

impl Plain {
    pub(crate) fn joined(&self) -> String {
        self.strings.concat()
    }
}

/// Reads the strings of a TXT record: UTF-8, else ISO 8859-1 as some providers store it.
pub(crate) fn plain(strings: &[Vec<u8>]) -> Plain {
    let mut out = Plain::default();
    let each: Option<Vec<String>> =
        strings.iter().map(|bytes| String::from_utf8(bytes.clone()).ok()).collect();
    let texts = each.unwrap_or_else(|| {
        let all = strings.concat();
        vec![
            String::from_utf8(all)
                .unwrap_or_else(|error| error.into_bytes().iter().map(|byte| char::from(*byte)).collect()),
        ]
    });
    let mut left = LONGEST;
    for text in texts {
        let text: String = text.chars().take(left).collect();
        left -= text.len().min(left);
        let clean = mapped(&text, &mut out.repairs);
        let clean = unescaped(&clean, &mut out.repairs);
        out.strings.extend(unquoted(&clean, &mut out.repairs));
    }
    out
}

fn note(repairs: &mut Vec<String>, text: String) {
    if !repairs.contains(&text) {
        repairs.push(text);
    }
}

fn mapped(text: &str, repairs: &mut Vec<String>) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let code = u32::from(c);
        match c {
            ' '..='~' => out.push(c),
            '\t'
            | '\r'
            | '\n'
            | '\u{a0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200a}'
            | '\u{202f}'
            | '\u{205f}'
            | '\u{3000}'
            | '\u{85}'
            | '\u{2028}'
            | '\u{2029}' => {
                note(repairs, format!("U+{code:04X} in place of a space"));
                out.push(' ');
            }
            '\u{ad}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{feff}'
            | '\0'..='\u{1f}'
            | '\u{7f}' => {
                note(repairs, format!("the invisible character U+{code:04X}"));
            }
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => {
                note(repairs, format!("U+{code:04X} in place of a hyphen"));
                out.push('-');
            }
            '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}' | '\u{2032}' | '\u{2033}' | '\u{b4}' => {
                note(repairs, format!("the typographic quotation mark U+{code:04X}"));
                out.push('"');
            }
            '\u{ff01}'..='\u{ff5e}' => {
                note(repairs, format!("the wide character U+{code:04X}"));
                out.extend(char::from_u32(code - 0xfee0));
            }
            '\u{2c6}' | '\u{2dc}' | '\u{223c}' => {
                note(repairs, format!("U+{code:04X} in place of a tilde"));
                out.push('~');
            }
            other => out.push(other),
        }
    }
    out
}

/// Escapes of a zone file that were published as text: `\;`, `\"`, `\032`, also escaped once more. No
/// record of mail means a backslash, so none is kept, and what was read is not read otherwise again.
fn unescaped(text: &str, repairs: &mut Vec<String>) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = rest[at..].trim_start_matches('\\');
        let digits = rest.get(..3).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
        match digits.and_then(|digits| digits.parse::<u8>().ok()) {
            Some(b'\\') => rest = &rest[3..],
            Some(value @ 0x20..=0x7e) => {
                out.push(char::from(value));
                rest = &rest[3..];
            }
            _ => {
                if let Some(next) = rest.chars().next() {
                    out.push(next);
                    rest = &rest[next.len_utf8()..];
                }
            }
        }
    }
    out.push_str(rest);
    note(repairs, "the backslashes of a zone file".to_owned());
    out
}

/// Quotation marks that were published as text; several quoted strings are told apart.
fn unquoted(text: &str, repairs: &mut Vec<String>) -> Vec<String> {
    let has_single = text.starts_with('\'') && text.trim_end().ends_with('\'') && text.len() > 1;
    if !text.contains('"') && !has_single {
        return vec![text.to_owned()];
    }
    note(repairs, "quotation marks inside the record".to_owned());
    let text = if has_single { text.trim_end().trim_matches('\'') } else { text };
    let pieces: Vec<&str> = text.split('"').collect();
    let starts_quoted = text.trim_start().starts_with('"');
    if !starts_quoted {
        return vec![pieces.concat()];
    }
    // Between two quoted strings stands white space only, which is no part of the record.
    let strings: Vec<String> =
        pieces.iter().filter(|piece| !piece.trim().is_empty()).map(|piece| (*piece).to_owned()).collect();
    if strings.is_empty() { vec![String::new()] } else { strings }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (Vec<String>, usize) {
        let plain = plain(&[text.as_bytes().to_vec()]);
        (plain.strings, plain.repairs.len())
    }

    #[test]
    fn plain_text_stays() {
        assert_eq!(of("v=spf1 mx -all"), (vec!["v=spf1 mx -all".to_owned()], 0));
    }

    #[test]
    fn characters_become_what_they_look_like() {
        for (text, wanted) in [
            ("\u{feff}v=spf1", "v=spf1"),
            ("a\u{a0}b", "a b"),
            ("\u{2013}all", "-all"),
            ("\u{201c}v=spf1\u{201d}", "v=spf1"),
            ("p\u{ff1d}none", "p=none"),
            ("a\\; b\\034", "a; b"),
            ("\"a\" \"b\"", "ab"),
            ("v=DMARC1\\; p=none", "v=DMARC1; p=none"),
            ("v=DMARC1\\\\; p=none", "v=DMARC1; p=none"),
            ("a\\092; b\\\\034c\\", "a; bc"),
        ] {
            let plain = plain(&[text.as_bytes().to_vec()]);
            assert_eq!(plain.joined(), wanted, "{text:?}");
            assert!(!plain.repairs.is_empty(), "{text:?}");
        }
        assert_eq!(plain(&[vec![b'a', 0xa0, b'b']]).joined(), "a b");
    }
}
