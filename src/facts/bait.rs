//! The motives a message appeals to, by its words. Counts phrases; it judges nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::data::lures::{LURES, Motive};
use crate::facts::message::MessageFacts;
use crate::parse::lookalike::fold;

/// Motives with the phrases that show them.
#[derive(Clone, Debug, Default)]
pub struct Bait {
    /// In the subject and the sender's name.
    pub in_front: BTreeMap<Motive, BTreeSet<&'static str>>,
    /// In the visible text.
    pub in_text: BTreeMap<Motive, BTreeSet<&'static str>>,
}

/// Characters of text looked at.
const MOST_TEXT: usize = 20_000;

static PHRASES: LazyLock<Vec<(Motive, &'static str)>> = LazyLock::new(|| {
    LURES.iter().flat_map(|(motive, phrases)| phrases.iter().map(|p| (*motive, *p))).collect()
});
static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let phrases = PHRASES.iter().map(|(_, phrase)| phrase);
    AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(phrases).ok()
});

impl Bait {
    pub fn read(message: &MessageFacts, sender_name: &str) -> Bait {
        let front = format!("{} . {}", message.subject().unwrap_or_default(), sender_name);
        let text = message.visible_text();
        let end = text.char_indices().nth(MOST_TEXT).map_or(text.len(), |(at, _)| at);
        Bait { in_front: motives(&front), in_text: motives(text.get(..end).unwrap_or_default()) }
    }

    /// Distinct phrases of a motive, in front and in the text.
    pub fn count(&self, motive: Motive) -> usize {
        self.phrases(motive).len()
    }

    pub fn phrases(&self, motive: Motive) -> BTreeSet<&'static str> {
        let of =
            |map: &BTreeMap<Motive, BTreeSet<&'static str>>| map.get(&motive).cloned().unwrap_or_default();
        of(&self.in_front).union(&of(&self.in_text)).copied().collect()
    }

    /// The motive with most phrases among those asked for.
    pub fn strongest(&self, among: &[Motive]) -> Option<(Motive, usize)> {
        among
            .iter()
            .map(|motive| (*motive, self.count(*motive)))
            .filter(|(_, n)| *n > 0)
            .max_by_key(|(_, n)| *n)
    }
}

fn motives(text: &str) -> BTreeMap<Motive, BTreeSet<&'static str>> {
    let text = fold(text);
    let mut found: BTreeMap<Motive, BTreeSet<&'static str>> = BTreeMap::new();
    let Some(finder) = FINDER.as_ref() else { return found };
    for hit in finder.find_iter(&text) {
        let Some((motive, phrase)) = PHRASES.get(hit.pattern().as_usize()) else { continue };
        let before = text.get(..hit.start()).and_then(|head| head.chars().next_back());
        let after = text.get(hit.end()..).and_then(|tail| tail.chars().next());
        // A stem such as "password expir" may go on; a whole short word may not.
        let starts = !before.is_some_and(char::is_alphanumeric);
        let ends = phrase.len() > 7 || !after.is_some_and(char::is_alphanumeric);
        if !phrase.is_ascii() || (starts && ends) {
            found.entry(*motive).or_default().insert(phrase);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_found_in_any_dress() {
        let found = motives("𝐘𝐨𝐮 𝐡𝐚𝐯𝐞 𝐰𝐨𝐧! Bestätigen Sie Ihre Daten");
        assert!(found.contains_key(&Motive::Prize) && found.contains_key(&Motive::Account), "{found:?}");
        assert!(motives("The subtotal of Essex is fixed").is_empty());
    }

    #[test]
    fn the_list_is_folded() {
        for (_, phrases) in LURES {
            for phrase in *phrases {
                assert_eq!(*phrase, fold(phrase), "write it as it is looked for");
            }
        }
    }
}
