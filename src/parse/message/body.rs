//! A text part as Unicode, with the way back from each character to the line of
//! the file.

use super::charset;
use super::limits;
use super::parts::{Part, TransferEncoding};
use super::transfer::{self, Decoded, TransferFault};

/// The decoded text of one part.
#[derive(Debug)]
pub struct Body {
    /// Index into `Message::parts`.
    pub part: usize,
    /// The text, every character one of Unicode; what cannot be decoded is U+FFFD.
    pub text: String,
    pub(crate) is_html: bool,
    /// The declared charset is none we know.
    pub unknown_charset: bool,
    /// The bytes are not of the declared charset, or are not ASCII and none is declared.
    pub wrong_charset: bool,
    /// Bytes after decoding the transfer encoding.
    pub decoded_bytes: usize,
    pub(crate) transfer_faults: Vec<TransferFault>,
    /// The limit cut the rest off.
    pub cut: bool,
    lines: Lines,
}

/// From text offsets to lines of the file.
#[derive(Debug)]
struct Lines {
    first: u32,
    marks: Vec<usize>,
    /// Where the charset changed the offsets: the start of each text line in the
    /// text and in the decoded bytes.
    moved: Option<(Vec<usize>, Vec<usize>)>,
}

/// Decodes a part's body by its transfer encoding, up to `limit` bytes.
pub(crate) fn transfer_decoded(raw: &[u8], part: &Part, limit: usize) -> Decoded {
    let body = raw.get(part.body.clone()).unwrap_or_default();
    match part.encoding {
        TransferEncoding::Base64 => transfer::base64(body, limit),
        TransferEncoding::QuotedPrintable => transfer::quoted_printable(body, limit),
        _ => transfer::identity(body, limit),
    }
}

impl Body {
    /// Decodes `part`, which is number `at` of the message's parts.
    pub fn read(raw: &[u8], part: &Part, at: usize) -> Body {
        let decoded = transfer_decoded(raw, part, limits::TEXT_BYTES);
        let text = charset::decode(&decoded.bytes, part.charset.as_deref());
        let moved = (text.text.as_bytes() != decoded.bytes)
            .then(|| (line_starts(text.text.as_bytes()), line_starts(&decoded.bytes)));
        Body {
            part: at,
            text: text.text,
            is_html: part.content_type == "text/html",
            unknown_charset: text.unknown,
            wrong_charset: text.invalid,
            decoded_bytes: decoded.bytes.len(),
            transfer_faults: decoded.faults,
            cut: decoded.cut,
            lines: Lines { first: part.body_line, marks: decoded.marks, moved },
        }
    }

    /// Line of the file that the character at `offset` of the text came from.
    pub fn line(&self, offset: usize) -> u32 {
        let offset = match &self.lines.moved {
            None => offset,
            Some((text, bytes)) => {
                let line = text.partition_point(|start| *start <= offset).saturating_sub(1);
                bytes.get(line).copied().unwrap_or_default()
            }
        };
        let line = self.lines.marks.partition_point(|mark| *mark <= offset).saturating_sub(1);
        self.lines.first.saturating_add(u32::try_from(line).unwrap_or(u32::MAX))
    }
}

fn line_starts(bytes: &[u8]) -> Vec<usize> {
    let mut starts = vec![0];
    starts.extend(memchr::memchr_iter(b'\n', bytes).map(|at| at + 1));
    starts
}
