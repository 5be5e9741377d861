//! How a text is made up: letters, capitals, digits, blanks, counted in one pass. Many
//! checks ask for one of these numbers of the same text. Must not judge.

/// Numbers of characters by kind, as Unicode has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Letters {
    pub upper: usize,
    pub lower: usize,
    pub alphabetic: usize,
    /// Letters and digits.
    pub alphanumeric: usize,
    /// Of these such as say a syllable or a word each: Han, Kana, Hangul.
    pub dense: usize,
    /// White space.
    pub blank: usize,
    /// All characters.
    pub all: usize,
}

/// Longest stretch counted at once: a count of eight bits holds no more.
const STRETCH: usize = 255;

/// Bytes of a kind in a stretch; counted in eight bits this becomes vector code.
fn count(stretch: &[u8], is: impl Fn(u8) -> bool) -> usize {
    usize::from(stretch.iter().fold(0u8, |count, byte| count.wrapping_add(u8::from(is(*byte)))))
}

fn is_dense(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{20000}'..='\u{323af}')
        && c.is_alphanumeric()
}

impl Letters {
    pub fn of(text: &str) -> Letters {
        let mut seen = Letters::default();
        let mut rest = text;
        while !rest.is_empty() {
            let stretch = &rest.as_bytes()[..rest.len().min(STRETCH)];
            let plain = if stretch.is_ascii() {
                stretch.len()
            } else {
                stretch.iter().position(|byte| !byte.is_ascii()).unwrap_or(stretch.len())
            };
            seen.ascii(&stretch[..plain]);
            rest = &rest[plain..];
            // What follows may be in another script to its end.
            while let Some(c) = rest.chars().next().filter(|c| !c.is_ascii()) {
                seen.other(c);
                rest = &rest[c.len_utf8()..];
            }
        }
        seen
    }

    fn ascii(&mut self, bytes: &[u8]) {
        let [upper, lower] =
            [count(bytes, |b| b.is_ascii_uppercase()), count(bytes, |b| b.is_ascii_lowercase())];
        let digits = count(bytes, |b| b.is_ascii_digit());
        let blank = count(bytes, |b| (b == b' ') | (b'\t'..=b'\r').contains(&b));
        self.upper += upper;
        self.lower += lower;
        self.alphabetic += upper + lower;
        self.alphanumeric += upper + lower + digits;
        self.blank += blank;
        self.all += bytes.len();
    }

    fn other(&mut self, c: char) {
        self.upper += usize::from(c.is_uppercase());
        self.lower += usize::from(c.is_lowercase());
        self.alphabetic += usize::from(c.is_alphabetic());
        self.alphanumeric += usize::from(c.is_alphanumeric());
        self.dense += usize::from(is_dense(c));
        self.blank += usize::from(c.is_whitespace());
        self.all += 1;
    }

    /// How much is said, in letters of an alphabet.
    pub fn said(&self) -> usize {
        self.alphanumeric + 2 * self.dense
    }

    /// Letters that have case.
    pub fn cased(&self) -> usize {
        self.upper + self.lower
    }

    /// Share of capitals among the letters that have case, 0 to 1.
    pub fn capitals(&self) -> f64 {
        if self.cased() == 0 { 0.0 } else { self.upper as f64 / self.cased() as f64 }
    }

    /// Characters that are not white space.
    pub fn inked(&self) -> usize {
        self.all - self.blank
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_few_signs_says_as_much() {
        assert_eq!(Letters::of("你好, ab 1 カナ 한글").said(), 6 * 3 + 3);
        assert_eq!(Letters::of("Grüße").said(), 5);
    }

    #[test]
    fn counts_are_those_of_unicode() {
        let long = "Aa1 é\u{a0}Ω東\t".repeat(300);
        for text in ["", "Grüße, ABC 12\n", "ß\u{2028}x", &long, &"x".repeat(STRETCH + 1), "Привет МИР 5"]
        {
            let count = |is: fn(char) -> bool| text.chars().filter(|c| is(*c)).count();
            let seen = Letters::of(text);
            assert_eq!(seen.upper, count(char::is_uppercase), "{text}");
            assert_eq!(seen.lower, count(char::is_lowercase), "{text}");
            assert_eq!(seen.alphabetic, count(char::is_alphabetic), "{text}");
            assert_eq!(seen.alphanumeric, count(char::is_alphanumeric), "{text}");
            assert_eq!(seen.blank, count(char::is_whitespace), "{text}");
            assert_eq!((seen.all, seen.inked()), (text.chars().count(), count(|c| !c.is_whitespace())));
        }
    }
}
