//! Texts of which each counts once: words of a message, names of a page's tags. Both repeat
//! a few of them over and over.

use foldhash::{HashSet, HashSetExt as _};

/// A set with those seen last in front of it: telling a repeated text costs a comparison.
pub(crate) struct Distinct<'t> {
    all: HashSet<&'t str>,
    /// By length and first letters; whatever came last.
    last: [&'t str; SLOTS],
}

/// Few enough for a processor's cache.
const SLOTS: usize = 128;

impl<'t> Distinct<'t> {
    pub(crate) fn with_capacity(capacity: usize) -> Distinct<'t> {
        Distinct { all: HashSet::with_capacity(capacity), last: [""; SLOTS] }
    }

    /// True where the text is new; an empty one is never counted.
    #[inline]
    pub(crate) fn insert(&mut self, text: &'t str) -> bool {
        let slot = &mut self.last[slot(text.as_bytes())];
        if *slot == text {
            return false;
        }
        *slot = text;
        self.all.insert(text)
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// How many of these texts are in the other set too.
    pub(crate) fn common(&self, other: &Distinct<'_>) -> usize {
        let (few, many) = if self.len() <= other.len() { (self, other) } else { (other, self) };
        few.all.iter().filter(|text| many.all.contains(*text)).count()
    }

    /// All of them, in order.
    pub(crate) fn sorted(self) -> Vec<&'t str> {
        let mut all: Vec<&str> = self.all.into_iter().collect();
        all.sort_unstable();
        all
    }
}

#[inline]
fn slot(text: &[u8]) -> usize {
    let [first, second, last] = match text {
        [first, second, .., last] => [*first, *second, *last],
        [first, last] => [*first, 0, *last],
        [only] => [*only, 0, 0],
        [] => [0; 3],
    };
    let mixed = usize::from(first) ^ usize::from(second) << 2 ^ usize::from(last) << 3 ^ text.len() << 4;
    mixed % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_counts_once() {
        let text = "a b abc ab abd a abc tbc b é";
        let mut seen = Distinct::with_capacity(0);
        let new: Vec<&str> = text.split(' ').filter(|word| seen.insert(word)).collect();
        assert_eq!(new, ["a", "b", "abc", "ab", "abd", "tbc", "é"]);
        assert!(!seen.insert(""));
        let mut other = Distinct::with_capacity(4);
        assert!(other.len() == 0);
        assert!(other.insert("abc") && other.insert("é") && other.insert("z"));
        assert_eq!((seen.common(&other), other.common(&seen)), (2, 2));
        assert_eq!((seen.len(), seen.sorted()), (7, vec!["a", "ab", "abc", "abd", "b", "tbc", "é"]));
    }
}
