//! A message made ready for DATA: line ends, dots doubled, and what it needs of
//! the server that takes it (RFC 5321 section 4.5.2, RFC 6152, RFC 6531).

/// The octets to write behind DATA, and what is to be known of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// Lines end in CRLF, leading dots are doubled; the final dot is not among them.
    pub octets: Vec<u8>,
    /// Octets as SIZE counts them: with CRLF, without doubled dots (RFC 1870 section 3).
    pub size: u64,
    /// Lines that ended in LF alone.
    pub bare_lf: usize,
    /// Lines that ended in CR alone.
    pub bare_cr: usize,
    /// The mbox line `From ...` in front was left out.
    pub without_mbox_line: bool,
    /// Octets over 127 anywhere.
    pub eight_bit: bool,
    /// UTF-8 in the header, which only SMTPUTF8 may carry.
    pub utf8_header: bool,
    /// Octets of value zero (RFC 5321 section 4.5.2 allows them to be refused).
    pub has_nul: bool,
    /// Lines of more than 998 octets (RFC 5322 section 2.1.1).
    pub long_lines: usize,
}

/// RFC 5322 section 2.1.1, without CRLF.
const LONGEST_LINE: usize = 998;

impl Outgoing {
    /// Reads a message as a file holds it.
    pub fn read(raw: &[u8]) -> Outgoing {
        let mut out =
            Outgoing { octets: Vec::with_capacity(raw.len() + raw.len() / 32), ..Outgoing::default() };
        let mut rest = raw;
        if raw.starts_with(b"From ") {
            rest = raw.get(memchr::memchr(b'\n', raw).map_or(raw.len(), |at| at + 1)..).unwrap_or_default();
            out.without_mbox_line = true;
        }
        let mut in_header = true;
        while !rest.is_empty() {
            let end = memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
            let (line, after) = rest.split_at(end);
            rest = match after {
                [b'\r', b'\n', rest @ ..] => rest,
                [b'\n', rest @ ..] => {
                    out.bare_lf += 1;
                    rest
                }
                [b'\r', rest @ ..] => {
                    out.bare_cr += 1;
                    rest
                }
                _ => after,
            };
            in_header &= !line.is_empty();
            out.line(line, in_header);
        }
        out
    }

    fn line(&mut self, line: &[u8], in_header: bool) {
        if !line.is_ascii() {
            self.eight_bit = true;
            self.utf8_header |= in_header && std::str::from_utf8(line).is_ok();
        }
        self.has_nul |= memchr::memchr(0, line).is_some();
        self.long_lines += usize::from(line.len() > LONGEST_LINE);
        self.size += line.len() as u64 + 2;
        if line.first() == Some(&b'.') {
            self.octets.push(b'.');
        }
        self.octets.extend_from_slice(line);
        self.octets.extend_from_slice(b"\r\n");
    }

    /// What was changed, and what a relay may mind, for people.
    pub fn notes(&self) -> Vec<String> {
        let lines = |count: usize| if count == 1 { "1 line".to_owned() } else { format!("{count} lines") };
        let mut notes = Vec::new();
        if self.without_mbox_line {
            notes.push("the mbox line \"From ...\" before the header is left out".to_owned());
        }
        if self.bare_lf > 0 {
            notes.push(format!("{} ended in bare LF; CRLF is sent", lines(self.bare_lf)));
        }
        if self.bare_cr > 0 {
            notes.push(format!("{} ended in bare CR; CRLF is sent", lines(self.bare_cr)));
        }
        if self.long_lines > 0 {
            let text =
                format!("{} longer than 998 octets; relays may cut or refuse them", lines(self.long_lines));
            notes.push(text);
        }
        if self.has_nul {
            notes.push("there are NUL octets in it; relays may refuse it".to_owned());
        }
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_and_line_ends() {
        let out = Outgoing::read(b"A: b\r\n\n.\r\n..x\ry\n.");
        assert_eq!(out.octets, b"A: b\r\n\r\n..\r\n...x\r\ny\r\n..\r\n");
        assert_eq!((out.bare_lf, out.bare_cr, out.size), (2, 1, 6 + 2 + 3 + 5 + 3 + 3));
        assert!(!out.eight_bit && !out.utf8_header && !out.without_mbox_line);
        // Nothing in it can end the message early.
        for raw in [&b"\n.\n"[..], b"\r.\r", b"\r\n.\r\n", b".", b"\n.\r\n", b"\r\r.\r\n"] {
            let mut whole = b"\r\n".to_vec();
            whole.extend(Outgoing::read(raw).octets);
            assert!(memchr::memmem::find(&whole, b"\r\n.\r\n").is_none(), "{raw:?}");
        }
    }

    #[test]
    fn what_it_needs() {
        assert!(!Outgoing::read("A: b\n\nü".as_bytes()).utf8_header);
        let header = Outgoing::read("Subject: ü\n\nx".as_bytes());
        assert!(header.utf8_header && header.eight_bit);
        // Not UTF-8: SMTPUTF8 would not help.
        let latin = Outgoing::read(b"Subject: \xfc\n\nx\0");
        assert!(!latin.utf8_header && latin.eight_bit && latin.has_nul);
        let mbox = Outgoing::read(b"From a Mon\nA: b\n\nx\n");
        assert!(mbox.without_mbox_line && mbox.octets.starts_with(b"A: b\r\n"));
        assert_eq!(Outgoing::read(&[b'a'; 999]).long_lines, 1);
        assert!(Outgoing::read(b"").octets.is_empty());
    }
}
