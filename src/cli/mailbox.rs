//! One file, one or many messages: an mbox is split where a `From ` line with a
//! date follows a blank line (RFC 4155).

/// The messages of a file with the name to report each by.
pub(super) fn messages(name: &str, raw: Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let starts = separators(&raw);
    if starts.len() < 2 {
        return vec![(name.to_owned(), raw)];
    }
    let ends = starts.iter().skip(1).copied().chain([raw.len()]);
    starts
        .iter()
        .zip(ends)
        .enumerate()
        .map(|(number, (start, end))| (format!("{name}#{}", number + 1), raw[*start..end].to_vec()))
        .collect()
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
        let split = messages("m", mbox.to_vec());
        assert_eq!(split.len(), 2);
        assert_eq!(split[1].0, "m#2");
        assert!(split[1].1.starts_with(b"From b"));
        assert_eq!(messages("m", b"Subject: x\n\nFrom a 12:00:00 2026\n".to_vec()).len(), 1);
    }
}
