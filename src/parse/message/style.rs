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
            // Five in a hundred is what `is_clear` calls clear.
            "opacity" => {
                seen.hidden |=
                    number(&value).is_some_and(|(share, unit)| share <= if unit == "%" { 5.0 } else { 0.05 })
            }
            "overflow" => clipped |= value == "hidden",
            "max-height" | "height" | "max-width" | "width" => no_room |= is_sliver(&value),
            "font-size" => seen.faint = Some(is_speck(&value)),
            "font" => seen.faint = size_of(&value).map(is_speck).or(seen.faint),
            "zoom" => {
                seen.hidden |=
                    number(&value).is_some_and(|(times, unit)| times <= if unit == "%" { 5.0 } else { 0.05 })
            }
            "clip-path" => seen.hidden |= is_clipped_away(&value),
            "color" if value == "transparent" || is_clear(&value) => seen.faint = Some(true),
            "text-indent" => seen.hidden |= is_off_screen(&value),
            "position" => placed = matches!(&*value, "absolute" | "fixed" | "relative"),
            "left" | "top" | "right" | "bottom" => away |= is_off_screen(&value),
            "margin-left" | "margin-top" => seen.hidden |= is_off_screen(&value),
            "clip" => {
                clips |= value.replace(' ', "").contains("rect(0,0,0,0)") || value.contains("rect(0 0 0 0)")
            }
            "transform" => seen.hidden |= is_shrunk(&value),
            "scale" => {
                seen.hidden |= number(&value).is_some_and(|(times, unit)| unit.is_empty() && times <= 0.05)
            }
            _ => {}
        }
    }
    // A clipped box of a pixel is how pages speak to screen readers alone: hidden all the same.
    seen.hidden |= (clipped && no_room) || (placed && (away || clips));
    seen
}

/// A number and what stands behind it.
fn number(value: &str) -> Option<(f64, &str)> {
    let end = value.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(value.len());
    Some((value[..end].parse().ok()?, value[end..].trim()))
}

/// A size at which no letter is a letter: less than half a pixel, or a twentieth of the text around.
fn is_speck(size: &str) -> bool {
    number(size).is_some_and(|(size, unit)| match unit {
        "em" | "rem" | "ex" | "ch" | "vw" | "vh" => size <= 0.05,
        "%" => size <= 5.0,
        _ => size < 0.5,
    })
}

/// The size in the shorthand `font: italic 700 12px/1.5 Arial`: the first length that is no weight.
fn size_of(font: &str) -> Option<&str> {
    font.split_whitespace()
        .map(|word| word.split('/').next().unwrap_or_default())
        .find(|word| number(word).is_some_and(|(size, unit)| !unit.is_empty() || size < 1.0))
}

/// At most two pixels: no line of text has room.
fn is_sliver(length: &str) -> bool {
    number(length).is_some_and(|(size, unit)| match unit {
        "" | "px" | "pt" => size <= 2.0,
        _ => size == 0.0,
    })
}

/// `scale(0)`, `scaleY(.01)`, `translate(1px) scale(0.02, 1)`: drawn at a twentieth or less.
fn is_shrunk(transform: &str) -> bool {
    transform.match_indices("scale").take(8).any(|(at, _)| {
        let Some((_, rest)) = transform.get(at..).and_then(|rest| rest.split_once('(')) else { return false };
        let inside = rest.split(')').next().unwrap_or_default();
        inside.split(',').any(|times| {
            number(times.trim()).is_some_and(|(times, unit)| times <= if unit == "%" { 5.0 } else { 0.05 })
        })
    })
}

/// `inset(100%)`, `inset(50%)`, `circle(0)`: nothing is left of the box.
fn is_clipped_away(shape: &str) -> bool {
    let Some((kind, inside)) = shape.split_once('(') else { return false };
    let first = inside.split([' ', ',', ')']).next().unwrap_or_default();
    match kind.trim() {
        "inset" => number(first).is_some_and(|(share, unit)| unit == "%" && share >= 50.0),
        "circle" | "ellipse" => is_zero(first),
        _ => false,
    }
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
        let end = match hex.len() {
            8 => hex.get(6..),
            4 => hex.get(3..),
            _ => None,
        };
        return matches!(end, Some("0" | "00" | "01" | "02" | "03" | "04" | "05")) && hex.is_ascii();
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
            "opacity:.01",
            "opacity: 3%",
            "zoom:0.01",
            "clip-path:inset(100%)",
            "clip-path: circle(0)",
            "transform:scale(.01)",
            "transform: translateX(1px) scaleY(0.05)",
            "scale:0",
            "overflow:hidden;max-height:1px",
            "overflow:hidden;height:2px;width:300px",
        ] {
            assert!(visibility(hidden).hidden, "{hidden}");
        }
        for shown in [
            "text-indent:-2em",
            "position:relative;left:-5px",
            "left:-9999px",
            "margin-left:-20px",
            "text-indent:é",
            "opacity:.5",
            "opacity:50%",
            "zoom:1",
            "clip-path:inset(10%)",
            "clip-path:circle(50%)",
            "clip-path:é(",
            "transform:scale(1.05)",
            "transform:scale",
            "height:2px",
            "overflow:hidden;height:20px",
        ] {
            assert!(!visibility(shown).hidden, "{shown}");
        }
        for clear in ["rgba(0,0,0,0)", "rgb(0 0 0 / 0%)", "#ffffff00", "rgba(1, 2, 3, .01)"] {
            assert!(is_clear(clear), "{clear}");
        }
        for seen in ["rgba(0,0,0,.5)", "rgb(0,0,0)", "#fff", "#ffé", "#a€€a", "#ff€", "white", "rgba("]
        {
            assert!(!is_clear(seen), "{seen}");
        }
        for speck in ["0", ".1px", "0.01em", "3%", "0.2pt"] {
            assert_eq!(visibility(&format!("font-size:{speck}")).faint, Some(true), "{speck}");
        }
        for size in ["1px", "1em", "80%", "inherit", "x-small"] {
            assert_eq!(visibility(&format!("font-size:{size}")).faint, Some(false), "{size}");
        }
        for speck in ["0 Arial", "0/0 a", "italic 700 0px/1 Arial", "400 .1px serif"] {
            assert_eq!(visibility(&format!("font:{speck}")).faint, Some(true), "{speck}");
        }
        assert_eq!(visibility("font:bold 700 12px/1.5 Arial").faint, Some(false));
        assert_eq!(visibility("font:inherit").faint, None);
        assert!(!is_zero("0.9em") && !is_zero("auto") && !is_zero("") && !is_zero("10px"));
    }
}
