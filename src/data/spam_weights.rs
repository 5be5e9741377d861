//! Weights of the spam score: a table fitted by `tests/spam_score/fit` on mail of the public
//! corpora it names. Points by trait and phrase, the bound of each kind of evidence, nothing else.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

/// Points; a message's sum of 50 is the threshold.
#[derive(Debug, Default)]
pub(crate) struct SpamWeights {
    /// What every message starts with.
    pub base: f64,
    /// The most that a kind of evidence adds.
    pub bounds: HashMap<&'static str, f64>,
    pub traits: HashMap<&'static str, f64>,
    /// Worn phrases, folded.
    pub phrases: BTreeMap<&'static str, f64>,
}

/// The table, read once.
pub(crate) fn all() -> &'static SpamWeights {
    static ALL: OnceLock<SpamWeights> = OnceLock::new();
    ALL.get_or_init(|| read(include_str!("spam_weights.tsv")))
}

fn read(table: &'static str) -> SpamWeights {
    let mut weights = SpamWeights::default();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let mut cells = line.split('\t');
        let (Some(kind), Some(name), Some(points)) = (cells.next(), cells.next(), cells.next()) else {
            continue;
        };
        let Ok(points) = points.parse::<f64>() else { continue };
        match kind {
            "base" => weights.base = points,
            "bound" => drop(weights.bounds.insert(name, points)),
            "trait" => drop(weights.traits.insert(name, points)),
            "phrase" => drop(weights.phrases.insert(name, points)),
            _ => {}
        }
    }
    weights
}

#[cfg(test)]
mod tests {
    #[test]
    fn table_is_whole() {
        let table = include_str!("spam_weights.tsv");
        let lines = table.lines().filter(|line| !line.starts_with('#')).count();
        let weights = super::all();
        assert_eq!(lines, 1 + weights.bounds.len() + weights.traits.len() + weights.phrases.len());
        assert!(weights.traits.len() > 20 && weights.bounds.len() == 9);
        // Nothing a sender adds takes points away, and one kind of evidence makes no spam.
        let points = || weights.traits.values().chain(weights.phrases.values());
        assert!(points().all(|points| *points > 0.0));
        assert!(weights.bounds.values().all(|bound| weights.base + bound < 50.0));
        for phrase in weights.phrases.keys() {
            assert!(phrase.contains(' ') && !phrase.contains(['@', '/', '\\']), "{phrase}: phrases only");
        }
    }
}
