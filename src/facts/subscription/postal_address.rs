//! Whether a text names a place where mail can be sent to: a street with a number, a town with its
//! postcode, an imprint. Judges nothing.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex::Regex;

use crate::parse::text::plain_text;

/// Words beside a house number in addresses of many countries, and imprints.
const WORDS: &[&str] = &[
    "street",
    " st.",
    " st,",
    "road",
    " rd.",
    " rd,",
    "avenue",
    " ave",
    "boulevard",
    " blvd",
    "lane",
    "drive",
    "suite",
    "floor",
    "p.o. box",
    "po box",
    "straße",
    "strasse",
    "str.",
    "platz",
    "allee",
    "weg ",
    "gasse",
    "damm ",
    "ring ",
    "ufer ",
    "chaussee",
    "postfach",
    "rue ",
    "place ",
    "quai ",
    "bp ",
    "cedex",
    "calle ",
    "avenida",
    "plaza",
    "paseo",
    "apartado",
    "piazza",
    "corso ",
    "viale ",
    "straat",
    "laan ",
    "plein",
    "gracht",
    "postbus",
    "rua ",
    "praça",
    "gatan",
    "vägen",
    "gade ",
    "gata ",
    "veien",
    "katu",
    "ulica",
    "ul. ",
    "al. ",
    "utca",
    "улица",
    "ул.",
    "丁目",
    "番地",
    "区",
    "市",
];

/// Words that need no number beside them.
const IMPRINTS: &[&str] =
    &["imprint", "impressum", "mentions légales", "aviso legal", "note legali", "colofon"];

/// No word above has more bytes.
const LONGEST: usize = 32;

/// True where a number stands beside a street word, or an imprint is named.
pub(crate) fn has_address(text: &str) -> bool {
    static STREETS: LazyLock<Option<AhoCorasick>> =
        LazyLock::new(|| AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(WORDS).ok());
    // So few words are found many bytes at a time, if leftmost ones are asked for.
    static IMPRINT: LazyLock<Option<AhoCorasick>> =
        LazyLock::new(|| AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(IMPRINTS).ok());
    let (Some(streets), Some(imprint)) = (STREETS.as_ref(), IMPRINT.as_ref()) else { return false };
    let lower = text.to_lowercase();
    let bytes = lower.as_bytes();
    let is_number = |byte: u8| byte.is_ascii_digit();
    let mut left = 2000;
    let mut end = bytes.len();
    // Addresses stand at the end, so that is where to look first; and only where numbers are.
    while end > 0 {
        let start = end.saturating_sub(BLOCK);
        let around = start.saturating_sub(BEFORE)..(end + LONGEST + AFTER).min(bytes.len());
        if plain_text::position(&bytes[around], is_number).is_some() {
            for word in streets.find_iter(&bytes[start..(end + LONGEST).min(bytes.len())]).take(left) {
                let (first, last) = (start + word.start(), start + word.end());
                let near = first.saturating_sub(BEFORE)..(last + AFTER).min(bytes.len());
                if bytes[near].iter().copied().any(is_number) {
                    return true;
                }
                left -= 1;
            }
        }
        end = start;
    }
    imprint.is_match(bytes) || has_town(text)
}

/// A postcode: `BS30 5RL`, `1621 BX Hoorn`, `H53 X8P2`, or one of digits between a house number and a town
/// (`3, 18055 Rostock`), which no order number is. Streets have more names than a list has words.
fn has_town(text: &str) -> bool {
    static TOWN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let name = r"\p{Lu}[\p{L}'’.-]{2,}";
        Regex::new(&format!(
            r"(?x) (?:^|[\s,;>(|·•–-]) (?:
                [A-Z]{{1,2}}[0-9][0-9A-Z]?\ [0-9][ABD-HJLNP-UW-Z]{{2}}
              | [AC-FHKNPRTV-Y][0-9]{{2}}\ [0-9AC-FHKNPRTV-Y]{{4}}
              | [A-Z][0-9][A-Z]\ [0-9][A-Z][0-9]
              | [0-9]{{4}}\ [A-Z]{{2}}[,\ ]+ {name}
              | [0-9]{{1,4}}[a-z]?[,|·•\s]+ (?:[A-Z]{{1,2}}-)?
                (?: [0-9]{{5}} | [0-9]{{2}}-[0-9]{{3}} | [0-9]{{3}}\ [0-9]{{2}} | (?:1[0-8]|2[1-9]|[3-9][0-9])[0-9]{{2}} )
                \ {name}
              | {name},?\ [A-Z]{{2}}\ [0-9]{{5}}
            ) (?:$|[^\p{{L}}\p{{N}}])"
        ))
        .ok()
    });
    let start = text.len().saturating_sub(FOOTER);
    let foot = text.get(text.ceil_char_boundary(start)..).unwrap_or_default();
    TOWN.as_ref().is_some_and(|town| town.is_match(foot))
}

/// Bytes of the end of a text in which an address is looked for by its postcode.
const FOOTER: usize = 4000;

/// Bytes looked through at a time.
const BLOCK: usize = 1024;

/// How far before and after a street word its number may stand, in bytes.
const BEFORE: usize = 40;
const AFTER: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_known_by_street_or_town() {
        for address in [
            "Example Ltd, 12 High Street, London W1A 1AA",
            "Example Ltd, The Old Dairy, Wick BS30 5RL, United Kingdom",
            "Example GmbH · Am Alten Markt 3 · 18055 Rostock",
            "Example Srl, Località Poggio 12, 53036 Poggibonsi (SI)",
            "Example, Ballymore, Co. Galway H53 X8P2",
            "Example GmbH, Dorf 44, 6870 Bezau",
            "Example BV, Havenkade 8, 1621 BX Hoorn",
            "Example sp. z o.o., Nowa 4, 00-950 Warszawa",
            "Example AB, Box 7, 111 22 Stockholm",
            "Example Inc, 1 Main, Springfield, IL 62701",
            "Example Inc, Harbour 4, Halifax B3H 4R2",
        ] {
            assert!(has_address(&format!("Our offer of May\n{address}\nUnsubscribe")), "{address}");
        }
        for none in [
            "Order 18055 shipped, 12345 items sold. Save 50 % in 2026. Call 030 12345 or visit us.",
            "Since 2019 we sell lamps. In 2026 Berlin will see us again.",
            "Invoice 4711 of May, 99,00 EUR",
            "Item 12345 Lamp, item 12346 Chair. May 5, 2026 Example Shop",
        ] {
            assert!(!has_address(none), "{none}");
        }
    }
}
