//! What words and codes of a reply weigh for each cause (`smtp_words.tsv`): a
//! table fitted by `tests/reply_words/fit.py`. Reads the embedded file; judges nothing.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The table: causes in its own order, and the weights of each feature.
#[derive(Debug, Default)]
pub(crate) struct Words {
    /// Names of `triage::cause::Cause`.
    pub(crate) causes: Vec<&'static str>,
    /// `3:120 7:-45`: index of the cause and hundredths. Read where a reply has the feature.
    weights: HashMap<&'static str, &'static str>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words::default();
    for line in include_str!("smtp_words.tsv").lines().filter(|line| !line.starts_with('#')) {
        match line.split_once('\t') {
            Some(("causes", names)) => words.causes = names.split('\t').collect(),
            Some((feature, weights)) => drop(words.weights.insert(feature, weights)),
            None => {}
        }
    }
    words
});

/// The table, read once.
pub(crate) fn all() -> &'static Words {
    &WORDS
}

impl Words {
    /// The weights of a feature, as index of the cause and weight.
    pub(crate) fn of(&self, feature: &str) -> impl Iterator<Item = (usize, f32)> {
        let weights = self.weights.get(feature).copied().unwrap_or_default();
        weights.split(' ').filter_map(|one| {
            let (cause, weight) = one.split_once(':')?;
            Some((cause.parse().ok()?, weight.parse::<f32>().ok()? / 100.0))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let words = all();
        assert!(words.causes.len() > 30 && words.weights.len() > 5_000, "{}", words.weights.len());
        for (feature, weights) in &words.weights {
            let read: Vec<(usize, f32)> = words.of(feature).collect();
            assert_eq!(read.len(), weights.split(' ').count(), "{feature}");
            assert!(read.iter().all(|(cause, _)| *cause < words.causes.len()), "{feature}");
        }
        assert_eq!(words.of("w:qwertzuiop").count(), 0);
    }
}
