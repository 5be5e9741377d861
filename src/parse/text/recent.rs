//! What was worked out of the last few texts. A page gives a handful of styles to all its
//! elements and a handful of hosts to all its links.

use std::borrow::Borrow;

/// The last texts with what came of them.
pub(crate) struct Recent<K, V> {
    kept: Vec<(K, V)>,
    next: usize,
}

/// Comparing so many lengths takes less than working anything out.
const MOST: usize = 8;

impl<K: Borrow<str>, V> Recent<K, V> {
    /// What came of a text, worked out where it is none of the last.
    pub(crate) fn get<'t>(&mut self, text: &'t str, make: impl FnOnce(&'t str) -> V) -> &V
    where
        K: From<&'t str>,
    {
        let at = self.kept.iter().position(|(known, _)| known.borrow() == text).unwrap_or_else(|| {
            let made = (K::from(text), make(text));
            let at = self.next;
            match self.kept.get_mut(at) {
                Some(slot) => *slot = made,
                None => self.kept.push(made),
            }
            self.next = (at + 1) % MOST;
            at
        });
        &self.kept[at].1
    }
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Recent<K, V> {
        Recent { kept: Vec::new(), next: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_are_known_and_the_others_made_anew() {
        let mut recent: Recent<&str, usize> = Recent::default();
        let texts: Vec<String> = (0..20).map(|n| "x".repeat(n)).collect();
        for (n, text) in texts.iter().enumerate() {
            assert_eq!(*recent.get(text, str::len), n);
            assert_eq!(*recent.get(text, |_| panic!("it is known")), n);
        }
        for text in &texts[20 - MOST..] {
            recent.get(text, |_| panic!("it is known"));
        }
        assert_eq!(*recent.get("x", |_| 99), 99);
        assert_eq!(*recent.get(&texts[12], |_| 98), 98);
    }
}
