//! Merge fields that a template left behind: `{{name}}`, `*|FNAME|*`, `%%first%%`,
//! `${user.name}`, `[FIRSTNAME]`, "Dear null". Finds them; must not judge.

#![expect(clippy::expect_used, reason = "constant patterns, which a test compiles")]

use std::sync::LazyLock;

use regex::Regex;

use crate::parse::text::plain_text;

/// Where a text stands: what is a leftover in a greeting is code in a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Where {
    Header,
    Text,
    Link,
}

/// Names that only a template gives to a value. `${x}` of a shell script is none.
const NAMES: &str = r"(?:first|last|full|given|family|sur|user|nick|customer|client|contact|recipient|subscriber|member|company|organi[sz]ation|product|order|invoice|account)[ _.-]?(?:name|id|number|email|mail|date|total|no)?|f_?name|l_?name|name|e?mail(?:[ _.-]?address)?|vorname|nachname|anrede|pr[eé]nom|nom|nombre|nome|cognome|voornaam|achternaam|unsubscribe(?:[ _.-]?(?:url|link))?|salutation|greeting";

/// The fields found, as they stand, each once, in order.
pub(crate) fn find(text: &str, place: Where) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    if has_field_sign(text) {
        collect(fields(), text, &mut found);
    }
    let is_open = |b: u8| matches!(b, b'[' | b'{' | b'%' | b'#');
    if place != Where::Link && plain_text::position(text.as_bytes(), is_open).is_some() {
        collect(bracketed(), text, &mut found);
    }
    if place == Where::Text {
        greetings(text, &mut found);
    }
    // `{x}` within `{{x}}` is the same field.
    let whole = found.clone();
    found.retain(|field| {
        !whole.iter().any(|other| other.len() > field.len() && other.contains(field.as_str()))
    });
    found
}

/// The longest inside of a field, in characters.
const LONGEST: usize = 100;

fn collect(pattern: &Regex, text: &str, into: &mut Vec<String>) {
    for hit in pattern.find_iter(text).take(50) {
        let hit = hit.as_str().trim();
        if hit.chars().count() <= LONGEST && !into.iter().any(|seen| seen == hit) {
            into.push(hit.to_owned());
        }
    }
}

/// Most texts hold none of the signs that open a field, and need no pattern.
fn has_field_sign(text: &str) -> bool {
    let bytes = text.as_bytes();
    let pair = |at: usize| {
        let second = bytes.get(at + 1).copied();
        match bytes.get(at) {
            Some(b'{') => matches!(second, Some(b'{' | b'%')),
            Some(b'*') => second == Some(b'|'),
            Some(b'$') => second == Some(b'{'),
            Some(b'<') => second == Some(b'%'),
            Some(sign @ (b'%' | b'#' | b'@')) => second == Some(*sign),
            _ => false,
        }
    };
    let is_sign = |b: u8| matches!(b, b'{' | b'*' | b'$' | b'<' | b'%' | b'#' | b'@');
    let mut from = 0;
    while let Some(at) = plain_text::position(&bytes[from..], is_sign) {
        if pair(from + at) {
            return true;
        }
        from += at + 1;
    }
    false
}

/// The classes are kept small and the insides uncounted, because building the automaton
/// costs more than a thousand searches with it.
fn fields() -> &'static Regex {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
        constant(&format!(
            "(?i){}",
            [
                r"\{\{\{?[#/^&!]?[ \t\r\n]*(?-i:[A-Za-z_$\u{80}-\u{10ffff}][^{}\n]*)\}?\}\}",
                r"\*\|[A-Z0-9_:\-]{2,40}\|\*",
                r"%%(?-i:[A-Za-z_\u{80}-\u{10ffff}][A-Za-z0-9_.: \-\u{80}-\u{10ffff}]+)%%",
                &format!(r"\$\{{(?:[A-Za-z0-9_.]+\.)?(?:{NAMES})\}}"),
                r"\{%[ \t]*(?:if|for|else|endif|endfor|set|include|block|assign)(?-u:\b)(?-i:[^%\n]*)%\}",
                r"<%=?[ \t]*[A-Za-z0-9_.@]+(?-i:[^%\n]*)%>",
                "##[A-Z_]{3,30}##",
                "@@[A-Z_]{3,30}@@",
            ]
            .join("|")
        ))
    });
    &PATTERN
}

fn bracketed() -> &'static Regex {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
        constant(&format!(
            r"(?i)\[\[?(?:your |customer |recipient )?(?:{NAMES})\]?\]|\{{(?:{NAMES})\}}|%(?:{NAMES})%|#(?:first|last|full)[ _-]?name#?"
        ))
    });
    &PATTERN
}

fn constant(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern, tested")
}

/// "Dear null,": a greeting in front of nothing. Lines that begin with one are looked at.
fn greetings(text: &str, into: &mut Vec<String>) {
    let begins = |line: &&str| {
        let line = line.trim_start_matches([' ', '\t']);
        let word = line.split([' ', '\t']).next().unwrap_or_default();
        if word.is_ascii() {
            return GREETINGS.iter().any(|known| known.eq_ignore_ascii_case(word));
        }
        word.len() <= 12 && GREETINGS.contains(&word.to_lowercase().as_str())
    };
    for line in text.split('\n').filter(begins) {
        collect(greeting(), line, into);
    }
}

/// First words of the greetings in [`greeting`].
const GREETINGS: &[&str] = &[
    "dear", "hi", "hello", "hey", "hallo", "liebe", "lieber", "liebes", "sehr", "bonjour", "cher", "chère",
    "hola", "estimado", "estimada", "querido", "querida", "ciao", "gentile", "caro", "cara", "beste",
    "geachte", "olá", "prezado", "prezada",
];

fn greeting() -> &'static Regex {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
        constant(
            r"(?im)^[ \t]*(?:dear|hi|hello|hey|hallo|liebe[rs]?|sehr geehrte[rs]?(?: (?:herr|frau))?|bonjour|chère?|hola|estimad[oa]|querid[oa]|ciao|gentile|car[oa]|beste|geachte|olá|prezad[oa])[ \t]+(?:(?:null|undefined|none|nan|n/a|nil|%s|\[object object\]|first ?name|fname)(?-u:\b)[^\n]{0,3}|,[ \t]*$)",
        )
    });
    &PATTERN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leftovers_are_found_and_prose_is_not() {
        let in_text = |text: &str| find(text, Where::Text);
        assert_eq!(in_text("Hi {{first_name|default:x}}!"), ["{{first_name|default:x}}"]);
        assert_eq!(
            in_text("*|LIST:COMPANY|* %%EmailAddr%% [First Name]"),
            ["*|LIST:COMPANY|*", "%%EmailAddr%%", "[First Name]"]
        );
        assert_eq!(in_text("Dear undefined,"), ["Dear undefined,"]);
        assert_eq!(in_text("Hallo ,\nIhre Bestellung"), ["Hallo ,"]);
        assert!(in_text("Dear Nullmeyer, [1] {x} 100% of 50% ${HOME} C# and #1, a [sic] b").is_empty());
        assert_eq!(find("https://example.com/?m=%%id_x%%", Where::Link), ["%%id_x%%"]);
        assert!(find("https://example.com/%20name%20x?[name]", Where::Link).is_empty());
    }
}
