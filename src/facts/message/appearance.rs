//! How HTML text looks, as far as the tags themselves say: colour on background,
//! size of type. Style sheets are not applied; what they change is not claimed.

use std::sync::LazyLock;

use crate::parse::message::style::{alpha, declarations, is_clear};
use crate::parse::message::{Html, Tag};
use crate::parse::text::recent::Recent;

/// The look of one stretch of text.
#[derive(Clone, Debug)]
pub struct Look {
    /// Index into [`Html::tags`] of the innermost element.
    pub tag: usize,
    pub color: Option<Rgb>,
    pub background: Option<Rgb>,
    /// Pixels.
    pub size: Option<f64>,
    /// Nothing of the page says what lies behind the text: mail programs show white.
    pub on_default: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// Relative luminance, 0 to 1 (WCAG 2.2).
    pub fn luminance(self) -> f64 {
        // A page asks for thousands of its few colours.
        static LINEAR: LazyLock<[f64; 256]> = LazyLock::new(|| {
            std::array::from_fn(|value| {
                let value = value as f64 / 255.0;
                if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
            })
        });
        let part = |value: u8| LINEAR[usize::from(value)];
        0.2126 * part(self.0) + 0.7152 * part(self.1) + 0.0722 * part(self.2)
    }

    /// Contrast ratio, 1 to 21 (WCAG 2.2).
    pub fn contrast(self, other: Rgb) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

#[derive(Clone, Default)]
struct Inherited {
    color: Option<Rgb>,
    background: Option<Rgb>,
    /// An image lies behind, so the background's colour is not known.
    picture: bool,
    /// A background that is named and not read: translucent, a variable.
    unknown: bool,
    size: Option<f64>,
}

/// Every visible element that holds text and no other element, with its look.
pub(crate) fn looks(html: &Html) -> Vec<Look> {
    let mut inherited: Vec<Inherited> = Vec::with_capacity(html.tags.len());
    let mut has_child = vec![false; html.tags.len()];
    let mut styles: Recent<&str, Vec<Effect>> = Recent::default();
    let sheets_paint = html.styles.iter().any(|(css, _)| css.to_ascii_lowercase().contains("background"));
    for tag in &html.tags {
        let mut here = tag.parent.and_then(|at| inherited.get(at)).cloned().unwrap_or_default();
        if let Some(parent) = tag.parent
            && !matches!(&*tag.name, "br" | "wbr" | "img")
            && let Some(seen) = has_child.get_mut(parent)
        {
            *seen = true;
        }
        let style = tag.attribute("style").map_or(&[][..], |style| styles.get(style, effects));
        apply(tag, style, &mut here);
        inherited.push(here);
    }
    html.tags
        .iter()
        .enumerate()
        .filter(|(at, tag)| !tag.hidden && !has_child[*at] && !tag.text.is_empty())
        .map(|(at, _)| {
            let here = &inherited[at];
            let background = if here.picture { None } else { here.background };
            let on_default = background.is_none() && !here.picture && !here.unknown && !sheets_paint;
            Look { tag: at, color: here.color, background, size: here.size, on_default }
        })
        .collect()
}

fn apply(tag: &Tag, style: &[Effect], here: &mut Inherited) {
    if let Some(value) = tag.attribute("bgcolor").and_then(color) {
        here.background = Some(value);
        here.picture = false;
    }
    if tag.attribute("background").is_some_and(|url| !url.trim().is_empty()) {
        here.picture = true;
    }
    match &*tag.name {
        "font" => {
            here.color = tag.attribute("color").and_then(color).or(here.color);
            here.size = tag.attribute("size").and_then(font_size).or(here.size);
        }
        "body" => here.color = tag.attribute("text").and_then(color).or(here.color),
        // Links have a colour of their own unless told otherwise.
        "a" => here.color = None,
        _ => {}
    }
    for effect in style {
        match *effect {
            Effect::Color(color) => here.color = color,
            Effect::Background(color) => {
                here.background = Some(color);
                here.picture = false;
            }
            Effect::Picture => here.picture = true,
            Effect::Unknown => here.unknown = true,
            Effect::Size(length) => here.size = length.and_then(|length| length.pixels(here.size)),
            Effect::FontSize(length) => here.size = length.pixels(here.size).or(here.size),
        }
    }
}

/// What a declaration of a `style` attribute changes.
enum Effect {
    Color(Option<Rgb>),
    Background(Rgb),
    /// An image behind the text.
    Picture,
    /// A ground that is not known.
    Unknown,
    /// `font-size`.
    Size(Option<Length>),
    /// The size in `font`.
    FontSize(Length),
}

fn effects(style: &str) -> Vec<Effect> {
    declarations(style)
        .filter_map(|(property, value)| match &*property {
            "color" => Some(Effect::Color(color(&value))),
            "background" | "background-color" if adds_nothing(&value) => None,
            "background-color" => Some(color(&value).map_or(Effect::Unknown, Effect::Background)),
            "background" | "background-image" if value.contains("url(") || value.contains("gradient(") => {
                Some(Effect::Picture)
            }
            "background" => {
                let named = color(&value).or_else(|| value.split_whitespace().find_map(color));
                Some(named.map_or(Effect::Unknown, Effect::Background))
            }
            "font-size" => Some(Effect::Size(Length::read(&value))),
            "font" => {
                let size =
                    value.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
                Length::read(size.split('/').next().unwrap_or_default()).map(Effect::FontSize)
            }
            _ => None,
        })
        .collect()
}

/// A background that leaves what lies behind.
fn adds_nothing(value: &str) -> bool {
    matches!(value, "transparent" | "inherit" | "initial" | "unset" | "none" | "") || is_clear(value)
}

/// A CSS length that can be told in pixels.
#[derive(Clone, Copy)]
enum Length {
    Pixels(f64),
    /// Times the size around.
    Em(f64),
    /// Hundredths of the size around.
    Percent(f64),
}

impl Length {
    fn read(value: &str) -> Option<Length> {
        let number_end = value.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(value.len());
        let number: f64 = value[..number_end].parse().ok()?;
        match value[number_end..].trim() {
            "px" | "" => Some(Length::Pixels(number)),
            "pt" => Some(Length::Pixels(number * 4.0 / 3.0)),
            "em" => Some(Length::Em(number)),
            "%" => Some(Length::Percent(number)),
            "rem" => Some(Length::Pixels(number * 16.0)),
            _ => None,
        }
    }

    /// `None` where the size around is not known.
    fn pixels(self, around: Option<f64>) -> Option<f64> {
        match self {
            Length::Pixels(number) => Some(number),
            Length::Em(number) => around.map(|size| size * number),
            Length::Percent(number) => around.map(|size| size * number / 100.0),
        }
    }
}

/// Pixels of `font size=1` (HTML, rules for parsing a legacy font size).
fn font_size(value: &str) -> Option<f64> {
    Some(match value.trim() {
        "1" | "-2" => 10.0,
        "2" | "-1" => 13.0,
        "3" => 16.0,
        "4" | "+1" => 18.0,
        "5" | "+2" => 24.0,
        "6" | "+3" => 32.0,
        "7" | "+4" => 48.0,
        _ => return None,
    })
}

/// A colour as HTML and CSS write it; `None` for what is translucent or unknown.
pub(crate) fn color(value: &str) -> Option<Rgb> {
    let value = value.trim().to_ascii_lowercase();
    if let Some(hex) = value.strip_prefix('#') {
        return from_hex(hex);
    }
    if let Some(inside) = value.strip_prefix("rgb(").or_else(|| value.strip_prefix("rgba("))
        && let Some(inside) = inside.strip_suffix(')')
    {
        // CSS Color 4: a fourth part is the opacity, with either name.
        if alpha(&value).is_some_and(|alpha| alpha < 1.0) {
            return None;
        }
        let mut parts =
            inside.split([',', ' ', '/']).filter(|part| !part.is_empty()).map(|part| part.parse::<u8>().ok());
        return Some(Rgb(parts.next()??, parts.next()??, parts.next()??));
    }
    if let Some(inside) = value.strip_prefix("hsl(").and_then(|inside| inside.strip_suffix(')')) {
        return from_hsl(inside);
    }
    Some(match value.as_str() {
        "white" => Rgb(255, 255, 255),
        "black" => Rgb(0, 0, 0),
        "red" => Rgb(255, 0, 0),
        "green" => Rgb(0, 128, 0),
        "blue" => Rgb(0, 0, 255),
        "yellow" => Rgb(255, 255, 0),
        "gray" | "grey" => Rgb(128, 128, 128),
        "silver" => Rgb(192, 192, 192),
        "lightgray" | "lightgrey" => Rgb(211, 211, 211),
        "whitesmoke" => Rgb(245, 245, 245),
        "navy" => Rgb(0, 0, 128),
        "orange" => Rgb(255, 165, 0),
        "maroon" => Rgb(128, 0, 0),
        "purple" => Rgb(128, 0, 128),
        "teal" => Rgb(0, 128, 128),
        "darkblue" => Rgb(0, 0, 139),
        "midnightblue" => Rgb(25, 25, 112),
        "darkgreen" => Rgb(0, 100, 0),
        "darkred" => Rgb(139, 0, 0),
        "indigo" => Rgb(75, 0, 130),
        "darkslategray" | "darkslategrey" => Rgb(47, 79, 79),
        "dimgray" | "dimgrey" => Rgb(105, 105, 105),
        "darkgray" | "darkgrey" => Rgb(169, 169, 169),
        _ => return (value.len() == 6).then(|| from_hex(&value)).flatten(),
    })
}

/// `120,50%,25%`: hue, saturation, lightness (CSS Color 4, section 7).
fn from_hsl(inside: &str) -> Option<Rgb> {
    let parts: Vec<&str> = inside.split([',', ' ']).filter(|part| !part.is_empty()).collect();
    let [hue, saturation, lightness] = parts.as_slice() else { return None };
    let share = |part: &str| part.strip_suffix('%')?.parse::<f64>().ok().map(|p| (p / 100.0).clamp(0.0, 1.0));
    let (hue, s, l) =
        (hue.strip_suffix("deg").unwrap_or(hue).parse::<f64>().ok()?, share(saturation)?, share(lightness)?);
    let channel = |n: f64| {
        let k = (n + hue / 30.0).rem_euclid(12.0);
        let value = l - s * l.min(1.0 - l) * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 255")]
        let octet = (value * 255.0).round().clamp(0.0, 255.0) as u8;
        octet
    };
    hue.is_finite().then(|| Rgb(channel(0.0), channel(8.0), channel(4.0)))
}

fn from_hex(hex: &str) -> Option<Rgb> {
    if !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let pair = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).ok();
    let single = |at: usize| u8::from_str_radix(&hex[at..=at], 16).ok().map(|v| v * 17);
    match hex.len() {
        6 => Some(Rgb(pair(0)?, pair(2)?, pair(4)?)),
        3 => Some(Rgb(single(0)?, single(1)?, single(2)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_and_contrast_are_read() {
        assert_eq!(color("#fff"), Some(Rgb(255, 255, 255)));
        assert_eq!(color(" RGB(1, 2,3) "), Some(Rgb(1, 2, 3)));
        for (text, octets) in [
            ("hsl(0,0%,100%)", Rgb(255, 255, 255)),
            ("hsl(120, 100%, 25%)", Rgb(0, 128, 0)),
            ("hsl(240deg 100% 50%)", Rgb(0, 0, 255)),
        ] {
            assert_eq!(color(text), Some(octets), "{text}");
        }
        assert_eq!((color("hsl(1,2)"), color("hsl(x,1%,1%)")), (None, None));
        assert_eq!(color("#ffé"), None);
        assert_eq!(color("éé"), None);
        assert!((Rgb(0, 0, 0).contrast(Rgb(255, 255, 255)) - 21.0).abs() < 0.01);
        let pixels = |length, around| Length::read(length).and_then(|length| length.pixels(around));
        assert_eq!(pixels("12pt", None), Some(16.0));
        assert_eq!((pixels("2em", None), pixels("2em", Some(8.0))), (None, Some(16.0)));
        assert_eq!(pixels("50%", Some(30.0)), Some(15.0));
        assert_eq!(pixels("é", None), None);
    }
}
