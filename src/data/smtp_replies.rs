//! The catalogue of SMTP replies as data: `smtp_replies.toml` (wordings of
//! named providers and what to do) and `smtp_phrases.toml` (wordings all MTAs
//! share). Reads the embedded files; decides nothing.

#![expect(clippy::expect_used, reason = "the catalogue is compiled in, and a test reads it")]

use std::sync::{LazyLock, OnceLock};

use regex::{Regex, RegexBuilder};
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::model::enhanced_code::EnhancedCode;

/// The catalogue, read once.
pub(crate) static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::embedded);

/// What [`CATALOGUE`] holds.
#[derive(Debug)]
pub(crate) struct Catalogue {
    pub categories: Vec<Category>,
    pub providers: Vec<Provider>,
    /// In order of precedence within one provider.
    pub patterns: Vec<Pattern>,
    /// In order of precedence.
    pub groups: Vec<Group>,
    actions: std::collections::BTreeMap<String, Action>,
}

/// A kind of refusal: which cause it is and who has to act.
#[derive(Debug, Deserialize)]
pub(crate) struct Category {
    pub name: String,
    /// A name of `triage::cause::Cause`.
    pub cause: String,
    /// `sender`, `recipient`, `receiver`, `network` or `nobody`.
    pub who: String,
}

/// What the helpdesk is to do.
#[derive(Debug, Deserialize)]
pub(crate) struct Action {
    #[serde(rename = "do")]
    pub advice: String,
    /// Postmaster or delisting page (host and path) or mailbox; empty where there is none.
    pub page: String,
}

/// A receiver known by name.
#[derive(Debug, Deserialize)]
pub struct Provider {
    pub tag: String,
    pub name: String,
    /// Suffixes of its MX hosts and mail domains.
    pub mx: Vec<String>,
    /// Lower-case marks by which its replies are known.
    pub text: Vec<String>,
}

/// One wording of one provider.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub id: String,
    /// Index into [`Catalogue::providers`].
    pub provider: usize,
    pub codes: Vec<u16>,
    pub enhanced: Vec<CodeRange>,
    /// Index into [`Catalogue::categories`].
    pub category: usize,
    pub action: String,
    text: String,
    compiled: OnceLock<Option<Regex>>,
}

/// Enhanced codes from one to another of the same class and subject, both included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CodeRange(pub EnhancedCode, pub EnhancedCode);

impl CodeRange {
    pub(crate) fn contains(&self, code: EnhancedCode) -> bool {
        self.0 <= code && code <= self.1
    }
}

/// Wordings of one meaning.
#[derive(Debug, Deserialize)]
pub(crate) struct Group {
    pub id: String,
    pub cause: String,
    pub act: String,
    pub any: Vec<String>,
    /// Tried before the wordings of blocklists.
    #[serde(default)]
    pub first: bool,
    /// Who has to act, where it is not whom the cause says.
    #[serde(default)]
    pub who: String,
    /// Wordings that decide only when nothing better does.
    #[serde(default)]
    pub weak: Vec<String>,
}

impl Pattern {
    /// The regular expression as written.
    pub(crate) fn source_text(&self) -> &str {
        &self.text
    }

    /// True when the wording is in `text`. Compiled at first use.
    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.compiled
            .get_or_init(|| RegexBuilder::new(&self.text).case_insensitive(true).build().ok())
            .as_ref()
            .is_some_and(|regex| regex.is_match(text))
    }
}

#[derive(Deserialize)]
struct RawCatalogue {
    category: Vec<Category>,
    provider: Vec<Provider>,
    pattern: Vec<RawPattern>,
    action: std::collections::BTreeMap<String, Action>,
}

#[derive(Deserialize)]
struct RawPattern {
    id: String,
    prov: String,
    code: Vec<String>,
    esc: Vec<String>,
    re: String,
    cat: String,
    act: String,
}

#[derive(Deserialize)]
struct RawPhrases {
    group: Vec<Group>,
}

impl Catalogue {
    fn embedded() -> Catalogue {
        // Both files are compiled in and covered by the tests below.
        let raw: RawCatalogue = toml::from_str(include_str!("smtp_replies.toml")).expect("smtp_replies.toml");
        let phrases: RawPhrases =
            toml::from_str(include_str!("smtp_phrases.toml")).expect("smtp_phrases.toml");
        let position = |tag: &str| raw.provider.iter().position(|p| p.tag == tag).unwrap_or(usize::MAX);
        let category = |name: &str| raw.category.iter().position(|c| c.name == name).unwrap_or(usize::MAX);
        let patterns = raw
            .pattern
            .iter()
            .map(|p| Pattern {
                id: p.id.clone(),
                provider: position(&p.prov),
                codes: p.code.iter().filter_map(|code| code.parse().ok()).collect(),
                enhanced: p.esc.iter().filter_map(|text| range(text)).collect(),
                category: category(&p.cat),
                action: p.act.clone(),
                text: p.re.clone(),
                compiled: OnceLock::new(),
            })
            .collect();
        Catalogue {
            categories: raw.category,
            providers: raw.provider,
            patterns,
            groups: with_unaccented(phrases.group),
            actions: raw.action,
        }
    }

    /// The advice named `name` in the data.
    pub(crate) fn action(&self, name: &str) -> Option<&Action> {
        self.actions.get(name)
    }

    /// The provider that runs the MX or mail domain `host`: the longest suffix wins.
    pub(crate) fn provider_of_host(&self, host: &str) -> Option<usize> {
        let host = host.trim().trim_end_matches('.').to_ascii_lowercase();
        let mut best: Option<(usize, usize)> = None;
        for (index, provider) in self.providers.iter().enumerate() {
            for suffix in &provider.mx {
                let fits = host
                    .strip_suffix(suffix.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
                if fits && best.is_none_or(|(length, _)| suffix.len() > length) {
                    best = Some((suffix.len(), index));
                }
            }
        }
        best.map(|(_, index)| index)
    }
}

fn range(text: &str) -> Option<CodeRange> {
    match text.split_once('-') {
        Some((from, to)) => Some(CodeRange(EnhancedCode::parse(from)?, EnhancedCode::parse(to)?)),
        None => EnhancedCode::parse(text).map(|code| CodeRange(code, code)),
    }
}

/// Each phrase also as servers without accents write it: "nem letezik", "boite pleine".
fn with_unaccented(mut groups: Vec<Group>) -> Vec<Group> {
    let mut known: std::collections::BTreeSet<String> =
        groups.iter().flat_map(|group| group.any.iter().chain(&group.weak)).cloned().collect();
    for group in &mut groups {
        for phrases in [&mut group.any, &mut group.weak] {
            let plain: Vec<String> = phrases.iter().filter_map(|phrase| unaccented(phrase)).collect();
            phrases.extend(plain.into_iter().filter(|phrase| known.insert(phrase.clone())));
        }
    }
    groups
}

/// Latin letters without their marks; `None` where there is none, where the phrase is
/// in another script, or where it is one word: "kota" and "okand" are words elsewhere.
fn unaccented(phrase: &str) -> Option<String> {
    const LATIN: std::ops::RangeInclusive<char> = '\u{c0}'..='\u{24f}';
    if phrase.is_ascii()
        || !phrase.contains(' ')
        || phrase.chars().any(|c| !c.is_ascii() && !LATIN.contains(&c))
    {
        return None;
    }
    let mut out = String::with_capacity(phrase.len());
    for c in phrase.nfd().filter(|c| !is_combining_mark(*c)) {
        match c {
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'ø' => out.push('o'),
            'ł' => out.push('l'),
            'đ' => out.push('d'),
            'ı' => out.push('i'),
            c => out.push(c),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_data_is_complete_and_consistent() {
        let c = &*CATALOGUE;
        assert!(c.patterns.len() >= 455, "{} patterns", c.patterns.len());
        assert!(c.providers.len() >= 54, "{} providers", c.providers.len());
        assert!(c.actions.len() >= 127, "{} actions", c.actions.len());
        let mut ids = BTreeSet::new();
        for p in &c.patterns {
            assert!(ids.insert(&p.id), "{} twice", p.id);
            assert!(p.provider < c.providers.len(), "{}: provider", p.id);
            assert!(p.category < c.categories.len(), "{}: category", p.id);
            assert!(c.action(&p.action).is_some(), "{}: action {}", p.id, p.action);
            assert!(
                RegexBuilder::new(&p.text).case_insensitive(true).build().is_ok(),
                "{}: {}",
                p.id,
                p.text
            );
        }
        let mut phrases = BTreeSet::new();
        for g in &c.groups {
            assert!(c.action(&g.act).is_some(), "{}: action {}", g.id, g.act);
            for phrase in g.any.iter().chain(&g.weak) {
                assert!(phrases.insert(phrase), "{}: {phrase} twice", g.id);
                assert_eq!(phrase.to_lowercase(), *phrase, "{}: lower case", g.id);
                assert_eq!(
                    phrase.split_whitespace().collect::<Vec<_>>().join(" "),
                    *phrase,
                    "{}: spaces",
                    g.id
                );
            }
        }
    }

    #[test]
    fn a_host_belongs_to_the_provider_of_its_longest_suffix() {
        let name = |host| CATALOGUE.provider_of_host(host).map(|i| CATALOGUE.providers[i].tag.as_str());
        assert_eq!(name("example-com.mail.protection.outlook.com."), Some("ms_365"));
        assert_eq!(name("hotmail-com.olc.protection.outlook.com"), Some("ms_consumer"));
        assert_eq!(name("GMAIL-SMTP-IN.L.GOOGLE.COM"), Some("google"));
        assert_eq!(name("notgoogle.com"), None);
    }

    #[test]
    fn a_phrase_is_known_without_its_accents_too() {
        assert_eq!(unaccented("nem létezik").as_deref(), Some("nem letezik"));
        assert_eq!(unaccented("skrzynka jest pełna").as_deref(), Some("skrzynka jest pelna"));
        assert_eq!(unaccented("ящик переполнен"), None);
        assert_eq!(unaccented("mailbox full"), None);
        assert_eq!(unaccented("überfüllt"), None);
        assert_eq!(unaccented("kvóta"), None);
        let full = CATALOGUE.groups.iter().find(|group| group.id == "mailbox-full").unwrap();
        assert!(full.any.iter().any(|phrase| phrase == "skrzynka jest pelna"), "{:?}", full.any.last());
    }
}
