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
    let (mut clipped, mut no_room, mut placed, mut away, mut clips) = (false, false, false, false, false);
    for (property, value) in declarations(style) {
        match &*property {
            "display" => seen.hidden |= value == "none",
            "visibility" => seen.hidden |= matches!(&*value, "hidden" | "collapse"),
            "opacity" => seen.hidden |= is_zero(&value),
            "overflow" => clipped |= value == "hidden",
            "max-height" | "height" | "max-width" | "width" => no_room |= is_zero(&value),
            "font-size" => seen.faint = Some(is_zero(&value)),
            "color" if value == "transparent" || is_clear(&value) => seen.faint = Some(true),
            "text-indent" => seen.hidden |= is_off_screen(&value),
            "position" => placed = matches!(&*value, "absolute" | "fixed" | "relative"),
            "left" | "top" | "right" | "bottom" => away |= is_off_screen(&value),
            "margin-left" | "margin-top" => seen.hidden |= is_off_screen(&value),
            "clip" => {
                clips |= value.replace(' ', "").contains("rect(0,0,0,0)") || value.contains("rect(0 0 0 0)")
            }
            "transform" => seen.hidden |= matches!(&*value, "scale(0)" | "scale(0,0)" | "scale(0, 0)"),
            _ => {}
        }
    }
    // A clipped box of a pixel is how pages speak to screen readers alone: hidden all the same.
    seen.hidden |= (clipped && no_room) || (placed && (away || clips));
    seen
}

/// A negative length that moves text out of any window.
fn is_off_screen(length: &str) -> bool {
    let Some(number) = length.trim().strip_prefix('-') else { return false };
    let end = number.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(number.len());
    let Ok(size) = number[..end].parse::<f64>() else { return false };
    match number[end..].trim() {
        "em" | "rem" => size >= 60.0,
        "%" | "vw" | "vh" => size >= 100.0,
        "in" | "cm" => size >= 20.0,
        _ => size >= 900.0,
    }
}

/// `rgba(1,2,3,0)`, `rgb(0 0 0 / 0%)`, `#00000000`, `hsla(...)` without any opacity to speak of.
pub(crate) fn is_clear(color: &str) -> bool {
    let color = color.trim();
    if let Some(hex) = color.strip_prefix('#') {
        return match hex.len() {
            8 => matches!(&hex[6..], "00" | "01" | "02" | "03" | "04" | "05"),
            4 => hex.ends_with('0'),
            _ => false,
        } && hex.is_ascii();
    }
    alpha(color).is_some_and(|alpha| alpha <= 0.05)
}

/// The fourth part of a colour function.
pub(crate) fn alpha(color: &str) -> Option<f64> {
    let inside = color.trim().split_once('(')?.1.strip_suffix(')')?;
    let parts: Vec<&str> =
        inside.split([',', '/', ' ']).map(str::trim).filter(|part| !part.is_empty()).collect();
    let [_, _, _, alpha] = parts.as_slice() else { return None };
    match alpha.strip_suffix('%') {
        Some(percent) => percent.parse::<f64>().ok().map(|percent| percent / 100.0),
        None => alpha.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_told_from_small() {
        assert!(is_zero("0") && is_zero("0px") && is_zero("0.0em") && is_zero("0 %"));
        for hidden in [
            "text-indent:-9999px",
            "position:absolute;left:-5000px",
            "position: absolute; top:-200em",
            "margin-left:-9999px",
            "position:absolute;clip:rect(0, 0, 0, 0)",
            "DISPLAY:none!important",
        ] {
            assert!(visibility(hidden).hidden, "{hidden}");
        }
        for shown in [
            "text-indent:-2em",
            "position:relative;left:-5px",
            "left:-9999px",
            "margin-left:-20px",
            "text-indent:é",
        ] {
            assert!(!visibility(shown).hidden, "{shown}");
        }
        for clear in ["rgba(0,0,0,0)", "rgb(0 0 0 / 0%)", "#ffffff00", "rgba(1, 2, 3, .01)"] {
            assert!(is_clear(clear), "{clear}");
        }
        for seen in ["rgba(0,0,0,.5)", "rgb(0,0,0)", "#fff", "#ffé", "white", "rgba("] {
            assert!(!is_clear(seen), "{seen}");
        }
        assert!(!is_zero("0.9em") && !is_zero("auto") && !is_zero("") && !is_zero("10px"));
    }
}
