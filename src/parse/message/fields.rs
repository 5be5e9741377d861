//! The raw header: every field in order, with its line, its faults and the bytes it was
//! signed as. Libraries hide what is wrong with a header; this scan keeps it.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use super::encoded_word::{self, WordFault};
use super::limits::{self, Limit};

/// One header field as it stands in the file.
#[derive(Clone, Debug)]
pub struct Field {
    /// As written, without the colon.
    pub name: String,
    /// The bytes after the colon, with folds and without the final line end.
    pub value: Vec<u8>,
    /// Line of the file, from 1.
    pub line: u32,
    /// The whole field in the file, final line end included.
    pub span: Range<usize>,
    /// Where the colon stands in the file.
    colon: usize,
    text: OnceLock<(String, Vec<WordFault>)>,
}

impl Field {
    /// True where the field has this name, in any case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The bytes before the colon, white space before it included: signatures are made over these.
    pub fn name_in<'m>(&self, raw: &'m [u8]) -> &'m [u8] {
        raw.get(self.span.start..self.colon).unwrap_or_default()
    }

    /// The bytes after the colon, folds and the final line break included.
    pub fn value_in<'m>(&self, raw: &'m [u8]) -> &'m [u8] {
        raw.get(self.colon + 1..self.span.end).unwrap_or_default()
    }

    /// Unfolded, encoded words decoded, trimmed.
    pub fn text(&self) -> &str {
        &self.decoded().0
    }

    /// What is wrong with the field's encoded words (RFC 2047).
    pub fn word_faults(&self) -> &[WordFault] {
        &self.decoded().1
    }

    fn decoded(&self) -> &(String, Vec<WordFault>) {
        self.text.get_or_init(|| encoded_word::decode(&self.unfolded_bytes()))
    }

    /// Unfolded (RFC 5322 section 2.2.3) and trimmed, encoded words left as they are.
    pub fn unfolded(&self) -> String {
        let bytes = self.unfolded_bytes();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn unfolded_bytes(&self) -> Cow<'_, [u8]> {
        let value = self.value.trim_ascii();
        if memchr::memchr2(b'\n', b'\r', value).is_none() {
            return Cow::Borrowed(value);
        }
        Cow::Owned(value.iter().copied().filter(|b| !matches!(b, b'\n' | b'\r')).collect())
    }

    /// The value with the line end that mail-parser's field readers stop at.
    pub(super) fn terminated(&self) -> Vec<u8> {
        let mut value = Vec::with_capacity(self.value.len() + 2);
        value.extend_from_slice(&self.value);
        value.extend_from_slice(b"\r\n");
        value
    }

    /// True where bytes above 127 stand in name or value unencoded.
    pub fn is_eight_bit(&self) -> bool {
        !self.value.is_ascii() || !self.name.is_ascii()
    }
}

/// A fault of the header that no single field shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderFault {
    /// Line of the file, from 1.
    pub line: u32,
    /// What is wrong.
    pub kind: HeaderFaultKind,
}

/// What is wrong with a header beyond its fields (RFC 5322 section 2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderFaultKind {
    /// A line that is neither field nor continuation; its beginning, raw.
    NotAField(String),
    /// `Subject : x` (RFC 5322 section 4.5.8, obsolete).
    SpaceBeforeColon(String),
    /// The header begins with white space.
    LeadingContinuation,
    /// A folded line of white space only (RFC 5322 section 3.2.2).
    BlankContinuation,
    /// The body begins without a blank line before it.
    MissingSeparator,
    /// An mbox `From ` line stands before the header.
    MboxFrom,
    /// Blank lines stand before the header.
    LeadingBlank,
    /// A byte-order mark stands before the header.
    ByteOrderMark,
}

/// A scanned header.
#[derive(Clone, Debug, Default)]
pub struct Header {
    /// In order, as many as the limit keeps.
    pub fields: Vec<Field>,
    /// In the order of the file.
    pub faults: Vec<HeaderFault>,
    /// Where the body begins.
    pub body: usize,
    /// Line of the body's first byte.
    pub body_line: u32,
    /// Limits that cut the header short.
    pub limits: Vec<Limit>,
}

impl Header {
    /// The fields of this name, in order.
    pub fn all<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'h Field> {
        self.fields.iter().filter(move |field| field.is(name))
    }

    /// The topmost field of this name.
    pub fn first(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.is(name))
    }

    /// Scans `raw[span]`, whose first byte is on `line`. `top` forgives what
    /// mail stores put before a message.
    pub fn scan(raw: &[u8], span: Range<usize>, line: u32, top: bool) -> Header {
        let end = span.end.min(raw.len());
        let mut scan = Scan { raw, at: span.start.min(end), end, line, header: Header::default() };
        if top {
            scan.forgive();
        }
        scan.run();
        scan.header.body = scan.at;
        scan.header.body_line = scan.line;
        scan.header
    }
}

struct Scan<'r> {
    raw: &'r [u8],
    at: usize,
    end: usize,
    line: u32,
    header: Header,
}

impl<'r> Scan<'r> {
    /// The line at `at` without its end, and where the next begins.
    fn line_at(&self, at: usize) -> (&'r [u8], usize) {
        let rest = &self.raw[at.min(self.end)..self.end];
        let (line, next) = match memchr::memchr(b'\n', rest) {
            Some(newline) => (&rest[..newline], at + newline + 1),
            None => (rest, self.end),
        };
        (line.strip_suffix(b"\r").unwrap_or(line), next)
    }

    fn fault(&mut self, kind: HeaderFaultKind) {
        if self.header.faults.len() < limits::FAULTS {
            self.header.faults.push(HeaderFault { line: self.line, kind });
        }
    }

    fn forgive(&mut self) {
        if self.raw[self.at..self.end].starts_with(b"\xef\xbb\xbf") {
            self.fault(HeaderFaultKind::ByteOrderMark);
            self.at += 3;
        }
        while self.at < self.end {
            let (line, next) = self.line_at(self.at);
            let kind = match line {
                [] => HeaderFaultKind::LeadingBlank,
                _ if line.starts_with(b"From ") || line.starts_with(b">From ") => HeaderFaultKind::MboxFrom,
                _ => break,
            };
            self.fault(kind);
            self.at = next;
            self.line += 1;
        }
    }

    fn run(&mut self) {
        let start = self.at;
        let mut full = false;
        while self.at < self.end {
            let (line, next) = self.line_at(self.at);
            if line.is_empty() {
                self.at = next;
                self.line += 1;
                return;
            }
            if self.at - start > limits::HEADER_BYTES {
                self.header.limits.push(Limit::HeaderBytes);
                return;
            }
            if matches!(line[0], b' ' | b'\t') {
                self.continuation(line, next, full);
            } else if let Some((name, padded)) = field_name(line) {
                full = self.header.fields.len() >= limits::FIELDS;
                self.field(line, next, name, padded, full);
            } else if !self.goes_on(next) {
                self.fault(HeaderFaultKind::MissingSeparator);
                return;
            } else {
                let shown = String::from_utf8_lossy(&line[..line.len().min(80)]).into_owned();
                self.fault(HeaderFaultKind::NotAField(shown));
            }
            self.at = next;
            self.line = self.line.saturating_add(1);
        }
    }

    fn field(&mut self, line: &[u8], next: usize, name: usize, padded: bool, full: bool) {
        let shown = String::from_utf8_lossy(&line[..name]).into_owned();
        if padded {
            self.fault(HeaderFaultKind::SpaceBeforeColon(shown.clone()));
        }
        if full {
            if !self.header.limits.contains(&Limit::Fields) {
                self.header.limits.push(Limit::Fields);
            }
            return;
        }
        let colon = memchr::memchr(b':', line).unwrap_or(name);
        self.header.fields.push(Field {
            name: shown,
            value: line.get(colon + 1..).unwrap_or_default().to_vec(),
            line: self.line,
            span: self.at..next,
            colon: self.at + colon,
            text: OnceLock::new(),
        });
    }

    fn continuation(&mut self, line: &[u8], next: usize, full: bool) {
        if line.trim_ascii().is_empty() {
            self.fault(HeaderFaultKind::BlankContinuation);
        }
        match self.header.fields.last_mut() {
            None => self.fault(HeaderFaultKind::LeadingContinuation),
            // What goes on a line that is no field is no part of the field above: its bytes were not signed.
            Some(field) if !full && field.span.end == self.at => {
                field.value.extend_from_slice(b"\r\n");
                field.value.extend_from_slice(line);
                field.span.end = next;
            }
            Some(_) => {}
        }
    }

    /// After a line that is no field: does the header go on? A known field name
    /// before the next blank line says so; else the body has begun.
    fn goes_on(&self, mut at: usize) -> bool {
        for _ in 0..100 {
            if at >= self.end {
                return false;
            }
            let (line, next) = self.line_at(at);
            if line.is_empty() {
                return false;
            }
            if field_name(line).is_some_and(|(name, _)| is_known(&line[..name])) {
                return true;
            }
            at = next;
        }
        false
    }
}

/// The length of the field name a line begins with, and whether white space
/// stands between it and the colon. RFC 5322 section 3.6.8: printable ASCII without colon.
pub(super) fn field_name(line: &[u8]) -> Option<(usize, bool)> {
    let colon = memchr::memchr(b':', line)?;
    let name = line[..colon].trim_ascii_end();
    let ok = !name.is_empty() && name.iter().all(|b| (33..=126).contains(b)) && name[0] != b'<';
    (ok && name.len() <= 200).then_some((name.len(), name.len() != colon))
}

fn is_known(name: &[u8]) -> bool {
    const KNOWN: [&[u8]; 18] = [
        b"from",
        b"to",
        b"cc",
        b"bcc",
        b"subject",
        b"date",
        b"sender",
        b"reply-to",
        b"message-id",
        b"mime-version",
        b"received",
        b"return-path",
        b"dkim-signature",
        b"list-unsubscribe",
        b"list-id",
        b"references",
        b"in-reply-to",
        b"precedence",
    ];
    let lower = name.to_ascii_lowercase();
    lower.starts_with(b"content-") || lower.starts_with(b"x-") || KNOWN.contains(&lower.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(raw: &str) -> Header {
        Header::scan(raw.as_bytes(), 0..raw.len(), 1, true)
    }

    #[test]
    fn fields_keep_order_line_and_folds() {
        let header = scan("From: a@example.com\r\nSubject: one\r\n two\r\nX-A:\r\n\r\nbody");
        let seen: Vec<_> = header.fields.iter().map(|f| (f.name.as_str(), f.line, f.text())).collect();
        assert_eq!(seen, [("From", 1, "a@example.com"), ("Subject", 2, "one two"), ("X-A", 4, "")]);
        assert_eq!(header.body_line, 6);
        assert!(header.faults.is_empty());
    }

    #[test]
    fn fields_keep_their_bytes() {
        let raw = "From x\r\nA: 1\r\n\t2\r\nB :3\r\n\r\nC: body\r\n";
        let header = scan(raw);
        let bytes = raw.as_bytes();
        let shown: Vec<_> =
            header.fields.iter().map(|f| (f.name_in(bytes), f.value_in(bytes), f.line)).collect();
        assert_eq!(shown, [(&b"A"[..], &b" 1\r\n\t2\r\n"[..], 2), (b"B ", b"3\r\n", 4)]);
        assert_eq!(&raw[header.body..], "C: body\r\n");
        assert_eq!((scan("A: 1").body, scan("A: 1").fields[0].value_in(b"A: 1")), (4, &b" 1"[..]));
    }

    #[test]
    fn a_line_between_ends_a_field() {
        let header = scan("A: 1\r\njunk\r\n more\r\nSubject: 2\r\n\r\n");
        assert_eq!(header.fields[0].span, 0..6);
        assert_eq!(header.fields[0].text(), "1");
        assert_eq!(header.fields.len(), 2);
    }

    #[test]
    fn faults_are_kept() {
        let kinds = |raw: &str| scan(raw).faults.into_iter().map(|f| f.kind).collect::<Vec<_>>();
        assert_eq!(
            kinds("From x Mon\nSubject : a\n\n"),
            [HeaderFaultKind::MboxFrom, HeaderFaultKind::SpaceBeforeColon("Subject".to_owned())]
        );
        assert_eq!(kinds("Subject: a\nHello there\nmore\n"), [HeaderFaultKind::MissingSeparator]);
        assert_eq!(
            kinds("Subject: a\njunk\nTo: b@example.com\n\n"),
            [HeaderFaultKind::NotAField("junk".to_owned())]
        );
        assert_eq!(
            kinds(" a\nSubject: a\n \n\n"),
            [HeaderFaultKind::LeadingContinuation, HeaderFaultKind::BlankContinuation]
        );
    }

    #[test]
    fn body_begins_at_the_line_that_ends_the_header() {
        let raw = "Subject: a\nHello there\n";
        let header = scan(raw);
        assert_eq!(&raw[header.body..], "Hello there\n");
        assert_eq!(header.body_line, 2);
    }
}
