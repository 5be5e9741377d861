//! Phrases that filters and readers associate with spam, in seven languages, with
//! weights. Our own lists; finding them in a text is for `facts`.

#![expect(clippy::expect_used, reason = "the catalogue is compiled in, and a test reads it")]

use std::collections::HashSet;
use std::sync::OnceLock;

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

const LISTS: [(&str, &str); 7] = [
    ("en", include_str!("phrases/en.toml")),
    ("de", include_str!("phrases/de.toml")),
    ("fr", include_str!("phrases/fr.toml")),
    ("es", include_str!("phrases/es.toml")),
    ("it", include_str!("phrases/it.toml")),
    ("nl", include_str!("phrases/nl.toml")),
    ("pt", include_str!("phrases/pt.toml")),
];

/// One phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// Lower case, words separated by one space.
    pub text: String,
    /// ISO 639-1.
    pub language: &'static str,
    /// What it advertises or feigns, such as `money` or `urgency`.
    pub topic: String,
    /// 1 weak to 3 strong.
    pub weight: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    topic: Vec<Topic>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Topic {
    name: String,
    strong: Vec<String>,
    medium: Vec<String>,
    weak: Vec<String>,
}

/// The lists, read once.
pub fn all() -> &'static [Phrase] {
    static ALL: OnceLock<Vec<Phrase>> = OnceLock::new();
    ALL.get_or_init(load)
}

fn load() -> Vec<Phrase> {
    let mut list: Vec<Phrase> = Vec::new();
    let mut known = HashSet::new();
    for (language, text) in LISTS {
        let file: File =
            toml::from_str(text).expect("the embedded phrase lists are valid, a test reads them");
        for topic in file.topic {
            for (weight, phrases) in [(3, topic.strong), (2, topic.medium), (1, topic.weak)] {
                for text in phrases {
                    for text in spellings(text, language) {
                        // A word that several languages share counts for the first list.
                        if known.insert(text.clone()) {
                            list.push(Phrase { text, language, topic: topic.name.clone(), weight });
                        }
                    }
                }
            }
        }
    }
    list
}

/// A phrase as people also write it: capitals and old machines lose accents, German
/// ones spell umlauts out.
fn spellings(text: String, language: &str) -> Vec<String> {
    if text.is_ascii() {
        return vec![text];
    }
    let bare: String = match language {
        "de" => text.replace('ä', "ae").replace('ö', "oe").replace('ü', "ue").replace('ß', "ss"),
        _ => text.nfd().filter(|c| !is_combining_mark(*c)).collect(),
    };
    let capitals = text.replace('ß', "ss");
    let mut all = vec![text];
    for other in [bare, capitals] {
        if !all.contains(&other) {
            all.push(other);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_lower_case_and_single_spaced() {
        let phrases = all();
        assert!(phrases.len() > 700, "{}", phrases.len());
        for phrase in phrases {
            let text = &phrase.text;
            assert_eq!(*text, text.to_lowercase());
            assert!(!text.contains("  ") && text.trim() == text && text.chars().count() > 2, "{text:?}");
        }
        for (language, _) in LISTS {
            assert!(phrases.iter().filter(|p| p.language == language).count() >= 60, "{language}");
        }
    }
}
