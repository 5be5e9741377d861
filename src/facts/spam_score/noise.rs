//! What a machine drew at random among words.

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sound {
    Digit,
    Vowel,
    Consonant,
}

/// Of ASCII letters and digits, a long run that no language has: `xkq83hfjw2`.
pub(super) fn is_noise(token: &str) -> bool {
    if !(8..=40).contains(&token.len()) {
        return false;
    }
    let (mut changes, mut run, mut longest) = (0, 0, 0);
    let mut before = None;
    for byte in token.bytes() {
        let kind = match byte {
            b'0'..=b'9' => Sound::Digit,
            b'a' | b'e' | b'i' | b'o' | b'u' | b'y' => Sound::Vowel,
            _ => Sound::Consonant,
        };
        changes +=
            usize::from(before.is_some_and(|before| (before == Sound::Digit) != (kind == Sound::Digit)));
        run = if kind == Sound::Consonant { run + 1 } else { 0 };
        longest = longest.max(run);
        before = Some(kind);
    }
    changes >= 3 || longest >= 6
}
