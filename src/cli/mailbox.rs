//! One file, one or many messages: an mbox is split where a `From ` line with a
//! date follows a blank line (RFC 4155).

use std::ops::Range;

/// Where the messages of a file stand: one for all that is no mbox of several. No message is copied, so that
/// a mailbox of a hundred thousand is no more in memory than its file.
pub(super) fn messages(raw: &[u8]) -> Vec<Range<usize>> {
    let starts = separators(raw);
    if starts.len() < 2 {
        return std::iter::once(0..raw.len()).collect();
    }
    let ends = starts.iter().skip(1).copied().chain([raw.len()]);
    starts.iter().zip(ends).map(|(start, end)| *start..end).collect()
}

/// The name to report the message by: the file's where it holds one only.
pub(super) fn name(file: &str, number: usize, of: usize) -> String {
    if of < 2 { file.to_owned() } else { format!("{file}#{}", number + 1) }
}

/// Where each message of an mbox begins; at most one for anything else.
fn separators(raw: &[u8]) -> Vec<usize> {
    if !raw.starts_with(b"From ") {
        return Vec::new();
    }
    let mut starts = vec![0];
    for at in memchr::memmem::find_iter(raw, b"\nFrom ") {
        let blank =
            raw[..at].ends_with(b"\n") || raw[..at].ends_with(b"\n\r") || raw[..at].ends_with(b"\r\n\r");
        let line = &raw[at + 1..];
        let line = &line[..memchr::memchr(b'\n', line).unwrap_or(line.len())];
        // asctime: the line ends in a year, perhaps with a zone, and holds a time.
        let dated = line.len() < 500
            && line.windows(3).any(|w| w[0].is_ascii_digit() && w[1] == b':' && w[2].is_ascii_digit());
        if blank && dated {
            starts.push(at + 1);
        }
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mbox_is_split_and_mail_is_not() {
        let mbox = b"From a@example.com Mon Nov 23 12:00:00 2026\nSubject: 1\n\nx\n\nFrom b Mon Nov 23 12:00:01 2026\nSubject: 2\n\nFrom here on\n";
        let split = messages(mbox);
        assert_eq!(split.len(), 2);
        assert_eq!((name("m", 1, split.len()), name("m", 0, 1)), ("m#2".to_owned(), "m".to_owned()));
        assert!(mbox[split[1].clone()].starts_with(b"From b"));
        assert_eq!(messages(b"Subject: x\n\nFrom a 12:00:00 2026\n").len(), 1);
    }
}
