//! The ground, size and place of an element, as its style, its classes and its name say: what draws
//! without a picture. Must not judge.

use foldhash::HashMap;

use crate::facts::message::appearance::color;
use crate::parse::message::style::declarations;
use crate::parse::message::{Html, Tag};

/// Between dark and light, in relative luminance: navy and forest green are dark to a scanner.
const HALF: f64 = 0.35;

/// Bytes of style sheets and rules that are looked at for grounds.
const MOST_CSS: usize = 200_000;
const MOST_RULES: usize = 2000;

/// What is said of an element; `None` for what nobody says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Ground {
    pub dark: Option<bool>,
    pub width: Option<f64>,
    pub height: Option<f64>,
    pub left: Option<f64>,
    pub top: Option<f64>,
    /// It begins a new line below what floats.
    pub clears: bool,
}

impl Ground {
    fn of(style: &str) -> Ground {
        let mut ground = Ground::default();
        for (property, value) in declarations(style) {
            let length = || value.trim_end_matches(|c: char| c.is_alphabetic() || c == '%').parse().ok();
            match &*property {
                "background" | "background-color" => ground.dark = dark(&value).or(ground.dark),
                "width" => ground.width = length(),
                "height" => ground.height = length(),
                "left" => ground.left = length(),
                "top" => ground.top = length(),
                "clear" => ground.clears = true,
                _ => {}
            }
        }
        ground
    }

    /// With what another says where this says nothing.
    fn or(self, other: Ground) -> Ground {
        Ground {
            dark: self.dark.or(other.dark),
            width: self.width.or(other.width),
            height: self.height.or(other.height),
            left: self.left.or(other.left),
            top: self.top.or(other.top),
            clears: self.clears || other.clears,
        }
    }
}

fn dark(value: &str) -> Option<bool> {
    color(value.trim_end_matches("!important").trim()).map(|color| color.luminance() < HALF)
}

/// What the style sheets of a page say, by class and by name of an element.
#[derive(Default)]
pub(super) struct Grounds {
    classes: HashMap<String, Ground>,
    names: HashMap<String, Ground>,
}

impl Grounds {
    pub(super) fn read(html: &Html) -> Grounds {
        let mut found = Grounds::default();
        for (css, _) in html.styles.iter().filter(|(css, _)| css.len() <= MOST_CSS).take(20) {
            for rule in css.split('}').take(MOST_RULES) {
                let Some((selectors, body)) = rule.rsplit_once('{') else { continue };
                let ground = Ground::of(body);
                if ground == Ground::default() {
                    continue;
                }
                for selector in selectors.split(',').take(20) {
                    found.note(selector.trim(), ground);
                }
            }
        }
        found
    }

    /// By the last part of a selector: `.d` of `#code i.d`, `i` of `.row > i`.
    fn note(&mut self, selector: &str, ground: Ground) {
        let last = selector.rsplit(|c: char| c.is_whitespace() || c == '>').next().unwrap_or_default();
        let (into, key) = match last.rsplit_once('.') {
            Some((_, class)) => (&mut self.classes, class),
            None => (&mut self.names, last),
        };
        let before = into.entry(key.to_ascii_lowercase()).or_default();
        *before = ground.or(*before);
    }

    /// Of one element, without what lies around it.
    pub(super) fn of(&self, tag: &Tag) -> Ground {
        let own = tag.attribute("style").map(Ground::of).unwrap_or_default();
        let classes = tag.attribute("class").unwrap_or_default().split_whitespace().take(8);
        let of_class = classes
            .filter_map(|name| self.classes.get(&name.to_ascii_lowercase()))
            .fold(Ground::default(), |all, class| class.or(all));
        let of_name = self.names.get(&*tag.name).copied().unwrap_or_default();
        let said = own.or(of_class).or(of_name);
        Ground { dark: said.dark.or_else(|| tag.attribute("bgcolor").and_then(dark)), ..said }
    }
}
