//! How much of a message is looked at. What lies beyond a limit is said aloud,
//! never taken for absent.

use std::fmt;

/// Header fields of one part that are kept.
pub(crate) const FIELDS: usize = 2_000;
/// Bytes of one header.
pub(crate) const HEADER_BYTES: usize = 1 << 20;
/// Bytes of one Content-Type or Content-Disposition field: its reader compares each piece of a
/// parameter (RFC 2231 section 3) with all others. Real ones have fewer than five hundred.
pub(crate) const PARAMETER_BYTES: usize = 8 << 10;
/// MIME parts; real mail has fewer than fifty.
pub(crate) const PARTS: usize = 1_000;
/// Nesting of multiparts and attached messages.
pub(crate) const DEPTH: usize = 32;
/// Bytes of one text part that are decoded and read.
pub(crate) const TEXT_BYTES: usize = 4 << 20;
/// Bytes of one attachment that are decoded.
pub(crate) const DECODED_BYTES: usize = 64 << 20;
/// Encoded bytes of a part up to which its decoding is kept for the next to ask.
pub(crate) const KEPT_BYTES: usize = 2 << 20;
/// Tags of one HTML part.
pub(crate) const TAGS: usize = 50_000;
/// Open elements at one time.
pub(crate) const OPEN_ELEMENTS: usize = 512;
/// Links of one message.
pub(crate) const LINKS: usize = 5_000;
/// Faults of one kind that are kept one by one.
pub(crate) const FAULTS: usize = 200;
/// Text parts shown inline that are read.
pub(crate) const TEXT_PARTS: usize = 20;
/// The largest file taken for a message. Receivers stop far below: 25 to 150 MB.
pub(crate) const MESSAGE_BYTES: usize = 256 << 20;

/// A limit that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// Header fields of one part.
    Fields,
    /// Bytes of one header.
    HeaderBytes,
    /// Bytes of a field with parameters.
    ParameterBytes,
    /// MIME parts.
    Parts,
    /// MIME parts within each other.
    Depth,
    /// Bytes of a text part.
    TextBytes,
    /// Bytes of a part after decoding.
    DecodedBytes,
    /// HTML tags.
    Tags,
    /// Links.
    Links,
    /// Text parts shown inline.
    TextParts,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Limit::Fields => write!(f, "only the first {FIELDS} header fields were read"),
            Limit::HeaderBytes => write!(f, "only the first {HEADER_BYTES} bytes of the header were read"),
            Limit::ParameterBytes => {
                write!(
                    f,
                    "only the first {PARAMETER_BYTES} bytes of a Content-Type or Content-Disposition field were read"
                )
            }
            Limit::Parts => write!(f, "only the first {PARTS} MIME parts were read"),
            Limit::Depth => write!(f, "parts nested deeper than {DEPTH} were not read"),
            Limit::TextBytes => write!(f, "only the first {TEXT_BYTES} bytes of a text part were read"),
            Limit::DecodedBytes => write!(f, "only the first {DECODED_BYTES} bytes of a part were decoded"),
            Limit::Tags => write!(f, "only the first {TAGS} HTML tags were read"),
            Limit::Links => write!(f, "only the first {LINKS} links were read"),
            Limit::TextParts => write!(f, "only the first {TEXT_PARTS} inline text parts were read"),
        }
    }
}
