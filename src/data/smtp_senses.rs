//! Meanings put together from words (`smtp_senses.toml`), for sentences that
//! stand in no list of wordings. Reads the embedded file; finds the words.

#![expect(clippy::expect_used, reason = "the catalogue is compiled in, and a test reads it")]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use serde::Deserialize;

/// Farthest apart the words of one sense stand, in bytes.
const NEAR: usize = 120;

/// Most places of one set of words that are looked at.
const MOST_PLACES: usize = 24;

/// One meaning.
#[derive(Debug, Deserialize)]
pub(crate) struct Sense {
    pub id: String,
    /// A name of `triage::cause::Cause`.
    pub cause: String,
    /// An entry of `[action]` in `smtp_replies.toml`.
    pub act: String,
    /// Names of sets, each of which must have a word in the text.
    all: Vec<String>,
    /// Words that speak against it, anywhere in the text.
    #[serde(default)]
    none: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    words: BTreeMap<String, Vec<String>>,
    sense: Vec<Sense>,
}

struct Index {
    senses: Vec<(Sense, Vec<usize>)>,
    sets: usize,
    stems: AhoCorasick,
    /// The set of each stem.
    owners: Vec<usize>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    // Compiled in and covered by the test below.
    let file: File = toml::from_str(include_str!("smtp_senses.toml")).expect("smtp_senses.toml");
    let names: Vec<&String> = file.words.keys().collect();
    let mut stems = Vec::new();
    let mut owners = Vec::new();
    for (set, words) in file.words.values().enumerate() {
        stems.extend(words);
        owners.extend(words.iter().map(|_| set));
    }
    let set_of = |name: &String| names.binary_search(&name).unwrap_or(usize::MAX);
    let senses = file.sense.into_iter().map(|sense| {
        let sets = sense.all.iter().map(set_of).collect();
        (sense, sets)
    });
    Index {
        senses: senses.collect(),
        sets: file.words.len(),
        stems: AhoCorasick::new(&stems).expect("the stems of smtp_senses.toml"),
        owners,
    }
});

/// The first sense that holds in `text`, lower case.
pub(crate) fn find(text: &str) -> Option<&'static Sense> {
    let index = &*INDEX;
    let mut places: Vec<Vec<usize>> = vec![Vec::new(); index.sets];
    for hit in index.stems.find_overlapping_iter(text) {
        let set = index.owners.get(hit.pattern().as_usize()).and_then(|set| places.get_mut(*set));
        if let Some(places) = set.filter(|places| places.len() < MOST_PLACES && begins(text, hit.start())) {
            places.push(hit.start());
        }
    }
    let near = |sets: &[usize]| {
        let Some((first, rest)) = sets.split_first() else { return false };
        let of = |set: &usize| places.get(*set).map(Vec::as_slice).unwrap_or_default();
        of(first)
            .iter()
            .any(|at| rest.iter().all(|set| of(set).iter().any(|other| at.abs_diff(*other) <= NEAR)))
    };
    let found = index
        .senses
        .iter()
        .find(|(sense, sets)| near(sets) && !sense.none.iter().any(|word| text.contains(word.as_str())));
    found.map(|(sense, _)| sense)
}

/// True at the start of a word; scripts without spaces begin anywhere.
fn begins(text: &str, at: usize) -> bool {
    let first = text.get(at..).and_then(|rest| rest.chars().next());
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    first.is_none_or(|c| c as u32 >= 0x3000 || !c.is_alphanumeric())
        || before.is_none_or(|c| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::smtp_replies::CATALOGUE;

    #[test]
    fn every_sense_is_whole() {
        for (sense, sets) in &INDEX.senses {
            assert!(CATALOGUE.action(&sense.act).is_some(), "{}: action {}", sense.id, sense.act);
            assert!(!sets.is_empty() && sets.iter().all(|set| *set < INDEX.sets), "{}: a set", sense.id);
        }
    }

    #[test]
    fn words_far_apart_make_no_sense() {
        let id = |text: &str| find(text).map(|sense| sense.id.as_str());
        assert_eq!(id("das postfach des empfängers ist voll"), Some("full"));
        assert_eq!(id(&format!("postfach {} voll", "x ".repeat(100))), None);
        assert_eq!(id("qwertz"), None);
    }
}
