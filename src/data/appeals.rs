//! What unasked mail says to be obeyed, answered or bought: phrases by family, in the languages it
//! comes in. Our own lists; finding them in a text is for `facts`.

#![expect(clippy::expect_used, reason = "the catalogue is compiled in, and a test reads it")]

use std::sync::OnceLock;

use serde::Deserialize;

/// One family of appeals.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Family {
    pub name: String,
    /// In a few words, for a finding.
    pub label: String,
    /// A crime whoever sends it; the others are sales talk.
    pub fraud: bool,
    /// Phrases that hardly stand in wanted mail.
    strong: Vec<String>,
    /// Those of them that only the reader's own house says.
    #[serde(default)]
    pub inside: Vec<String>,
    /// Phrases that weigh beside others.
    weak: Vec<String>,
    /// Beginnings of words that make the crime where they stand close together: ` & ` between what
    /// all must be there, `|` between what may stand for each other.
    #[serde(default)]
    pub together: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    family: Vec<Family>,
}

impl Family {
    /// Each phrase with its weight.
    pub(crate) fn phrases(&self) -> impl Iterator<Item = (&str, u32)> {
        let strong = self.strong.iter().chain(&self.inside);
        strong.map(|p| (p.as_str(), 3)).chain(self.weak.iter().map(|p| (p.as_str(), 1)))
    }
}

/// The families, read once.
pub(crate) fn all() -> &'static [Family] {
    static ALL: OnceLock<Vec<Family>> = OnceLock::new();
    ALL.get_or_init(|| {
        let file: File = toml::from_str(include_str!("appeals.toml"))
            .expect("the embedded lists are valid, a test reads them");
        file.family
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_lower_case_and_stand_once() {
        assert!(all().len() >= 18);
        for family in all() {
            let mut seen = std::collections::BTreeSet::new();
            for (phrase, _) in family.phrases() {
                assert_eq!(phrase, phrase.to_lowercase());
                assert!(
                    phrase.trim() == phrase && !phrase.contains("  ") && phrase.chars().count() > 1,
                    "{phrase:?}"
                );
                assert!(phrase.starts_with(char::is_alphanumeric), "{phrase:?}");
                assert!(seen.insert(phrase), "{}: {phrase:?} stands twice", family.name);
            }
        }
    }
}
