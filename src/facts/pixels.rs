//! Images that are there to be counted, not seen.

use super::message::Tag;

/// An image of at most two pixels, or one that is not shown.
pub fn is_pixel(tag: &Tag) -> bool {
    let small = |value: &str| {
        let number = value.trim().trim_end_matches("px").trim();
        number.parse::<f64>().is_ok_and(|n| n <= 2.0)
    };
    let attribute = |name: &str| tag.attribute(name).is_some_and(small);
    if tag.name != "img" {
        return false;
    }
    let declarations: Vec<_> = tag.declarations().collect();
    let declared = |name: &str| declarations.iter().any(|(property, value)| property == name && small(value));
    let invisible = declarations
        .iter()
        .any(|(p, v)| (p == "display" && v == "none") || (p == "visibility" && v == "hidden"));
    let wide = attribute("width") || declared("width");
    let high = attribute("height") || declared("height");
    invisible || (wide && high)
}
