//! QR codes in attached and inline pictures, within limits of count, size and
//! dimensions: a decoder given hostile pictures must stay cheap.

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
            for image in &examination.images {
                if looked < MOST_IMAGES && image.len() <= LARGEST {
                    looked += 1;
                    note(image, &path, attachment.line, &mut found);
                }
            }
        }
    }
    found
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
