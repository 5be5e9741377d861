//! Windows shortcuts (MS-SHLLINK) and Internet shortcuts (`.url`).

use super::{Examination, SignKind, u16_at, u32_at};

const HAS_ID_LIST: u32 = 1;
const HAS_LINK_INFO: u32 = 2;
const IS_UNICODE: u32 = 0x80;

pub(super) fn examine_lnk(bytes: &[u8], found: &mut Examination) {
    let Some(flags) = u32_at(bytes, 20) else {
        found.doubt("not inspected: the shortcut is damaged");
        return;
    };
    let mut at = 76_usize;
    if flags & HAS_ID_LIST != 0 {
        at += 2 + usize::from(u16_at(bytes, at).unwrap_or(0));
    }
    if flags & HAS_LINK_INFO != 0 {
        let size = u32_at(bytes, at).and_then(|size| usize::try_from(size).ok()).unwrap_or(0);
        at = at.saturating_add(size);
    }
    // Name, relative path, working directory, arguments, icon: bits 2 to 6, in this order.
    let mut texts = Vec::new();
    for bit in 2..7_u32 {
        if flags & (1 << bit) == 0 {
            continue;
        }
        let count = usize::from(u16_at(bytes, at).unwrap_or(0));
        let size = if flags & IS_UNICODE != 0 { count * 2 } else { count };
        let from = at.saturating_add(2);
        let data = bytes.get(from..from.saturating_add(size)).unwrap_or_default();
        let text = if flags & IS_UNICODE != 0 {
            let units = data.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect()
        } else {
            String::from_utf8_lossy(data).into_owned()
        };
        if bit == 3 || bit == 5 {
            texts.push(text.trim().to_owned());
        }
        at = from.saturating_add(size);
    }
    let command = texts.join(" ");
    found.sign(SignKind::ShortcutCommand, if command.is_empty() { "a shortcut" } else { &command });
}

pub(super) fn examine_url_file(bytes: &[u8], found: &mut Examination) {
    let text = super::magic::text_of(bytes.get(..bytes.len().min(64 << 10)).unwrap_or_default());
    for line in text.lines() {
        let Some((key, value)) = line.split_once('=') else { continue };
        if key.trim().eq_ignore_ascii_case("url") {
            found.link(value);
            found.sign(SignKind::ShortcutCommand, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_shown() {
        let mut bytes = b"\x4c\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46".to_vec();
        bytes.extend((0x20_u32).to_le_bytes());
        bytes.resize(76, 0);
        bytes.extend([5, 0]);
        bytes.extend(b"/c ab");
        let mut found = Examination::default();
        examine_lnk(&bytes, &mut found);
        assert_eq!(found.signs[0].detail, "/c ab");
    }
}
