//! Comma-separated values as spreadsheets write them (RFC 4180): quotes, line ends
//! inside quotes, any of three separators. Bounded, and exact about lines.
//!
//! Written here and not by the `csv` crate, which reads a quote that is never closed to the end of the
//! file without a word: a list of subscribers that is cut must be refused with its line.

/// One record.
pub(super) struct Row {
    /// Line of the file it begins on, from 1.
    pub line: u32,
    pub fields: Vec<String>,
}

/// What is wrong with the file's form.
pub(super) struct Fault {
    pub line: u32,
    pub what: String,
    pub remedy: &'static str,
}

/// Bytes of one field; an address or a form's name has far less.
const LONGEST_FIELD: usize = 10_000;
const MOST_FIELDS: usize = 500;

/// The records of a file, in order; ends after a fault.
pub(super) struct Records<'t> {
    text: &'t [u8],
    at: usize,
    line: u32,
    separator: u8,
    ended: bool,
}

impl<'t> Records<'t> {
    pub(super) fn new(text: &'t [u8]) -> Records<'t> {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let first = text.split(|b| *b == b'\n').next().unwrap_or_default();
        let count = |sign: u8| first.iter().filter(|b| **b == sign).count();
        // The separator that the header has most of; a comma where it has none.
        let separator = [b',', b';', b'\t'].into_iter().rev().max_by_key(|sign| count(*sign)).unwrap_or(b',');
        Records { text, at: 0, line: 1, separator, ended: false }
    }

    fn fault(
        &mut self,
        line: u32,
        what: impl Into<String>,
        remedy: &'static str,
    ) -> Option<Result<Row, Fault>> {
        self.ended = true;
        Some(Err(Fault { line, what: what.into(), remedy }))
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Row, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended || self.at >= self.text.len() {
            return None;
        }
        let first = self.line;
        let mut fields = Vec::new();
        let mut field = Vec::new();
        let (mut quoted, mut was_quoted) = (false, false);
        loop {
            let byte = self.text.get(self.at).copied();
            self.at += 1;
            if byte == Some(b'\n') {
                self.line = self.line.saturating_add(1);
            }
            let ends = match byte {
                None if quoted => {
                    return self.fault(
                        first,
                        "a quoted field is never closed",
                        "write \" at its end, and \"\" for a quote inside",
                    );
                }
                None => true,
                Some(b'"') if quoted && self.text.get(self.at) == Some(&b'"') => {
                    field.push(b'"');
                    self.at += 1;
                    false
                }
                Some(b'"') if quoted => {
                    quoted = false;
                    false
                }
                Some(other) if quoted => {
                    field.push(other);
                    false
                }
                Some(b'"') if field.is_empty() && !was_quoted => {
                    (quoted, was_quoted) = (true, true);
                    false
                }
                Some(b'\n') => true,
                Some(b'\r') if matches!(self.text.get(self.at), Some(b'\n') | None) => false,
                Some(other) if other == self.separator => {
                    fields.push(std::mem::take(&mut field));
                    was_quoted = false;
                    false
                }
                Some(0) => {
                    return self.fault(
                        self.line,
                        "a NUL byte",
                        "save the list as UTF-8 text, not as UTF-16 or a workbook",
                    );
                }
                Some(other) => {
                    field.push(other);
                    false
                }
            };
            if field.len() > LONGEST_FIELD {
                return self.fault(
                    first,
                    format!("a field of more than {LONGEST_FIELD} bytes"),
                    "look for a quote that is never closed",
                );
            }
            if fields.len() > MOST_FIELDS {
                return self.fault(first, format!("more than {MOST_FIELDS} fields"), "is it the right file?");
            }
            if ends {
                fields.push(field);
                break;
            }
        }
        let decoded: Result<Vec<String>, _> = fields.into_iter().map(String::from_utf8).collect();
        match decoded {
            Ok(fields) => Some(Ok(Row { line: first, fields })),
            Err(_) => self.fault(first, "this line is not UTF-8", "save the list as UTF-8"),
        }
    }
}
