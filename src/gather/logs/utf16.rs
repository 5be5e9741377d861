//! Logs in UTF-16, as Exchange Online's trace downloads and PowerShell's
//! redirections are, read as UTF-8. Known by their byte order mark.

use std::io::Read;

use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};

/// True where a log begins with the mark of UTF-16, in either order.
pub(super) fn is_utf16(head: &[u8]) -> bool {
    match head {
        // Followed by two NULs it is UTF-32, which no log is written in.
        [0xff, 0xfe, 0, 0, ..] => false,
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => true,
        _ => false,
    }
}

/// Decodes while it reads, by the mark; what is no character becomes U+FFFD.
pub(super) fn decoded<R: Read>(raw: R) -> DecodeReaderBytes<R, Vec<u8>> {
    DecodeReaderBytesBuilder::new().strip_bom(true).build(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(raw: &[u8]) -> String {
        let mut text = String::new();
        decoded(raw).read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn both_orders_and_damage() {
        let text = "\u{feff}Jos\u{e9} \u{1f600}\r\n".repeat(9000);
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let want = &text[3..];
        assert!(is_utf16(&little) && is_utf16(&big) && !is_utf16(b"Mar  3"));
        assert!(!is_utf16(&[0xff, 0xfe, 0, 0]));
        assert_eq!(text_of(&little), want);
        assert_eq!(text_of(&big), want);
        assert_eq!(
            text_of(&little[..little.len() - 1]).trim_end_matches('\u{fffd}'),
            want.trim_end_matches('\n')
        );
        assert_eq!(text_of(&[0xff, 0xfe, 0x3d, 0xd8, b'a', 0]), "\u{fffd}a");
        assert_eq!(text_of(&[0xff, 0xfe, 0, 0xdc]), "\u{fffd}");
        assert_eq!(text_of(&[0xff, 0xfe, 0x3d, 0xd8]), "\u{fffd}");
    }
}
