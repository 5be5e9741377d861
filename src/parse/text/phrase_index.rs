//! Listed phrases found by the word they begin with. An automaton over a thousand phrases
//! takes longer to build than a letter to read, and longer to run.

use foldhash::HashMap;

use crate::parse::text::plain_text;

/// Where the last word of a phrase must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Where the phrase ends.
    Whole,
    /// Anywhere: `password expir` stands for `password expired` too.
    Open,
}

/// Phrases with a letter or digit in front, all folded as the text is.
pub(crate) struct PhraseIndex {
    phrases: Vec<(String, End)>,
    /// By the whole first word; the longest phrase first.
    by_word: HashMap<String, Vec<usize>>,
    /// Open phrases of one word, by its first letters.
    by_stem: HashMap<[u8; STEM], Vec<usize>>,
    /// What phrases of one word begin with: a word that fails here is none.
    alone: Bits,
    /// What first words and the letters behind them begin with.
    openers: Bits,
    /// The same of `by_stem`.
    stems: Bits,
}

/// Bytes of an open phrase of one word that are looked up; it has no fewer.
const STEM: usize = 8;

impl PhraseIndex {
    /// Phrases are told by their place. One that begins with neither letter nor digit, or an
    /// open one of a single word under eight bytes, is found nowhere: a list's own test says so.
    pub(crate) fn new(phrases: impl IntoIterator<Item = (String, End)>) -> PhraseIndex {
        let mut index = PhraseIndex {
            phrases: phrases.into_iter().collect(),
            by_word: HashMap::default(),
            by_stem: HashMap::default(),
            alone: Bits::default(),
            openers: Bits::default(),
            stems: Bits::default(),
        };
        for (at, (phrase, end)) in index.phrases.iter().enumerate() {
            let Some(word) = first_word(phrase) else { continue };
            match phrase.as_bytes().first_chunk::<STEM>() {
                Some(stem) if *end == End::Open && word.len() == phrase.len() => {
                    index.by_stem.entry(*stem).or_default().push(at);
                    index.stems.set(mixed(u64::from_le_bytes(*stem)));
                }
                _ => {
                    index.by_word.entry(word.to_owned()).or_default().push(at);
                    let opener = opener(phrase.as_bytes(), word.len());
                    match opener_and_behind(phrase.as_bytes(), word.len(), opener) {
                        Some(opener) => index.openers.set(mixed(opener)),
                        None => index.alone.set(mixed(opener)),
                    }
                }
            }
        }
        for places in index.by_word.values_mut().chain(index.by_stem.values_mut()) {
            places.sort_by_key(|at| std::cmp::Reverse(index.phrases[*at].0.len()));
        }
        index
    }

    /// Places of the phrases that stand in a text, from a word's beginning, in order; the
    /// longest where several begin, and then what follows it.
    pub(crate) fn find<'i>(&'i self, text: &'i str) -> impl Iterator<Item = usize> + 'i {
        let mut from = 0;
        std::iter::from_fn(move || {
            while let Some((start, end)) = next_word(text, from) {
                from = end;
                if let Some(at) = self.at(&text[start..], end - start) {
                    from = word_end(text, start + self.phrases[at].0.len());
                    return Some(at);
                }
            }
            None
        })
    }

    /// The longest phrase a text begins with; its first word has `word` bytes.
    #[inline]
    fn at(&self, text: &str, word: usize) -> Option<usize> {
        let bytes = text.as_bytes();
        let stem = if word >= STEM { bytes.first_chunk() } else { None };
        let stem = stem.filter(|stem| self.stems.has(mixed(u64::from_le_bytes(**stem))));
        let opener = opener(bytes, word);
        let may_be_whole = self.alone.has(mixed(opener))
            || opener_and_behind(bytes, word, opener).is_some_and(|opener| self.openers.has(mixed(opener)));
        // Nearly every word.
        if !may_be_whole && stem.is_none() {
            return None;
        }
        let whole = may_be_whole.then(|| self.by_word.get(&text[..word])).flatten();
        self.longest(whole, text, word).or_else(|| self.longest(self.by_stem.get(stem?), text, word))
    }

    /// The first of these phrases that a text begins with, whose first word has `word` bytes.
    fn longest(&self, places: Option<&Vec<usize>>, text: &str, word: usize) -> Option<usize> {
        // A common word begins many phrases; the letter behind the blank excludes most of them.
        let next = text.as_bytes().get(word + 1);
        let begins = |at: &usize| {
            let (phrase, end) = &self.phrases[*at];
            if phrase.len() > word + 1 && phrase.as_bytes().get(word + 1) != next {
                return None;
            }
            let after = text.strip_prefix(phrase.as_str())?;
            (*end == End::Open || !after.starts_with(char::is_alphanumeric)).then_some(*at)
        };
        places?.iter().find_map(begins)
    }
}

/// A set of numbers under [`OPENERS`].
struct Bits(Box<[u64; OPENERS / 64]>);

impl Bits {
    fn set(&mut self, number: usize) {
        self.0[number / 64] |= 1 << (number % 64);
    }

    #[inline]
    fn has(&self, number: usize) -> bool {
        self.0[number / 64] >> (number % 64) & 1 == 1
    }
}

impl Default for Bits {
    fn default() -> Bits {
        Bits(Box::new([0; OPENERS / 64]))
    }
}

/// Bytes behind a first word that are looked at: the blank and two letters.
const BEHIND: usize = 3;

/// How a text's first word begins, and its length.
#[inline(always)]
fn opener(text: &[u8], word: usize) -> u64 {
    let seen = word.min(3);
    eight(text) & ((1 << (8 * seen)) - 1) | (word.min(255) as u64) << 24
}

/// That, and what is behind the word; `None` where there is not enough of it.
#[inline(always)]
fn opener_and_behind(text: &[u8], word: usize, opener: u64) -> Option<u64> {
    let behind = text.get(word..).filter(|behind| behind.len() >= BEHIND)?;
    Some(opener | (eight(behind) & ((1 << (8 * BEHIND)) - 1)) << 32)
}

/// The first eight bytes, with zeros for those that are not there.
#[inline(always)]
fn eight(bytes: &[u8]) -> u64 {
    match bytes.first_chunk() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => bytes.iter().rev().fold(0, |all, byte| all << 8 | u64::from(*byte)),
    }
}

/// A number under [`OPENERS`].
#[inline(always)]
fn mixed(number: u64) -> usize {
    // The golden ratio spreads what differs in any byte over the upper bits.
    (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 49) as usize
}

/// Eight times as many as there are phrases, and still few enough for a processor's cache.
const OPENERS: usize = 1 << 15;

fn first_word(phrase: &str) -> Option<&str> {
    next_word(phrase, 0).filter(|(start, _)| *start == 0).map(|(_, end)| &phrase[..end])
}

/// The next run of letters and digits from a character on.
#[inline(always)]
fn next_word(text: &str, from: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut start = from;
    loop {
        let byte = *bytes.get(start)?;
        if byte.is_ascii_alphanumeric() {
            return Some((start, word_end(text, start)));
        }
        if byte.is_ascii() {
            start += 1;
            continue;
        }
        match text.get(start..)?.chars().next()? {
            c if c.is_alphanumeric() => return Some((start, word_end(text, start))),
            c => start += c.len_utf8(),
        }
    }
}

/// Where the letters and digits from a character on end.
#[inline(always)]
fn word_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let mut end = start;
    loop {
        end += plain_text::alphanumeric_run(bytes.get(end..).unwrap_or_default());
        // Nearly always at the end: only other scripts go on.
        if bytes.get(end).is_none_or(u8::is_ascii) {
            return end;
        }
        match text.get(end..).and_then(|rest| rest.chars().next()).filter(|c| c.is_alphanumeric()) {
            Some(c) => end += c.len_utf8(),
            None => return end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(phrases: &[(&str, End)], text: &str) -> Vec<usize> {
        let owned = phrases.iter().map(|(phrase, end)| ((*phrase).to_owned(), *end));
        PhraseIndex::new(owned).find(text).collect()
    }

    #[test]
    fn words_are_whole_and_the_longest_phrase_counts() {
        let list = [("free", End::Whole), ("free trial", End::Whole), ("no-risk", End::Whole)];
        assert_eq!(found(&list, "free free trial, no-risk! freedom carefree trial no-risky"), [0, 1, 2]);
        assert_eq!(found(&list, "free trials"), [0]);
        // Short ones, at the end and not.
        let short = [("no go", End::Whole), ("a b", End::Whole), ("x", End::Whole), ("ab c", End::Open)];
        assert_eq!(found(&short, "no go now, a b x ab c"), [0, 1, 2, 3]);
        assert_eq!(found(&short, "ab cd x. a b"), [3, 2, 1]);
        assert_eq!(found(&list, "é-free"), [0]);
        assert!(found(&list, "éfree freeé ").is_empty());
        assert!(found(&list, "").is_empty());
        let other = [("größe", End::Whole), ("скидка", End::Whole), ("winner!", End::Whole)];
        assert_eq!(found(&other, "«скидка» größe winner! größer winner"), [1, 0, 2]);
    }

    #[test]
    fn open_phrases_go_on_inside_a_word() {
        let list = [("password expir", End::Open), ("verification", End::Open), ("verifica", End::Open)];
        assert_eq!(found(&list, "password expired; verifications, verificado"), [0, 1, 2]);
        assert_eq!(found(&[list[0], ("ed", End::Whole)], "password expired"), [0]);
        assert!(found(&list, "xverification password exp").is_empty());
    }
}
