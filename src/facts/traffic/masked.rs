//! Replies that differ only in ids, addresses and numbers count as one.

use super::hash;

const WORD: u8 = 1;
const DIGIT: u8 = 2;

const CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        if b.is_ascii_digit() || b == b'@' {
            class[byte] = DIGIT;
        } else if b.is_ascii_alphabetic()
            || b >= 0x80
            || matches!(b, b'.' | b'_' | b'-' | b'+' | b'=' | b'/' | b'?' | b'%')
        {
            class[byte] = WORD;
        }
        byte += 1;
    }
    class
};

/// A hash of the text in which every word with a digit or an `@` is the same
/// word, except the first two (reply code and enhanced code).
pub(super) fn hash(seed: u64, text: &[u8]) -> u64 {
    let (mut all, mut start, mut digit, mut words) = (seed, 0, false, 0u32);
    let mut index = 0;
    while index <= text.len() {
        let class = text.get(index).map_or(0, |byte| CLASS[usize::from(*byte)]);
        if class == 0 {
            if index > start {
                // `host mx7[192.0.2.1] said: 450 4.7.1 ...`: codes come after.
                let word = &text[start..index];
                let code = digit && words < 12 && is_code(word);
                all = if digit && !code { all.rotate_left(5) ^ 0x23 } else { hash::bytes(all, word) };
                words += 1;
            }
            start = index + 1;
            digit = false;
        } else {
            digit |= class == DIGIT;
        }
        index += 1;
    }
    all
}

/// `450`, `4.7.1`, `450-4.2.1`
fn is_code(word: &[u8]) -> bool {
    word.len() <= 12
        && matches!(word.first(), Some(b'2'..=b'5'))
        && word.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'))
        && (word.len() == 3 || word.iter().filter(|b| **b == b'.').count() == 2)
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn ids_do_not_count_and_codes_do() {
        let of = |text: &str| hash(7, text.as_bytes());
        assert_eq!(
            of("550 5.1.1 <a1@example.com>: unknown, id 77A9"),
            of("550 5.1.1 <b@example.com>: unknown, id 0815")
        );
        assert_ne!(of("550 5.1.1 unknown"), of("450 4.1.1 unknown"));
        assert_ne!(of("unknown"), of("known"));
    }
}
