//! Stretches of plain text taken at once. Most of a message is ASCII words with single
//! blanks between them; tests of a whole stretch without an early exit become vector code,
//! and only what fails them is read byte by byte.

const STRETCH: usize = 32;

/// Place of the first byte of a kind.
pub fn position(bytes: &[u8], is: impl Fn(u8) -> bool) -> Option<usize> {
    let mut start = 0;
    for stretch in bytes.chunks(STRETCH) {
        if stretch.iter().fold(false, |seen, byte| seen | is(*byte)) {
            return stretch.iter().position(|byte| is(*byte)).map(|at| start + at);
        }
        start += stretch.len();
    }
    None
}

/// Appends the plain stretches that a text begins with, in lower case and with spaces for
/// line breaks; how many bytes were taken, at most `most`. A back-tick is not plain.
pub fn take(text: &str, most: usize, out: &mut String) -> usize {
    let bytes = text.as_bytes();
    let bytes = &bytes[..bytes.len().min(most)];
    let is_blank = |byte: u8| (byte == b' ') | (byte == b'\n');
    let mut after_blank = out.is_empty() || out.ends_with(' ');
    let mut taken = 0;
    while let Some(stretch) = bytes[taken..].first_chunk::<STRETCH>() {
        let mut odd = after_blank & is_blank(stretch[0]);
        for byte in stretch {
            odd |= (*byte != b'\n') & !(b' '..=b'~').contains(byte) | (*byte == b'`');
        }
        for (byte, next) in stretch.iter().zip(&stretch[1..]) {
            odd |= is_blank(*byte) & is_blank(*next);
        }
        if odd {
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
