//! Images that are there to be counted, not seen.

use crate::parse::message::Tag;

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
