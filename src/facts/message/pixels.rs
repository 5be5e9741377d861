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
