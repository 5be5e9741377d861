//! Images: how much of the page they cover, which stand in for the text, and which are there to be
//! counted, not seen. Judges nothing.

use crate::facts::subscription::unsubscribe;
use crate::parse::message::{Html, Tag};
use crate::parse::text::letters::Letters;

/// An image of at most two pixels, or one that is not shown.
pub(crate) fn is_pixel(tag: &Tag) -> bool {
    let small = |value: &str| {
        let value = value.trim();
        let number = value.strip_suffix("px").unwrap_or(value).trim_end();
        number.parse::<f64>().is_ok_and(|n| n <= 2.0)
    };
    let attribute = |name: &str| tag.attribute(name).is_some_and(small);
    if tag.name != "img" {
        return false;
    }
    let (mut wide, mut high) = (attribute("width"), attribute("height"));
    for (property, value) in tag.declarations() {
        match &*property {
            "display" if value == "none" => return true,
            "visibility" if value == "hidden" => return true,
            "width" => wide |= small(&value),
            "height" => high |= small(&value),
            _ => {}
        }
    }
    wide && high
}

/// An image of at most two pixels whose address tells the mail or its reader apart. A spacer is
/// the same file for everybody, and a picture for dark mode is hidden without being small.
pub(crate) fn counts_readers(tag: &Tag) -> bool {
    let Some(src) = tag.attribute("src").filter(|src| src.contains("//")) else { return false };
    let hidden_only =
        tag.attribute("width").is_some_and(is_large) || tag.attribute("height").is_some_and(is_large);
    is_pixel(tag) && !hidden_only && tells_apart(src)
}

fn is_large(value: &str) -> bool {
    value.trim().trim_end_matches("px").parse::<f64>().is_ok_and(|n| n > 2.0)
}

/// A query, or a piece of the path with digits in it that nobody would type.
fn tells_apart(src: &str) -> bool {
    let (path, query) = src.split_once('?').unwrap_or((src, ""));
    let coded = |piece: &str| piece.len() >= 12 && piece.bytes().filter(u8::is_ascii_digit).count() >= 3;
    query.len() >= 4 || path.split(['/', '.', '=']).any(coded) || query.is_empty() && has_no_file(path)
}

/// `https://t.example/o/`: the address of a counter, not of a picture.
fn has_no_file(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    !last.contains('.')
}

/// What SpamAssassin takes for an image of unknown size: 200 by 200 (HTML.pm, html_tests).
const GUESSED: f64 = 200.0;
/// What a per cent is of: the width mail is usually laid out in.
const PAGE: f64 = 600.0;

/// Square pixels an image covers.
pub(crate) fn area(tag: &Tag) -> f64 {
    let styled = |wanted: &str| {
        tag.declarations().find(|(property, _)| property == wanted).and_then(|(_, value)| length(&value))
    };
    let side = |name: &str| styled(name).or_else(|| tag.attribute(name).and_then(length)).unwrap_or(GUESSED);
    // A picture is not larger than a screen, whatever it says of itself.
    side("width").min(2000.0) * side("height").min(4000.0)
}

fn says_its_size(tag: &Tag) -> bool {
    let styled = |wanted: &str| {
        tag.declarations().any(|(property, value)| property == wanted && length(&value).is_some())
    };
    ["width", "height"].iter().all(|side| styled(side) || tag.attribute(side).and_then(length).is_some())
}

fn length(value: &str) -> Option<f64> {
    let value = value.trim();
    match value.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().ok().map(|percent| PAGE * percent / 100.0),
        None => value.strip_suffix("px").unwrap_or(value).trim().parse().ok(),
    }
    .filter(|length: &f64| *length > 0.0)
}

/// Images that are all a page says.
pub(crate) struct Pictured {
    /// How many.
    pub images: usize,
    /// Letters and digits beside them, the foot apart.
    pub letters: usize,
    /// Below stands a foot with address and way out.
    pub foot: bool,
    /// The images fill the page, or one does not say how large it is.
    pub fills: bool,
}

/// The images that are all a page says: beside them is no text to speak of, or only the foot with
/// address and way out below images that fill the page.
pub(crate) fn instead_of_text(html: &Html) -> Option<Pictured> {
    let shown: Vec<&Tag> = html.tags_named("img").filter(|tag| !tag.hidden && !is_pixel(tag)).collect();
    let all = html.letters.said();
    let covered = shown.iter().map(|tag| area(tag)).sum::<f64>();
    let fills = covered >= PAGE * PAGE * 2.0 / 3.0;
    let unsized_image = shown.iter().any(|tag| !says_its_size(tag));
    let pictured =
        |letters, foot| Pictured { images: shown.len(), letters, foot, fills: fills || unsized_image };
    if all < SILENT {
        // Together: a page may be sliced into tiles.
        return (covered >= BANNER).then(|| pictured(all, false));
    }
    let last = shown.iter().rfind(|tag| area(tag) >= BANNER)?;
    let (above, below) = html.text.split_at_checked(last.text.start)?;
    // A foot comes to the way out soon; a letter that stands below its picture does not.
    let way_out = html
        .tags_named("a")
        .find(|tag| tag.text.start >= last.text.start && unsubscribe::says(html.text_of(tag)));
    let before = way_out.and_then(|tag| html.text.get(last.text.start..tag.text.start));
    let is_foot = Letters::of(below).said() <= FOOT
        && before.is_some_and(|text| Letters::of(text).said() <= BEFORE_WAY_OUT);
    let spoken = Letters::of(above).said();
    (fills && is_foot && spoken < SILENT).then(|| pictured(spoken, true))
}

/// Letters and digits that say nothing: a greeting, "view in browser".
const SILENT: usize = 60;
/// Square pixels of a picture that may carry words; icons do not.
const BANNER: f64 = 10_000.0;
/// Letters and digits that a foot has before its way out: address and reasons.
const BEFORE_WAY_OUT: usize = 160;
/// Letters and digits of a long foot: address, reasons, rights, way out.
const FOOT: usize = 600;
