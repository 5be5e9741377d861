//! What of a PDF runs without a click, and which scripts are those of a form alone (ISO 32000-1,
//! 12.6.3). Must not judge.

use std::borrow::Cow;

use super::pdf_values::{latin, referred, trim_start};

/// A page or the document has an action for being opened or shown. Those of a form's field run
/// when the reader types.
pub(super) fn on_opening(texts: &[Cow<'_, [u8]>]) -> bool {
    let mut lookups = 0;
    texts.iter().any(|text| {
        memchr::memmem::find_iter(text, b"/AA").any(|at| {
            let rest = text.get(at + 3..).unwrap_or_default();
            if rest.first().is_some_and(u8::is_ascii_alphanumeric) {
                return false;
            }
            let value = trim_start(rest);
            if value.first() == Some(&b'<') {
                return opens(&latin(value));
            }
            lookups += 1;
            // What cannot be looked up is taken for the worse.
            lookups > LOOKUPS || referred(texts, value).is_none_or(|actions| opens(&actions))
        })
    })
}

/// Dictionaries that are looked up where they stand apart; each costs a walk through the file.
const LOOKUPS: usize = 20;

fn opens(actions: &str) -> bool {
    own_keys(actions).iter().any(|key| matches!(*key, "O" | "PO" | "PV" | "WC"))
}

/// The names at the outermost level of a dictionary that stand for keys or values.
fn own_keys(dictionary: &str) -> Vec<&str> {
    let bytes = dictionary.as_bytes();
    let (mut depth, mut text, mut at) = (0usize, 0usize, 0);
    let mut keys = Vec::new();
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if text > 0 => at += 1,
            b'(' => text += 1,
            b')' => text = text.saturating_sub(1),
            _ if text > 0 => {}
            b'<' if bytes.get(at + 1) == Some(&b'<') => {
                depth += 1;
                at += 1;
            }
            b'>' if bytes.get(at + 1) == Some(&b'>') => {
                depth = depth.saturating_sub(1);
                at += 1;
                if depth == 0 {
                    break;
                }
            }
            b'/' if depth == 1 => {
                let rest = &bytes[at + 1..];
                let length = rest.iter().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(rest.len());
                keys.extend(dictionary.get(at + 1..at + 1 + length));
            }
            _ => {}
        }
        at += 1;
    }
    keys
}

/// A script that only calls Acrobat's own functions for forms, as form editors write it: names,
/// numbers and strings, nothing put together and nothing assigned.
pub(super) fn is_form_script(script: &str) -> bool {
    let script = script.trim();
    if !script.starts_with("AF") || script.len() > 1000 {
        return false;
    }
    let mut bare = String::with_capacity(script.len());
    let mut quote = None;
    for c in script.chars() {
        match quote {
            Some(mark) if c == mark => quote = None,
            Some(_) if c == '\\' => return false,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None => bare.push(c),
        }
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || "_(),;.-".contains(c);
    let known = |word: &str| {
        word.starts_with("AF")
            || matches!(word, "" | "new" | "Array" | "true" | "false" | "null")
            || word.bytes().all(|b| b.is_ascii_digit())
    };
    quote.is_none()
        && bare.chars().all(plain)
        && bare.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).all(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_scripts_are_told_from_others() {
        for form in [
            r#"AFSimple_Calculate("SUM", new Array("a","b"));"#,
            "AFNumber_Format(2, 0, 0, 0, \"EUR \", true);",
            "AFDate_FormatEx('dd.mm.yyyy')",
        ] {
            assert!(is_form_script(form), "{form}");
        }
        for other in [
            "AFSimple_Calculate(\"SUM\");app.alert(1)",
            "AFx(1); x = 2",
            "AFx(\"a\\\"); app.alert(1)",
            "app.alert(1)",
            "AFx(\"open)",
            "",
        ] {
            assert!(!is_form_script(other), "{other}");
        }
    }

    #[test]
    fn only_pages_and_documents_open() {
        let of = |text: &str| on_opening(&[Cow::Borrowed(text.as_bytes())]);
        for opening in [
            "<</Type/Page/AA<</O 5 0 R>>>>",
            "<</AA << /PV<</S/JavaScript>> >>>>",
            "<</AA 7 0 R>> 7 0 obj<</O 5 0 R>>endobj",
            "<</AA 8 0 R>> 7 0 obj<</K 5 0 R>>endobj",
        ] {
            assert!(of(opening), "{opening}");
        }
        for field in [
            "<</FT/Tx/AA<</C<</S/JavaScript/JS(a /O b)>>>>>>",
            "<</AA 7 0 R>> 7 0 obj<</K<</O 1>>/F 3 0 R>>endobj",
            "<</AAPL true>>",
        ] {
            assert!(!of(field), "{field}");
        }
    }
}
