//! Weights of the spam score: a table fitted by `tests/spam_score/fit.py` on the
//! development halves of public corpora. Words and traits with points, nothing else.

use std::collections::HashMap;
use std::sync::OnceLock;

/// Points per trait and word; a message's sum of 50 is the threshold.
#[derive(Debug, Default)]
pub(crate) struct SpamWeights {
    /// What every message starts with.
    pub base: f64,
    pub traits: HashMap<&'static str, f64>,
    pub words: HashMap<&'static str, f64>,
    pub subject: HashMap<&'static str, f64>,
}

/// The table, read once. Only looked up by key, so its order does not matter.
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
            "trait" => drop(weights.traits.insert(name, points)),
            "word" => drop(weights.words.insert(name, points)),
            "subject" => drop(weights.subject.insert(name, points)),
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
        assert_eq!(lines, 1 + weights.traits.len() + weights.words.len() + weights.subject.len());
        assert!(weights.words.len() > 200 && weights.traits.len() > 20);
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            assert!(!line.contains(['@', '/', '\\']), "{line}: words only");
        }
    }
}
