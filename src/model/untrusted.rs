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

/// A path as text of ours may name it: whoever makes the file makes its name, line breaks included.
pub(crate) trait Shown {
    /// The whole path, with `\u{..}` for what moves the cursor, ends a line or hides in it.
    fn shown(&self) -> String;
}

impl Shown for std::path::Path {
    fn shown(&self) -> String {
        unbroken(&self.to_string_lossy())
    }
}

/// The whole text, printable and in one line.
pub(crate) fn unbroken(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unprintable(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out
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
    match out.contains("::") || out.contains("##") {
        true => without_commands(&out),
        false => out,
    }
}

/// How commands begin that a runner obeys anywhere in a line: GitHub's and Azure's, Azure's own, TeamCity's.
pub(crate) const COMMAND_MARKS: [&str; 3] = ["##[", "##vso[", "##teamcity["];

/// Runners of workflows read commands out of all that a step prints: `::error::` at the start of a
/// line, behind any indent, and [`COMMAND_MARKS`]. A stranger's text gives none.
fn without_commands(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    let marks = || COMMAND_MARKS.iter().chain(["::"].iter());
    while let Some(at) = marks().filter_map(|mark| rest.find(mark)).min() {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (sign, escaped) = match rest.starts_with('#') {
            true => ("#", "\\u{23}"),
            false if is_command(&rest[2..]) => (":", "\\u{3a}"),
            false => (":", ":"),
        };
        out.push_str(escaped);
        rest = &rest[sign.len()..];
    }
    out.push_str(rest);
    out
}

/// `error::` or `warning file=x::`: a word that is no part of an IPv6 address, and what ends it.
fn is_command(text: &str) -> bool {
    let word = text.bytes().take_while(|byte| byte.is_ascii_alphabetic() || *byte == b'-').count();
    let is_word = text.bytes().take(word).any(|byte| !byte.is_ascii_hexdigit());
    let rest = &text[word..];
    is_word && (rest.starts_with("::") || rest.starts_with(' ') && rest.contains("::"))
}

/// True for what may move the cursor, reorder the line or hide in it.
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' | '\u{61c}' | '\u{ad}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_workflow_command_is_made_of_a_text() {
        for (text, wanted) in [
            ("::error::x", "\\u{3a}:error::x"),
            ("a ::warning file=a,line=1::b", "a \\u{3a}:warning file=a,line=1::b"),
            ("::stop-commands::t", "\\u{3a}:stop-commands::t"),
            (":::error::x", ":\\u{3a}:error::x"),
            ("##[error]x ###[a]", "\\u{23}#[error]x #\\u{23}#[a]"),
            ("##vso[task.a]x ##[b]", "\\u{23}#vso[task.a]x \\u{23}#[b]"),
            ("##teamcity[buildStop]", "\\u{23}#teamcity[buildStop]"),
            (
                "ip6:2001:db8::ffff ::1 ::ffff:11.2.3.4 fe80::face::",
                "ip6:2001:db8::ffff ::1 ::ffff:11.2.3.4 fe80::face::",
            ),
            ("std::fs ## [x]", "std::fs ## [x]"),
        ] {
            assert_eq!(plain(text, Width::Record), wanted);
        }
    }
}
