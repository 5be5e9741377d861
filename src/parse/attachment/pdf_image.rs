//! Pictures in a PDF that are packed as a PNG packs its own: written as one, so that whoever reads
//! pictures can look for a QR code (ISO 32000-1 sections 7.4.4.4 and 8.9.5).

use std::io::{Read as _, Write as _};

/// Sides and bytes of a picture that is looked at.
const MOST_PIXELS: u32 = 4000;
const MOST_BYTES: u64 = 24 << 20;

/// The picture of an image dictionary and its stream, once as it is and once with dark and light
/// exchanged where nothing says which is which.
pub(super) fn pictures(dictionary: &[u8], body: &[u8]) -> Vec<Vec<u8>> {
    read(dictionary, body).unwrap_or_default()
}

fn read(dictionary: &[u8], body: &[u8]) -> Option<Vec<Vec<u8>>> {
    let text: String = dictionary.iter().take(2000).copied().map(char::from).collect();
    let (width, height) = (number(&text, "/Width")?, number(&text, "/Height")?);
    let is_mask = text.contains("/ImageMask true");
    let bits = if is_mask { 1 } else { number(&text, "/BitsPerComponent")? };
    let fits = (21..=MOST_PIXELS).contains(&width)
        && (21..=MOST_PIXELS).contains(&height)
        && matches!(bits, 1 | 2 | 4 | 8);
    if !fits {
        return None;
    }
    let predicted = number(&text, "/Predictor").is_some_and(|predictor| predictor >= 10);
    let colours = match number(&text, "/Colors") {
        Some(colours) => colours,
        None if text.contains("/DeviceRGB") && !text.contains("/Indexed") => 3,
        None if text.contains("/DeviceCMYK") => return None,
        None => 1,
    };
    let kind = match colours {
        1 => 0,
        3 => 2,
        _ => return None,
    };
    if predicted {
        // The stream is what a PNG's data are: rows with a filter byte each, packed by zlib.
        return Some(vec![png(width, height, bits, kind, body)]);
    }
    let mut data = Vec::new();
    flate2::read::ZlibDecoder::new(body).take(MOST_BYTES).read_to_end(&mut data).ok();
    let row = usize::try_from((u64::from(width) * u64::from(bits) * u64::from(colours)).div_ceil(8)).ok()?;
    let rows = data.len() / row;
    if rows < 21 {
        return None;
    }
    let packed = |flip: u8| {
        let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        for line in data.chunks_exact(row).take(height as usize) {
            let line: Vec<u8> = std::iter::once(0).chain(line.iter().map(|byte| byte ^ flip)).collect();
            out.write_all(&line).ok()?;
        }
        out.finish().ok()
    };
    let height = height.min(u32::try_from(rows).ok()?);
    let mut found = vec![png(width, height, bits, kind, &packed(0)?)];
    if bits == 1 {
        found.push(png(width, height, bits, kind, &packed(0xff)?));
    }
    Some(found)
}

/// The number after a key, which must end there: `/Width` is no `/Widths`.
fn number(text: &str, key: &str) -> Option<u32> {
    text.match_indices(key).find_map(|(at, _)| {
        let rest = text.get(at + key.len()..)?;
        let rest = rest.strip_prefix([' ', '\n', '\r', '\t']).unwrap_or(rest);
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest.get(..end)?.parse().ok()
    })
}

/// A PNG of these packed rows (RFC 2083).
fn png(width: u32, height: u32, bits: u32, kind: u8, packed: &[u8]) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut head = Vec::with_capacity(13);
    head.extend(width.to_be_bytes());
    head.extend(height.to_be_bytes());
    head.extend([u8::try_from(bits).unwrap_or(8), kind, 0, 0, 0]);
    for (name, data) in [(b"IHDR", head.as_slice()), (b"IDAT", packed), (b"IEND", &[])] {
        out.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
        let mut sum = flate2::Crc::new();
        sum.update(name);
        sum.update(data);
        out.extend(name);
        out.extend(data);
        out.extend(sum.sum().to_be_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_rows_become_a_picture() {
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(&[0xAA; 32 * 4]).unwrap();
        let body = packed.finish().unwrap();
        let found = pictures(
            b"<</Subtype/Image/Width 32/Height 32/BitsPerComponent 1/ColorSpace/DeviceGray>>",
            &body,
        );
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with(b"\x89PNG") && found[0] != found[1]);
        for broken in [
            &b"/Width 32"[..],
            b"/Width 9/Height 9/BitsPerComponent 8",
            b"/Width 99999 /Height 40 /BitsPerComponent 8",
            b"",
        ] {
            assert!(pictures(broken, &body).is_empty());
        }
    }
}
