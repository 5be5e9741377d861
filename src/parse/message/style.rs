//! Inline style, as far as it decides what a reader sees.

use std::borrow::Cow;

/// What a tag says of its own visibility.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Visibility {
    /// `display:none` and its like: nothing inside shows.
    pub hidden: bool,
    /// Whether the text is made invisible by size or colour, where the tag says so
    /// at all; an inner element may say otherwise.
    pub faint: Option<bool>,
}

/// Property and value of each declaration, lower case, without `!important`.
pub(crate) fn declarations(style: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    pairs(style).take(200).map(|(property, value)| {
        let value = trimmed(value);
        let mark = value.len().checked_sub("!important".len()).filter(|at| value.as_bytes()[*at] == b'!');
        let important = mark.filter(|at| value[*at..].eq_ignore_ascii_case("!important"));
        let bare = important.map_or(value, |at| trimmed(&value[..at]));
        (lower(trimmed(property)), lower(bare))
    })
}

/// What stands before and after the first colon of each declaration, in one pass: every
/// tag's style is read by several checks.
fn pairs(style: &str) -> impl Iterator<Item = (&str, &str)> {
    let bytes = style.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let start = at;
            let mut colon = None;
            while let Some(byte) = bytes.get(at).filter(|byte| **byte != b';') {
                if *byte == b':' && colon.is_none() {
                    colon = Some(at);
                }
                at += 1;
            }
            let end = at;
            at += 1;
            if let Some(colon) = colon {
                return Some((&style[start..colon], &style[colon + 1..end]));
            }
        }
        None
    })
}

/// Without white space around it; nearly all of it is plain ASCII.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [] => text,
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

fn lower(text: &str) -> Cow<'_, str> {
    match text.bytes().any(|b| b.is_ascii_uppercase()) {
        true => Cow::Owned(text.to_ascii_lowercase()),
        false => Cow::Borrowed(text),
    }
}

/// True for `0`, `0px`, `0.0em`, `0%`, `.0pt`.
pub(crate) fn is_zero(length: &str) -> bool {
    let number = length.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%').trim();
    !number.is_empty() && number.parse::<f64>().is_ok_and(|n| n == 0.0)
}

/// What a `style` attribute says of it.
pub(crate) fn visibility(style: &str) -> Visibility {
    let mut seen = Visibility::default();
    let (mut clipped, mut no_room) = (false, false);
    for (property, value) in declarations(style) {
        match &*property {
            "display" => seen.hidden |= value == "none",
            "visibility" => seen.hidden |= matches!(&*value, "hidden" | "collapse"),
            "opacity" => seen.hidden |= is_zero(&value),
            "overflow" => clipped |= value == "hidden",
            "max-height" | "height" | "max-width" | "width" => no_room |= is_zero(&value),
            "font-size" => seen.faint = Some(is_zero(&value)),
            "color" if value == "transparent" => seen.faint = Some(true),
            _ => {}
        }
    }
    seen.hidden |= clipped && no_room;
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_told_from_small() {
        assert!(is_zero("0") && is_zero("0px") && is_zero("0.0em") && is_zero("0 %"));
        assert!(!is_zero("0.9em") && !is_zero("auto") && !is_zero("") && !is_zero("10px"));
    }
}
