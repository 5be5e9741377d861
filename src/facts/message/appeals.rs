//! What the message says to be obeyed, answered or bought, by family. Counts phrases; it judges
//! nothing.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::conjunction::{self, Together};
use crate::data::appeals::{self, Family};
use crate::parse::message::Message;
use crate::parse::text::phrase_index::{End, PhraseIndex};
use crate::parse::web::lookalike::fold;

/// The families that speak, with their phrases.
#[derive(Clone, Debug, Default)]
pub(crate) struct Appeals {
    found: BTreeMap<&'static str, Appeal>,
}

/// One family in one message.
#[derive(Clone, Debug)]
pub(crate) struct Appeal {
    pub(crate) family: &'static Family,
    /// Each phrase once: as listed, its weight, and whether it stands in the subject or name.
    pub(crate) phrases: BTreeMap<&'static str, (u32, bool)>,
    /// Of those that are several words which stand together, the words that were seen.
    together: BTreeMap<&'static str, String>,
}

impl Appeal {
    fn of(family: &'static Family) -> Appeal {
        Appeal { family, phrases: BTreeMap::new(), together: BTreeMap::new() }
    }

    pub(crate) fn weight(&self) -> u32 {
        self.phrases.values().map(|(weight, _)| weight).sum()
    }

    pub(crate) fn is_in_front(&self) -> bool {
        self.phrases.values().any(|(weight, front)| *front && *weight > 1)
    }

    /// One of its phrases is several words that stand together, and says it all.
    pub(crate) fn is_whole(&self) -> bool {
        !self.together.is_empty()
    }

    /// A crime that no firm has an honest letter like.
    pub(crate) fn is_beyond_words(&self) -> bool {
        let name = self.family.name.as_str();
        let crime = matches!(name, "sextortion" | "gift-cards" | "mule" | "courtship" | "fortune");
        // Three of their sentences, or one that says it all.
        let told = self.is_whole() || self.weight() >= 9;
        self.weight() >= 6 && (crime || (told && matches!(name, "wire" | "payroll" | "callback")))
    }

    /// The heaviest phrases, as they are listed.
    pub(crate) fn shown(&self, most: usize) -> String {
        let mut phrases: Vec<(&str, u32)> =
            self.phrases.iter().map(|(p, (weight, _))| (*p, *weight)).collect();
        phrases.sort_by_key(|(phrase, weight)| (std::cmp::Reverse(*weight), *phrase));
        let seen = |phrase: &&str| self.together.get(*phrase).map_or((*phrase).to_owned(), Clone::clone);
        let shown = phrases.iter().take(most).map(|(phrase, _)| format!("\"{}\"", seen(phrase)));
        shown.collect::<Vec<_>>().join(", ")
    }
}

/// What words weigh that make a crime by standing together.
const TOGETHER: u32 = 6;

/// From the very domain it is to: there such things are asked and done every day, and who feigns
/// the domain fails its DMARC.
fn is_among_colleagues(message: &Message) -> bool {
    let to = message.addresses("To").and_then(|list| list.first()?.domain());
    to.is_some() && to == message.from_domain()
}

struct Entry {
    family: &'static Family,
    phrase: &'static str,
    weight: u32,
    /// As the text is looked through.
    folded: String,
}

/// Every phrase, in each spelling.
static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let mut entries: Vec<Entry> = Vec::new();
    for family in appeals::all() {
        for (phrase, weight) in family.phrases() {
            for folded in spellings(phrase) {
                entries.push(Entry { family, phrase, weight, folded });
            }
        }
    }
    entries
});

/// Folded, and with umlauts spelt out, as old machines and careless senders do.
fn spellings(phrase: &str) -> Vec<String> {
    let plain = fold(phrase);
    let spelt = phrase.replace('ä', "ae").replace('ö', "oe").replace('ü', "ue").replace('ß', "ss");
    let spelt = fold(&spelt);
    if spelt == plain { vec![plain] } else { vec![plain, spelt] }
}

static INDEX: LazyLock<PhraseIndex> = LazyLock::new(|| {
    PhraseIndex::new(ENTRIES.iter().map(|entry| {
        let text = if entry.folded.is_ascii() { entry.folded.clone() } else { String::new() };
        let end = if text.len() > 7 { End::Open } else { End::Whole };
        (text, end)
    }))
});

/// Those in other letters, some of which are written without blanks.
static OTHERS: LazyLock<Option<(AhoCorasick, Vec<usize>)>> = LazyLock::new(|| {
    let places: Vec<usize> = (0..ENTRIES.len()).filter(|at| !ENTRIES[*at].folded.is_ascii()).collect();
    let phrases = places.iter().map(|at| ENTRIES[*at].folded.as_str());
    let finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(phrases).ok()?;
    Some((finder, places))
});

/// Builds the lists.
pub(super) fn make_ready() {
    INDEX.find("").for_each(drop);
    LazyLock::force(&OTHERS);
    conjunction::make_ready();
}

impl Appeals {
    /// `own` is what the sender wrote, folded.
    pub(super) fn read(message: &Message, own: &str) -> Appeals {
        let from = message.from();
        let name = from.as_ref().and_then(|list| list.first()).and_then(|mailbox| mailbox.name.clone());
        let front = format!("{} . {}", message.subject().unwrap_or_default(), name.unwrap_or_default());
        let mut appeals = Appeals::default();
        appeals.look(&fold(&front), true);
        appeals.look(own, false);
        if !is_among_colleagues(message) {
            appeals.join(own);
        }
        appeals
    }

    fn look(&mut self, text: &str, front: bool) {
        let mut note = |at: usize| {
            let Some(entry) = ENTRIES.get(at) else { return };
            let appeal = self.found.entry(&entry.family.name).or_insert_with(|| Appeal::of(entry.family));
            let seen = appeal.phrases.entry(entry.phrase).or_insert((entry.weight, front));
            seen.1 |= front;
        };
        INDEX.find(text).for_each(&mut note);
        if !text.is_ascii()
            && let Some((finder, places)) = OTHERS.as_ref()
        {
            for hit in finder.find_iter(text) {
                places.get(hit.pattern().as_usize()).copied().into_iter().for_each(&mut note);
            }
        }
    }

    /// Words that make the crime by standing together.
    fn join(&mut self, own: &str) {
        for Together { family, rule, seen } in conjunction::found(own) {
            let appeal = self.found.entry(&family.name).or_insert_with(|| Appeal::of(family));
            appeal.phrases.entry(rule).or_insert((TOGETHER, false));
            appeal.together.insert(rule, seen);
        }
    }

    /// Every family that speaks, by name.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Appeal> {
        self.found.values()
    }

    /// The heaviest crime.
    pub(crate) fn worst_fraud(&self) -> Option<&Appeal> {
        self.all().filter(|appeal| appeal.family.fraud).max_by_key(|appeal| appeal.weight())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn families(text: &str) -> Vec<&'static str> {
        let mut appeals = Appeals::default();
        appeals.look(&fold(text), false);
        appeals.found.keys().copied().collect()
    }

    #[test]
    fn families_are_found_in_any_dress() {
        assert_eq!(families("Fehlender Zollgebuehr wegen"), ["parcel"]);
        assert_eq!(families("I hacked your device"), ["sextortion"]);
        assert!(families("Ihr Kredit wurde genehmigt, ohne Schufa").contains(&"loan"));
        assert!(families("アカウントが停止されました").contains(&"mailbox"));
        assert!(families("Please find the offer for the pump attached, valid until May.").is_empty());
    }

    #[test]
    fn every_phrase_is_found() {
        for entry in ENTRIES.iter() {
            assert!(!families(&entry.folded).is_empty(), "{:?} would not be found", entry.folded);
        }
    }
}
