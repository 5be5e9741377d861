//! QR codes in attached and inline pictures, within limits of count, size and
//! dimensions: a decoder given hostile pictures must stay cheap.

use base64::Engine as _;

use super::boxes;
use super::drawn;
use super::vector::Drawing;
use super::{Attachment, QrCode};
use crate::facts::message::MessageFacts;
use crate::parse::attachment::Format;

/// Pictures looked at in one message.
const MOST_IMAGES: usize = 12;
/// Bytes of one picture, compressed.
const LARGEST: usize = 3 << 20;
/// Pixels a side, and in memory.
const MOST_PIXELS: u32 = 4000;
const MOST_MEMORY: u64 = 64 << 20;
/// The width codes are looked for at; larger pictures are scaled down.
const WIDTH: u32 = 1000;
/// A code below about 20 modules of one pixel cannot be read.
const LEAST_PIXELS: u32 = 21;

pub(super) fn read(message: &MessageFacts, list: &[Attachment]) -> Vec<QrCode> {
    let mut found = Vec::new();
    let mut looked = 0;
    for attachment in list {
        let shown = if attachment.name.is_empty() { &attachment.path } else { &attachment.name };
        if attachment.examination.format == Format::Image
            && attachment.size <= LARGEST
            && looked < MOST_IMAGES
        {
            let part = message.parts().iter().find(|part| part.path == attachment.path);
            if let Some(part) = part {
                looked += 1;
                note(&message.decoded(part).bytes, shown, attachment.line, &mut found);
            }
        }
        for (path, examination) in attachment.examination.walk(shown) {
            for page in &examination.drawn {
                drawn::in_page(page).iter().for_each(|d| note_drawn(d, &path, attachment.line, &mut found));
            }
            for image in &examination.images {
                if looked < MOST_IMAGES && image.len() <= LARGEST {
                    looked += 1;
                    note(image, &path, attachment.line, &mut found);
                }
            }
        }
    }
    data_images(message, looked, &mut found);
    drawings(message, list, &mut found);
    found
}

/// Pictures that stand in the HTML itself: `src="data:image/png;base64,..."`.
fn data_images(message: &MessageFacts, mut looked: usize, found: &mut Vec<QrCode>) {
    for html in message.htmls() {
        for tag in html.tags_named("img") {
            let Some(data) = tag.attribute("src").and_then(|src| src.trim().strip_prefix("data:image/"))
            else {
                continue;
            };
            let Some((kind, data)) = data.split_once(',') else { continue };
            if looked >= MOST_IMAGES || data.len() > LARGEST {
                return;
            }
            looked += 1;
            let plain: Vec<u8> = match kind.contains("base64") {
                true => {
                    let tight: String = data.chars().filter(|c| !c.is_whitespace() && *c != '=').collect();
                    let engine = base64::engine::general_purpose::STANDARD_NO_PAD;
                    engine.decode(tight).unwrap_or_default()
                }
                false => percent_encoding::percent_decode_str(data).collect(),
            };
            if kind.starts_with("svg") {
                let source = String::from_utf8_lossy(&plain);
                drawn::in_svg(&source)
                    .iter()
                    .for_each(|d| note_drawn(d, "a picture in the text", tag.line, found));
            } else {
                note(&plain, "a picture in the text", tag.line, found);
            }
        }
    }
}

/// Characters that drawings in text are made of.
const INK: [char; 7] = ['█', '▀', '▄', '▓', '■', '⬛', '◼'];

/// Codes drawn without a picture.
fn drawings(message: &MessageFacts, list: &[Attachment], found: &mut Vec<QrCode>) {
    for body in message.bodies().iter().filter(|body| !body.is_html && body.text.contains(INK)) {
        drawn::in_text(&body.text)
            .iter()
            .for_each(|d| note_drawn(d, "block characters", body.line(0), found));
    }
    for html in message.htmls() {
        let line = html.tags.first().map_or(1, |tag| tag.line);
        if html.text.contains(INK) {
            drawn::in_text(&html.text).iter().for_each(|d| note_drawn(d, "block characters", line, found));
            let source = message.bodies().iter().find(|body| body.part == html.part);
            for kept in source.map(|body| drawn::kept_lines(html, &body.text)).unwrap_or_default() {
                drawn::in_text(&kept).iter().for_each(|d| note_drawn(d, "block characters", line, found));
            }
        }
        drawn::in_tables(html).iter().for_each(|d| note_drawn(d, "the cells of a table", line, found));
        boxes::in_boxes(html).iter().for_each(|d| note_drawn(d, "the boxes of a page", line, found));
        if html.tags_named("svg").next().is_some()
            && let Some(body) = message.bodies().iter().find(|body| body.part == html.part)
        {
            drawn::in_svg(&body.text).iter().for_each(|d| note_drawn(d, "an SVG in the text", line, found));
        }
    }
    let pictures = list.iter().filter(|attachment| attachment.examination.format == Format::Svg);
    for attachment in pictures.filter(|attachment| attachment.size <= LARGEST).take(MOST_IMAGES) {
        let Some(part) = message.parts().iter().find(|part| part.path == attachment.path) else { continue };
        let source = String::from_utf8_lossy(&message.decoded(part).bytes).into_owned();
        let shown = if attachment.name.is_empty() { &attachment.path } else { &attachment.name };
        drawn::in_svg(&source).iter().for_each(|d| note_drawn(d, shown, attachment.line, found));
    }
}

fn note_drawn(drawing: &Drawing, path: &str, line: u32, found: &mut Vec<QrCode>) {
    for inverted in [false, true] {
        let (width, height, grey) = drawn::picture(drawing, inverted);
        let texts = read_grey(width, height, &grey);
        if !texts.is_empty() {
            found.extend(texts.into_iter().map(|text| QrCode { text, path: path.to_owned(), line }));
            return;
        }
    }
}

fn note(bytes: &[u8], path: &str, line: u32, found: &mut Vec<QrCode>) {
    for text in codes(bytes) {
        found.push(QrCode { text, path: path.to_owned(), line });
    }
}

fn codes(bytes: &[u8]) -> Vec<String> {
    let Ok(mut reader) = image::ImageReader::new(std::io::Cursor::new(bytes)).with_guessed_format() else {
        return Vec::new();
    };
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(MOST_PIXELS);
    limits.max_image_height = Some(MOST_PIXELS);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let Ok(picture) = reader.decode() else { return Vec::new() };
    if picture.width() < LEAST_PIXELS || picture.height() < LEAST_PIXELS {
        return Vec::new();
    }
    let picture = if picture.width() > WIDTH || picture.height() > WIDTH {
        picture.thumbnail(WIDTH, WIDTH)
    } else {
        picture
    };
    let grey = picture.to_luma8();
    let (width, height) = (grey.width() as usize, grey.height() as usize);
    let raw = grey.as_raw();
    let found = read_grey(width, height, raw);
    // Light on dark: only a picture of which a part is dark can hold that.
    let dark = raw.iter().filter(|byte| **byte < 96).count();
    if !found.is_empty() || dark * 6 < raw.len() {
        return found;
    }
    let inverted: Vec<u8> = raw.iter().map(|byte| 255 - byte).collect();
    read_grey(width, height, &inverted)
}

fn read_grey(width: usize, height: usize, raw: &[u8]) -> Vec<String> {
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        raw.get(y * width + x).copied().unwrap_or(255)
    });
    let grids = prepared.detect_grids();
    grids
        .iter()
        .take(8)
        .filter_map(|grid| grid.decode().ok())
        .map(|(_, text)| text.chars().take(2000).collect())
        .collect()
}
