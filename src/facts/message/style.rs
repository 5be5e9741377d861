//! Inline style, as far as it decides what a reader sees.

use std::borrow::Cow;

use super::html::Tag;

/// What a tag says of its own visibility.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Visibility {
    /// `display:none` and its like: nothing inside shows.
    pub hidden: bool,
    /// Whether the text is made invisible by size or colour, where the tag says so
    /// at all; an inner element may say otherwise.
    pub faint: Option<bool>,
}

/// Property and value of each declaration, lower case, without `!important`.
pub fn declarations(style: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    style.split(';').take(200).filter_map(|declaration| declaration.split_once(':')).map(
        |(property, value)| {
            let value = value.trim();
            let bare = match value
                .len()
                .checked_sub("!important".len())
                .map(|at| (value.get(..at), value.get(at..)))
            {
                Some((Some(bare), Some(end))) if end.eq_ignore_ascii_case("!important") => bare.trim(),
                _ => value,
            };
            (lower(property.trim()), lower(bare))
        },
    )
}

fn lower(text: &str) -> Cow<'_, str> {
    match text.bytes().any(|b| b.is_ascii_uppercase()) {
        true => Cow::Owned(text.to_ascii_lowercase()),
        false => Cow::Borrowed(text),
    }
}

/// True for `0`, `0px`, `0.0em`, `0%`, `.0pt`.
pub fn is_zero(length: &str) -> bool {
    let number = length.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%').trim();
    !number.is_empty() && number.parse::<f64>().is_ok_and(|n| n == 0.0)
}

pub fn visibility(tag: &Tag) -> Visibility {
    let mut seen = Visibility { hidden: tag.attribute("hidden").is_some(), faint: None };
    let Some(style) = tag.attribute("style") else { return seen };
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
