//! Words made of other characters than they show: look-alike letters, ornamental alphabets,
//! invisible characters, digits for letters. Must not judge.

use super::words::{is_invisible, phrases_in};
use crate::parse::message::{Html, Tag};
use crate::parse::text::plain_text;
use crate::parse::web::lookalike::{fold, is_ornamental};

/// A word whose letters come from scripts that are not written together, or digits and
/// signs among letters that read as a listed word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Disguised {
    /// The word as the message has it.
    pub shown: String,
    /// What it reads as.
    pub reads: String,
}

/// Look-alike words (UTS 39): mixed scripts whose skeleton is plain Latin, and digits
/// for letters in strong single-word phrases (`v1agra`).
pub(crate) fn disguised_words(text: &str) -> Vec<Disguised> {
    let mut found: Vec<Disguised> = Vec::new();
    for token in suspect_tokens(text).flat_map(|token| token.split(char::is_whitespace)).take(60_000) {
        if token.len() > 120 || found.len() >= 20 || is_plain_word(token) {
            continue;
        }
        let word = token.trim_matches(|c: char| !c.is_alphanumeric() && !is_invisible(c));
        let reads = if word.is_ascii() { leet(word) } else { mixed_script(word) };
        if let Some(reads) = reads
            && !found.iter().any(|seen| seen.shown == word)
        {
            found.push(Disguised { shown: word.to_owned(), reads });
        }
    }
    found
}

/// Elements that have Latin letters shown from right to left, so that the source reads backwards.
pub(crate) fn reversed(html: &Html) -> impl Iterator<Item = &Tag> {
    html.tags.iter().filter(|tag| is_overriding(tag) && has_latin_word(html.text_of(tag)))
}

fn is_overriding(tag: &Tag) -> bool {
    let leftwards = |value: &str| value.trim().eq_ignore_ascii_case("rtl");
    if tag.name == "bdo" {
        return tag.attribute("dir").is_some_and(leftwards);
    }
    let (mut overrides, mut rtl) = (false, tag.attribute("dir").is_some_and(leftwards));
    for (property, value) in tag.declarations() {
        overrides |= property == "unicode-bidi" && matches!(&*value, "bidi-override" | "isolate-override");
        rtl |= property == "direction" && value == "rtl";
    }
    overrides && rtl
}

/// The sign that turns what follows, before Latin letters; Hebrew and Arabic need none.
pub(crate) fn is_turned(text: &str) -> bool {
    text.match_indices('\u{202e}').take(50).any(|(at, _)| {
        let rest = text.get(at..).unwrap_or_default();
        let line = rest.split(['\n', '\u{202c}']).next().unwrap_or_default();
        has_latin_word(line.get(..line.floor_char_boundary(200)).unwrap_or_default())
    })
}

/// Four ASCII letters in a row.
fn has_latin_word(text: &str) -> bool {
    text.as_bytes().windows(4).take(4000).any(|four| four.iter().all(u8::is_ascii_alphabetic))
}

/// Stretches between ASCII blanks that hold a sign which stands for a letter, or a
/// character beyond ASCII: few of a text's.
fn suspect_tokens(text: &str) -> impl Iterator<Item = &str> {
    let bytes = text.as_bytes();
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = &bytes[from..];
        let at = plain_text::position(rest, |byte| !byte.is_ascii() | is_leet_sign(byte))?;
        let start = from + rest[..at].iter().rposition(is_blank).map_or(0, |blank| blank + 1);
        from += rest[at..].iter().position(is_blank).map_or(rest.len(), |blank| at + blank);
        Some(&text[start..from])
    })
}

/// Neither signs that stand for letters nor letters of two scripts: nearly every word.
fn is_plain_word(token: &str) -> bool {
    if token.is_ascii() {
        return !token.bytes().any(is_leet_sign);
    }
    // Latin letters with accents, quotation marks and dashes.
    token.chars().all(|c| c.is_ascii() || matches!(c, '\u{c0}'..='\u{24f}' | '\u{2010}'..='\u{2027}'))
}

fn is_leet_sign(byte: u8) -> bool {
    matches!(byte, b'0' | b'1' | b'3' | b'4' | b'5' | b'@' | b'$' | b'!' | b'|')
}

fn mixed_script(word: &str) -> Option<String> {
    use unicode_security::MixedScript;
    if word.chars().filter(|c| c.is_alphabetic()).count() < 4 {
        return None;
    }
    let plain: String = word.chars().filter(|c| !is_invisible(*c)).collect();
    // Direction marks stand at the edge of a Latin word in Hebrew and Arabic, joiners within
    // words of Persian and India; between two plain Latin letters neither has work to do.
    if splits(word) && plain.chars().all(|c| c.is_ascii_alphabetic()) && plain.len() > 3 {
        return Some(plain);
    }
    let ornamental = plain.chars().filter(|c| is_ornamental(*c)).count();
    if ornamental >= 4 && ornamental * 2 > plain.chars().count() {
        return Some(fold(&plain));
    }
    // Parts joined by hyphen or slash may each have a script of their own.
    if plain.split(|c: char| !c.is_alphanumeric()).all(|part| part.is_single_script()) {
        return None;
    }
    let skeleton: String = unicode_security::skeleton(&plain).collect();
    let latin = skeleton.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '\'' | '.'));
    let has_latin = plain.chars().any(|c| c.is_ascii_alphabetic());
    (latin && has_latin).then_some(skeleton)
}

/// Something unseen stands between two letters: a soft hyphen and one joiner are typography.
fn splits(word: &str) -> bool {
    let chars: Vec<char> = word.chars().collect();
    let (mut certain, mut joiners) = (false, 0);
    for (at, c) in chars.iter().enumerate().filter(|(_, c)| is_invisible(**c)) {
        let before = chars[..at].iter().rev().find(|c| !is_invisible(**c));
        let after = chars[at..].iter().find(|c| !is_invisible(**c));
        let amid =
            before.is_some_and(char::is_ascii_alphabetic) && after.is_some_and(char::is_ascii_alphabetic);
        match c {
            _ if !amid => {}
            '\u{ad}' => {}
            '\u{200c}' | '\u{200d}' => joiners += 1,
            _ => certain = true,
        }
    }
    certain || joiners >= 2
}

fn leet(word: &str) -> Option<String> {
    let has_letter = word.bytes().any(|b| b.is_ascii_alphabetic());
    let has_sign = word.bytes().any(is_leet_sign);
    if !has_letter || !has_sign || word.len() < 5 {
        return None;
    }
    let read: String = word
        .to_ascii_lowercase()
        .chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | '!' | '|' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            c => c,
        })
        .collect();
    let listed = phrases_in(&read).iter().any(|(phrase, _)| phrase.weight == 3 && phrase.text == read);
    listed.then_some(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disguised_words_are_read() {
        assert_eq!(disguised_words("v1agra")[0].reads, "viagra");
        assert_eq!(disguised_words("p\u{430}ypal")[0].reads, "paypal");
        assert_eq!(disguised_words("vi\u{200b}agra")[0].reads, "viagra");
        assert_eq!(
            disguised_words("\u{1d400}\u{1d41c}\u{1d41c}\u{1d428}\u{1d42e}\u{1d427}\u{1d42d}")[0].reads,
            "account"
        );
        assert_eq!(disguised_words("\u{280}\u{1d07}\u{1d20}\u{26a}\u{1d07}\u{1d21}")[0].reads, "review");
        assert!(
            disguised_words(
                "\u{200f}Excel\u{200f} \u{200e}(Excel)\u{200e} Auf\u{200c}lage ﻿Hello Silben\u{ad}trennung"
            )
            .is_empty()
        );
        assert!(
            disguised_words("Größe naïve Москва 東京tower 3G 401k m3nu COVID-19 don\u{2019}t").is_empty()
        );
    }

    #[test]
    fn turned_letters_are_seen() {
        assert!(is_turned("your \u{202e}drowssap"));
        for text in ["\u{202e}שלום", "\u{202e}abc", "\u{202e}א\u{202c} password", "password"] {
            assert!(!is_turned(text), "{text}");
        }
    }
}
