//! Words that make a crime where they stand close together: a camera, a film, a coin and the friends
//! who shall see it. Finds them; it judges nothing.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::data::appeals::{self, Family};
use crate::parse::web::lookalike::fold;

/// Bytes of a folded text within which all must stand: a few sentences.
const NEAR: usize = 400;

struct Rule {
    family: &'static Family,
    text: &'static str,
    members: usize,
}

struct Stem {
    rule: usize,
    member: usize,
    word: &'static str,
}

/// A rule whose words stand together.
pub(super) struct Together {
    pub family: &'static Family,
    /// As listed.
    pub rule: &'static str,
    /// The beginnings of words that were seen.
    pub seen: String,
}

struct Finder {
    rules: Vec<Rule>,
    /// For each pattern what it is a stem of.
    stems: Vec<Vec<Stem>>,
    search: AhoCorasick,
}

static FINDER: LazyLock<Option<Finder>> = LazyLock::new(|| {
    let mut rules: Vec<Rule> = Vec::new();
    let mut patterns: Vec<String> = Vec::new();
    let mut stems: Vec<Vec<Stem>> = Vec::new();
    for family in appeals::all() {
        for text in &family.together {
            let members = text.split(" & ");
            for (member, words) in members.clone().enumerate() {
                for word in words.split('|') {
                    let folded = fold(word);
                    let at = patterns.iter().position(|known| *known == folded).unwrap_or_else(|| {
                        patterns.push(folded);
                        stems.push(Vec::new());
                        patterns.len() - 1
                    });
                    stems[at].push(Stem { rule: rules.len(), member, word });
                }
            }
            rules.push(Rule { family, text, members: members.count() });
        }
    }
    let search = AhoCorasick::new(&patterns).ok()?;
    Some(Finder { rules, stems, search })
});

/// Builds the list.
pub(super) fn make_ready() {
    LazyLock::force(&FINDER);
}

/// The rules whose words stand together in a folded text, each once.
pub(super) fn found(text: &str) -> Vec<Together> {
    let Some(finder) = FINDER.as_ref() else { return Vec::new() };
    // One past the place where each member was last seen, and its word; 0 for never.
    let mut last: Vec<Vec<(usize, &str)>> =
        finder.rules.iter().map(|rule| vec![(0, ""); rule.members]).collect();
    let mut met: Vec<Option<String>> = vec![None; finder.rules.len()];
    for hit in finder.search.find_overlapping_iter(text) {
        // A stem begins a word.
        let before = text.get(..hit.start()).and_then(|before| before.chars().next_back());
        if before.is_some_and(char::is_alphanumeric) {
            continue;
        }
        for Stem { rule, member, word } in finder.stems.get(hit.pattern().as_usize()).into_iter().flatten() {
            let (places, place) = (&mut last[*rule], hit.start() + 1);
            places[*member] = (place, *word);
            let earliest = places.iter().map(|(at, _)| *at).min().unwrap_or_default();
            if met[*rule].is_none() && earliest > 0 && place - earliest <= NEAR {
                met[*rule] = Some(places.iter().map(|(_, word)| *word).collect::<Vec<_>>().join(" ... "));
            }
        }
    }
    let of = |(rule, seen): (&Rule, Option<String>)| {
        Some(Together { family: rule.family, rule: rule.text, seen: seen? })
    };
    finder.rules.iter().zip(met).filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn families(text: &str) -> Vec<&'static str> {
        found(&fold(text)).into_iter().map(|found| found.family.name.as_str()).collect()
    }

    #[test]
    fn words_of_a_crime_are_found_together() {
        for (text, family) in [
            (
                "Mit Ihrer Kamera habe ich Sie gefilmt. Zahlen Sie in Bitcoin, sonst sehen es alle Freunde.",
                "sextortion",
            ),
            ("Kun je vijf cadeaukaarten kopen? Kras de code open. Ik zit in een vergadering.", "gift-cards"),
            ("Ich habe ein neues Konto; mein Gehalt soll ab sofort dorthin überwiesen werden.", "payroll"),
            (
                "Il faut un virement aujourd'hui, c'est confidentiel, pour une acquisition à l'étranger.",
                "wire",
            ),
            ("Our bank account is under audit; make all outstanding payments to our new account.", "wire"),
        ] {
            assert_eq!(families(text), [family], "{text}");
        }
    }

    #[test]
    fn apart_or_in_part_they_are_nothing() {
        let apart = format!("webcam recorded {} bitcoin friends", "word ".repeat(100));
        for text in [
            apart.as_str(),
            "We have received your new bank details for the salary of November.",
            "Everyone gets a gift card of 50 dollars. Pick yours up at the desk. No codes by mail.",
            "Please make the transfer of 4,210 EUR today, the order is approved.",
            "",
        ] {
            assert!(families(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn every_rule_is_whole() {
        for family in appeals::all() {
            for rule in &family.together {
                assert!(rule.split(" & ").count() >= 4, "{rule}");
                assert!(rule.split(['&', '|']).all(|word| word.trim().chars().count() > 0), "{rule}");
                assert_eq!(*rule, rule.to_lowercase());
            }
        }
    }
}
