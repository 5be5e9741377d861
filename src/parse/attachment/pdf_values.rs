//! Values in the text of a PDF: where they begin, and what they refer to. Must not judge.

use std::borrow::Cow;

/// Bytes of one value looked at.
const LONGEST_VALUE: usize = 8192;

/// The object that `12 0 R` stands for, where it is written out.
pub(super) fn referred(texts: &[Cow<'_, [u8]>], value: &[u8]) -> Option<String> {
    let digits = value.iter().position(|b| !b.is_ascii_digit())?;
    let number = value.get(..digits).filter(|digits| !digits.is_empty() && digits.len() < 8)?;
    let mark = [number, b" 0 obj"].concat();
    texts.iter().find_map(|text| {
        let at = memchr::memmem::find_iter(text, &mark)
            .find(|at| at.checked_sub(1).and_then(|at| text.get(at)).is_none_or(|b| !b.is_ascii_digit()))?;
        Some(latin(text.get(at + mark.len()..)?))
    })
}

pub(super) fn is_blank(byte: u8) -> bool {
    char::from(byte).is_whitespace()
}

pub(super) fn trim_start(bytes: &[u8]) -> &[u8] {
    let from = bytes.iter().position(|b| !is_blank(*b)).unwrap_or(bytes.len());
    bytes.get(from..).unwrap_or_default()
}

/// The beginning of a value as characters, byte for byte.
pub(super) fn latin(bytes: &[u8]) -> String {
    bytes.iter().take(LONGEST_VALUE).copied().map(char::from).collect()
}
