//! The motives a message appeals to, by its words. Counts phrases; it judges nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::data::lures::{LURES, Motive};
use crate::facts::message::MessageFacts;
use crate::parse::text::phrase_index::{End, PhraseIndex};
use crate::parse::web::lookalike::fold;

/// Motives with the phrases that show them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bait {
    /// In the subject and the sender's name.
    pub in_front: BTreeMap<Motive, BTreeSet<&'static str>>,
    /// In the visible text.
    pub in_text: BTreeMap<Motive, BTreeSet<&'static str>>,
}

static PHRASES: LazyLock<Vec<(Motive, &'static str)>> = LazyLock::new(|| {
    LURES.iter().flat_map(|(motive, phrases)| phrases.iter().map(|p| (*motive, *p))).collect()
});
/// The phrases in ASCII. A stem such as "password expir" may go on; a short word may not.
static INDEX: LazyLock<PhraseIndex> = LazyLock::new(|| {
    let ascii = PHRASES.iter().map(|(_, phrase)| if phrase.is_ascii() { *phrase } else { "" });
    PhraseIndex::new(
        ascii.map(|phrase| (phrase.to_owned(), if phrase.len() > 7 { End::Open } else { End::Whole })),
    )
});
/// Those in other letters, some of which are written without blanks.
static OTHERS: LazyLock<Vec<(Motive, &'static str)>> =
    LazyLock::new(|| PHRASES.iter().filter(|(_, phrase)| !phrase.is_ascii()).copied().collect());
static OTHERS_FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let phrases = OTHERS.iter().map(|(_, phrase)| phrase);
    AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(phrases).ok()
});

impl Bait {
    pub(crate) fn read(message: &MessageFacts, sender_name: &str) -> Bait {
        let front = format!("{} . {}", message.subject().unwrap_or_default(), sender_name);
        Bait { in_front: motives(&front), in_text: in_plain(&message.plain_visible()) }
    }

    /// Distinct phrases of a motive, in front and in the text.
    pub(crate) fn count(&self, motive: Motive) -> usize {
        self.phrases(motive).len()
    }

    pub(crate) fn phrases(&self, motive: Motive) -> BTreeSet<&'static str> {
        let of =
            |map: &BTreeMap<Motive, BTreeSet<&'static str>>| map.get(&motive).cloned().unwrap_or_default();
        of(&self.in_front).union(&of(&self.in_text)).copied().collect()
    }

    /// The motive with most phrases among those asked for.
    pub(crate) fn strongest(&self, among: &[Motive]) -> Option<(Motive, usize)> {
        among
            .iter()
            .map(|motive| (*motive, self.count(*motive)))
            .filter(|(_, n)| *n > 0)
            .max_by_key(|(_, n)| *n)
    }
}

pub(in crate::facts) fn motives(text: &str) -> BTreeMap<Motive, BTreeSet<&'static str>> {
    in_plain(&fold(text))
}

/// Of a text that is folded already.
fn in_plain(text: &str) -> BTreeMap<Motive, BTreeSet<&'static str>> {
    let mut found: BTreeMap<Motive, BTreeSet<&'static str>> = BTreeMap::new();
    let mut note = |hit: Option<&(Motive, &'static str)>| {
        if let Some((motive, phrase)) = hit {
            found.entry(*motive).or_default().insert(*phrase);
        }
    };
    INDEX.find(text).for_each(|at| note(PHRASES.get(at)));
    if !text.is_ascii()
        && let Some(finder) = OTHERS_FINDER.as_ref()
    {
        finder.find_iter(text).for_each(|hit| note(OTHERS.get(hit.pattern().as_usize())));
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
                assert!(
                    motives(phrase).values().any(|found| !found.is_empty()),
                    "{phrase:?} would not be found"
                );
            }
        }
    }
}
