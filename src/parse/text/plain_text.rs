//! Stretches of plain text taken at once. Most of a message is ASCII words with single
//! blanks between them; tests of a whole stretch without an early exit become vector code,
//! and only what fails them is read byte by byte.

const STRETCH: usize = 32;

/// Place of the first byte of a kind.
pub(crate) fn position(bytes: &[u8], is: impl Fn(u8) -> bool) -> Option<usize> {
    let mut start = 0;
    for stretch in bytes.chunks(STRETCH) {
        if stretch.iter().fold(false, |seen, byte| seen | is(*byte)) {
            return stretch.iter().position(|byte| is(*byte)).map(|at| start + at);
        }
        start += stretch.len();
    }
    None
}

/// How many ASCII letters and digits come first.
#[inline(always)]
pub(crate) fn alphanumeric_run(bytes: &[u8]) -> usize {
    run(bytes, |seven| within(seven | ONES << 5, b'a', b'z') | within(seven, b'0', b'9'))
}

/// How many ASCII letters in lower case come first.
#[inline(always)]
pub(crate) fn lower_case_run(bytes: &[u8]) -> usize {
    run(bytes, |seven| within(seven, b'a', b'z'))
}

/// What stands between blanks, each with whether it is one run. There is nothing between two
/// blanks.
#[inline(always)]
pub(crate) fn tokens(
    text: &str,
    run: impl Fn(&[u8]) -> usize,
    is_blank: impl Fn(u8) -> bool,
) -> impl Iterator<Item = (&str, bool)> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let all = rest?;
        let bytes = all.as_bytes();
        let run = run(bytes);
        let end = bytes.get(run..)?.iter().position(|byte| is_blank(*byte)).map(|end| run + end);
        rest = end.and_then(|end| all.get(end + 1..));
        Some((all.get(..end.unwrap_or(all.len()))?, end.unwrap_or(all.len()) == run))
    })
}

const ONES: u64 = u64::from_ne_bytes([1; 8]);
/// The upper bit of each of eight bytes.
const UPPER: u64 = ONES << 7;

/// Sets the upper bits of the bytes, of seven bits each, from the first to the last of a range:
/// adding what is missing up to 128 sets it where a byte is not below.
#[inline(always)]
fn within(seven: u64, first: u8, last: u8) -> u64 {
    (seven + ONES * u64::from(128 - first)) & !(seven + ONES * u64::from(127 - last))
}

/// How many bytes of a kind come first, told eight at a time: words are too short for more.
#[inline(always)]
fn run(bytes: &[u8], kind: impl Fn(u64) -> u64) -> usize {
    let others = |eight: [u8; 8]| {
        let eight = u64::from_le_bytes(eight);
        (!kind(eight & !UPPER) | eight) & UPPER
    };
    let mut length = 0;
    while let Some(eight) = bytes.get(length..).and_then(<[u8]>::first_chunk) {
        match others(*eight) {
            0 => length += 8,
            others => return length + others.trailing_zeros() as usize / 8,
        }
    }
    // What is left, filled up with bytes that are of no kind.
    let mut eight = [0xff; 8];
    let rest = bytes.get(length..).unwrap_or_default();
    eight.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    length + others(eight).trailing_zeros() as usize / 8
}

/// Appends the plain stretches that a text begins with, in lower case and with spaces for
/// line breaks; how many bytes were taken, at most `most`. A back-tick is not plain.
pub(crate) fn take(text: &str, most: usize, out: &mut String) -> usize {
    let bytes = text.as_bytes();
    let bytes = &bytes[..bytes.len().min(most)];
    let is_blank = |byte: u8| (byte == b' ') | (byte == b'\n');
    let mut after_blank = out.is_empty() || out.ends_with(' ');
    let mut taken = 0;
    while let Some(stretch) = bytes[taken..].first_chunk::<STRETCH>() {
        // What follows each byte, and no blank at the end: two of the same length go together.
        let mut next = [0; STRETCH];
        next[..STRETCH - 1].copy_from_slice(&stretch[1..]);
        let is_odd = |byte: u8| {
            // As a signed number a byte above 127 is below zero.
            let control = (byte.cast_signed() < 32) & (byte != b'\n');
            control | (byte == 0x7f) | (byte == b'`')
        };
        let odd = stretch
            .iter()
            .zip(&next)
            .fold(false, |seen, (byte, next)| seen | is_odd(*byte) | (is_blank(*byte) & is_blank(*next)));
        if odd || (after_blank && is_blank(stretch[0])) {
            break;
        }
        let lower = stretch.map(|byte| if byte == b'\n' { b' ' } else { byte.to_ascii_lowercase() });
        let Ok(lower) = std::str::from_utf8(&lower) else { break };
        out.push_str(lower);
        after_blank = lower.ends_with(' ');
        taken += STRETCH;
    }
    taken
}

/// The first so many characters.
pub(crate) fn beginning(text: &str, most: usize) -> &str {
    // Bytes are no fewer than characters.
    let cut = || text.char_indices().nth(most).map_or(text.len(), |(at, _)| at);
    &text[..if text.len() <= most { text.len() } else { cut() }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_found_wherever_it_stands() {
        for at in [0, 1, 31, 32, 33, 95] {
            let mut bytes = [b'a'; 96];
            bytes[at..].fill(b'!');
            assert_eq!(position(&bytes, |b| b == b'!'), Some(at));
        }
        assert_eq!(position(b"", |_| true), None);
        assert_eq!(position(&[b'a'; 40], |b| b == b'!'), None);
    }

    #[test]
    fn runs_are_told_eight_at_a_time() {
        for byte in 0..=u8::MAX {
            for at in 0..8 {
                let mut eight = *b"abcdefzq";
                eight[at] = byte;
                let length = |is: bool| if is { 8 } else { at };
                assert_eq!(lower_case_run(&eight), length(byte.is_ascii_lowercase()), "{byte:#x} at {at}");
                assert_eq!(
                    alphanumeric_run(&eight),
                    length(byte.is_ascii_alphanumeric()),
                    "{byte:#x} at {at}"
                );
                assert_eq!((lower_case_run(&eight[..at]), alphanumeric_run(&eight[..at])), (at, at));
            }
        }
        assert_eq!(alphanumeric_run(b"a0Z9zA5mnopqrstuv7 stuvwxyz"), 18);
        assert_eq!((lower_case_run(b""), alphanumeric_run(b"abcdefghij")), (0, 10));
    }

    #[test]
    fn tokens_tell_runs_from_others() {
        let all: Vec<_> = tokens("free  offer! n0w \u{e9}", lower_case_run, |b| b == b' ').collect();
        let expected = [("free", true), ("", true), ("offer!", false), ("n0w", false), ("\u{e9}", false)];
        assert_eq!(all, expected);
        let all: Vec<_> = tokens("a\tb ", lower_case_run, |b| b.is_ascii_whitespace()).collect();
        assert_eq!(all, [("a", true), ("b", true), ("", true)]);
    }

    #[test]
    fn only_plain_stretches_are_taken() {
        let plain = "Sixteen Letters\nSixteen Letters ";
        let taken = |text: &str, before: &str| {
            let mut out = before.to_owned();
            let taken = take(text, 1000, &mut out);
            (taken, out[before.len()..].to_owned())
        };
        assert_eq!(taken(&plain.repeat(2), ""), (64, plain.replace('\n', " ").to_lowercase().repeat(2)));
        assert_eq!(taken(&format!("{plain} more than enough of it to be read"), "a").0, 32);
        assert_eq!(taken(&format!(" {plain}"), "a ").0, 0);
        assert_eq!(taken(&format!(" {plain}"), "a").0, 32);
        for odd in ["`", "\t", "\r", "\u{7f}", "é", "  ", " \n"] {
            assert_eq!(taken(&format!("{odd}{plain}"), "a").0, 0, "{odd:?}");
        }
        let mut out = String::new();
        assert_eq!((take(plain, 31, &mut out), out.as_str()), (0, ""));
    }
}
