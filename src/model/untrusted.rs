//! Text an attacker may have written: TXT records, banners, replies, subjects.

use serde::{Deserialize, Serialize};

/// How much of a stranger's text is shown, in characters. What is longer ends in an ellipsis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// A tag, a code, a word quoted inside a sentence: 40.
    Word,
    /// A host, an address, a file name: 80, so that a usual name stands whole.
    Name,
    /// One line of a terminal: 120.
    Line,
    /// A record or a reply: 500, more than a full string of TXT.
    Record,
    /// A record or a message that must be whole to be of use: 4,000.
    Block,
}

impl Width {
    /// The number of characters.
    pub const fn characters(self) -> usize {
        match self {
            Width::Word => 40,
            Width::Name => 80,
            Width::Line => 120,
            Width::Record => 500,
            Width::Block => 4000,
        }
    }
}

/// A string without `Display`: every renderer must say how it escapes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Untrusted(String);

impl Untrusted {
    /// Text that is valid UTF-8 and otherwise anything.
    pub fn new(text: impl Into<String>) -> Untrusted {
        Untrusted(text.into())
    }

    /// From raw bytes; what is not UTF-8 becomes U+FFFD.
    pub fn from_bytes(bytes: &[u8]) -> Untrusted {
        Untrusted(String::from_utf8_lossy(bytes).into_owned())
    }

    /// The text as it came. The caller escapes it for where it goes.
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// Printable in any plain-text context: control, format (bidi, zero-width)
    /// and line-separator characters become `\u{..}`, and the text is cut at
    /// `width` with an ellipsis.
    pub fn plain(&self, width: Width) -> String {
        plain(&self.0, width)
    }
}

/// See [`Untrusted::plain`].
pub(crate) fn plain(text: &str, width: Width) -> String {
    let limit = width.characters();
    let mut out = String::with_capacity(text.len().min(limit * 4));
    for (count, c) in text.chars().enumerate() {
        if count == limit {
            out.push('…');
            break;
        }
        if is_unprintable(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out
}

/// True for what may move the cursor, reorder the line or hide in it.
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' | '\u{61c}' | '\u{ad}')
}
