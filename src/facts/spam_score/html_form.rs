//! Traits of the HTML: what is hidden, loud, broken or active.

use super::traits::{Kind, Traits, counted, grade};
use crate::facts::message::MessageFacts;
use crate::facts::message::words;
use crate::parse::message::html::Html;
use crate::parse::text::letters::Letters;

pub(super) fn traits(message: &MessageFacts, traits: &mut Traits) {
    let Some(html) = message.html() else { return };
    let source = message.html_body().map(|body| body.text.as_str()).unwrap_or_default();
    traits.kind = Kind::Form;
    look(html, traits);
    traits.flag("html-title-blank", has_blank_title(html), || "the page has a template's title".to_owned());
    traits.flag("html-text-differs", text_differs(message, html), || {
        "the text part says something else".to_owned()
    });
    traits.kind = Kind::Disguise;
    let hidden = Letters::of(&html.hidden).inked();
    traits.add("html-hidden-text", if hidden > 150 { grade(hidden, 3000.0) } else { 0.0 }, || {
        format!("{hidden} characters not shown")
    });
    traits.kind = Kind::Form;
    let broken = html.faults.iter().filter(|fault| is_telling(fault.code)).count()
        + html.stray_ends.len()
        + html.unclosed.len();
    traits.add("html-broken", grade(broken, 30.0), || format!("{} in the HTML", counted(broken, "fault")));
    traits.kind = Kind::Disguise;
    let split = split_words(source);
    traits.add("html-split-words", grade(split, 5.0), || {
        format!("{} split by comments or tags", counted(split, "word"))
    });
    let coded = coded_letters(source);
    traits.flag("html-coded-letters", coded > 5, || {
        format!("{coded} plain letters written as character references")
    });
}

/// Elements that are told apart, counted.
#[derive(Default)]
struct Elements {
    images: usize,
    forms: usize,
    active: usize,
    frames: usize,
    large: usize,
    coloured: usize,
    small: usize,
    handlers: usize,
    centred: usize,
    blinking: usize,
    areas: usize,
}

impl Elements {
    fn of(html: &Html) -> Elements {
        let mut count = Elements::default();
        for tag in &html.tags {
            match &*tag.name {
                "img" => count.images += 1,
                "form" | "input" | "textarea" => count.forms += 1,
                "script" | "object" | "embed" | "applet" => count.active += 1,
                "iframe" | "frame" => count.frames += 1,
                "center" => count.centred += 1,
                "blink" | "marquee" => count.blinking += 1,
                "area" => count.areas += 1,
                "font" => {
                    let size = tag.attribute("size").unwrap_or_default().trim();
                    count.large += usize::from(matches!(size, "+2" | "+3" | "+4" | "5" | "6" | "7"));
                    count.small += usize::from(matches!(size, "-2" | "-3" | "1" | "0"));
                    count.coloured += usize::from(tag.attribute("color").is_some());
                }
                _ => {}
            }
            count.handlers +=
                tag.attributes.iter().filter(|(name, _)| name.starts_with("on") && name.len() > 4).count();
        }
        count
    }
}

/// Traits of the elements alone.
fn look(html: &Html, traits: &mut Traits) {
    let Elements {
        images,
        forms,
        active,
        frames,
        large,
        coloured,
        small,
        handlers,
        centred,
        blinking,
        areas,
    } = Elements::of(html);
    let text = html.letters.inked();
    traits.flag("html-image-only", images > 0 && text < 80, || {
        format!("{} and {}", counted(images, "image"), counted(text, "character"))
    });
    traits.add(
        "html-images-over-text",
        if images > 0 { (images as f64 * 150.0 / (text as f64 + 50.0)).min(1.0) } else { 0.0 },
        || format!("{} to {}", counted(images, "image"), counted(text, "character")),
    );
    traits.flag("html-form", forms > 0, || counted(forms, "form field"));
    traits.flag("html-active", active > 0 || handlers > 0, || {
        format!("{active} scripts or objects, {handlers} handlers")
    });
    traits.flag("html-frame", frames > 0, || counted(frames, "frame"));
    traits.add("html-large-type", grade(large, 6.0), || counted(large, "large font"));
    traits.add("html-small-type", grade(small, 10.0), || counted(small, "tiny font"));
    traits.add("html-coloured-type", grade(coloured, 15.0), || counted(coloured, "coloured font"));
    traits.add("html-centred", grade(centred, 8.0), || counted(centred, "centred block"));
    traits.flag("html-blinking", blinking > 0, || "blinking or moving text".to_owned());
    traits.flag("html-image-map", areas > 0, || format!("{} of an image map", counted(areas, "area")));
}

/// The title that a template came with.
fn has_blank_title(html: &Html) -> bool {
    html.title.as_deref().is_some_and(|title| {
        matches!(
            title.trim().to_lowercase().as_str(),
            "untitled document" | "document" | "untitled" | "clean" | "new message" | "title" | "email"
        )
    })
}

/// The text part shares less than a third of its words with the HTML.
fn text_differs(message: &MessageFacts, html: &Html) -> bool {
    message.text_body().is_some_and(|text| {
        let shown = words::folded(&html.text);
        let known: std::collections::BTreeSet<&str> = words::words(&shown).into_iter().collect();
        let folded = words::folded(&text.text);
        let own = words::words(&folded);
        known.len() >= 10
            && own.len() >= 10
            && own.iter().filter(|word| known.contains(*word)).count() * 3 < own.len()
    })
}

/// Tokenizer errors that careful senders do not make; the others are everywhere.
fn is_telling(code: &str) -> bool {
    !matches!(
        code,
        "unexpected-null-character"
            | "missing-semicolon-after-character-reference"
            | "unknown-named-character-reference"
    )
}

/// A comment between two letters: `fr<!-- x -->ee`.
fn split_words(source: &str) -> usize {
    let bytes = source.as_bytes();
    let mut count = 0;
    for at in memchr::memmem::find_iter(bytes, b"<!").take(2000) {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_lowercase);
        let end = bytes[at..].iter().take(400).position(|b| *b == b'>');
        let after = end.and_then(|end| bytes.get(at + end + 1)).is_some_and(u8::is_ascii_lowercase);
        count += usize::from(before && after);
    }
    count
}

/// `&#97;` for a letter that needs no reference.
fn coded_letters(source: &str) -> usize {
    let bytes = source.as_bytes();
    memchr::memmem::find_iter(bytes, b"&#")
        .take(5000)
        .filter(|at| {
            let rest = bytes.get(at + 2..(at + 8).min(bytes.len())).unwrap_or_default();
            let (digits, radix) = match rest.first() {
                Some(b'x' | b'X') => (&rest[1..], 16),
                _ => (rest, 10),
            };
            let end = digits.iter().position(|b| !b.is_ascii_hexdigit()).unwrap_or(digits.len());
            let number = std::str::from_utf8(&digits[..end])
                .ok()
                .and_then(|text| u32::from_str_radix(text, radix).ok());
            number.is_some_and(|n| char::from_u32(n).is_some_and(|c| c.is_ascii_alphabetic()))
        })
        .count()
}
