//! Is this file mail at all? One clear answer before anything is judged.

use super::limits;
use crate::model::untrusted::Width;
use crate::parse::log;

/// Why a file is not taken for a message. The text says what to give instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotMail {
    /// No bytes.
    #[error("the file is empty; give a message as it is handed to the relay (header, blank line, body)")]
    Empty,
    /// More bytes than the limit: this many.
    #[error(
        "the file has {0} bytes, more than any receiver takes ({max}); give one message, not a mailbox",
        max = limits::MESSAGE_BYTES
    )]
    TooLarge(usize),
    /// Another kind of file, named for people.
    #[error("the file is binary ({0}); give the message's source (.eml), as \"show original\" saves it")]
    Binary(&'static str),
    /// A log of a mail system, by its name.
    #[error("this looks like a mail log ({0}); mailvet triage reads it")]
    Log(&'static str),
    /// The first line that counts is no header field.
    #[error(
        "line {line} is no header field ({text:?}); a message begins with fields such as \"From: a@example.com\""
    )]
    NoHeader {
        /// From 1.
        line: u32,
        /// The line, cut to a readable length.
        text: String,
    },
}

/// Bytes looked at to tell a log by its lines.
const HEAD: usize = 16 << 10;

/// Refuses what is no message: it must begin with a header field (an mbox
/// `From ` line and blank lines before it are forgiven).
///
/// # Errors
/// Why the file is not taken for a message.
pub fn plausible(raw: &[u8]) -> Result<(), NotMail> {
    if raw.is_empty() {
        return Err(NotMail::Empty);
    }
    if raw.len() > limits::MESSAGE_BYTES {
        return Err(NotMail::TooLarge(raw.len()));
    }
    const MAGIC: [(&[u8], &str); 9] = [
        (b"\xd0\xcf\x11\xe0", "an OLE file such as an Outlook .msg"),
        (b"PK\x03\x04", "a zip archive"),
        (b"\x1f\x8b", "gzip"),
        (b"%PDF-", "a PDF"),
        (b"\x7fELF", "a program"),
        (b"\xff\xfe", "UTF-16 text"),
        (b"\xfe\xff", "UTF-16 text"),
        (b"\x89PNG", "an image"),
        (b"!BDN", "an Outlook .pst"),
    ];
    if let Some((_, what)) = MAGIC.iter().find(|(magic, _)| raw.starts_with(magic)) {
        return Err(NotMail::Binary(what));
    }
    let raw = raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(raw);
    let mut nul = false;
    for (index, line) in raw.split(|b| *b == b'\n').take(50).enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() || line.starts_with(b"From ") || line.starts_with(b">From ") {
            continue;
        }
        let shown = &line[..line.len().min(4096)];
        nul |= shown.contains(&0);
        // A stamp in ISO form is a field name by its letters, and no field that anybody writes.
        let is_field = super::fields::field_name(shown).is_some();
        if is_field && !shown.starts_with(b"2") {
            return Ok(());
        }
        if let Some(dialect) = log::detect::dialect(&raw[..raw.len().min(HEAD)]) {
            return Err(NotMail::Log(dialect.title()));
        }
        if is_field {
            return Ok(());
        }
        if nul {
            return Err(NotMail::Binary("NUL bytes in the first line"));
        }
        let text = crate::model::untrusted::plain(&String::from_utf8_lossy(shown), Width::Word);
        return Err(NotMail::NoHeader { line: u32::try_from(index + 1).unwrap_or(u32::MAX), text });
    }
    Err(NotMail::Empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_is_told_from_other_files() {
        assert_eq!(plausible(b"From: a@example.com\r\n\r\nhi"), Ok(()));
        assert_eq!(plausible(b"From a@example.com Mon Nov 23\nSubject: x\n\nhi"), Ok(()));
        assert_eq!(plausible(b"\xef\xbb\xbfSubject: x\n\nhi"), Ok(()));
        assert_eq!(plausible(b""), Err(NotMail::Empty));
        assert_eq!(plausible(b"\n\n\n"), Err(NotMail::Empty));
        assert!(matches!(plausible(b"PK\x03\x04...."), Err(NotMail::Binary(_))));
        assert!(matches!(plausible(b"<html><body>: hi"), Err(NotMail::NoHeader { line: 1, .. })));
        assert!(matches!(plausible(b"Dear reader,\nhello"), Err(NotMail::NoHeader { line: 1, .. })));
        assert!(matches!(plausible(&[0, 1, 2, 3, 4, 255]), Err(NotMail::Binary(_))));
    }
}
