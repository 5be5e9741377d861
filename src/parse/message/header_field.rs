//! The header fields of a raw message as byte ranges (RFC 5322 section 2.2),
//! kept exactly as they stand, because signatures are made over these bytes.
//! Decodes nothing.

use std::ops::Range;

/// One field, folds included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderField {
    /// The bytes before the colon.
    pub name: Range<usize>,
    /// The bytes after the colon, the final line break included.
    pub value: Range<usize>,
    /// The line it starts on, from 1.
    pub line: u32,
}

impl HeaderField {
    pub fn name_in<'m>(&self, raw: &'m [u8]) -> &'m [u8] {
        raw.get(self.name.clone()).unwrap_or_default()
    }

    pub fn value_in<'m>(&self, raw: &'m [u8]) -> &'m [u8] {
        raw.get(self.value.clone()).unwrap_or_default()
    }

    /// True for this field name, any case, white space before the colon ignored.
    pub fn is(&self, raw: &[u8], name: &str) -> bool {
        self.name_in(raw).trim_ascii().eq_ignore_ascii_case(name.as_bytes())
    }
}

/// The header section, and where the body starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderSection {
    pub fields: Vec<HeaderField>,
    /// Offset of the first body byte; the message's length where there is no body.
    pub body: usize,
}

impl HeaderSection {
    /// Splits a message. Lines end in LF, with or without CR; a line that is
    /// neither field nor fold (such as an mbox `From ` line) is passed over.
    pub fn read(raw: &[u8]) -> HeaderSection {
        let mut section = HeaderSection { fields: Vec::new(), body: raw.len() };
        let (mut at, mut line) = (0, 0);
        while at < raw.len() {
            line += 1;
            let end = memchr::memchr(b'\n', &raw[at..]).map_or(raw.len(), |found| at + found + 1);
            let text = &raw[at..end];
            if matches!(text, b"\n" | b"\r\n") {
                section.body = end;
                return section;
            }
            if text.starts_with(b" ") || text.starts_with(b"\t") {
                if let Some(field) = section.fields.last_mut().filter(|field| field.value.end == at) {
                    field.value.end = end;
                }
            } else if let Some(colon) = memchr::memchr(b':', text)
                && colon > 0
                && text[..colon].trim_ascii_end().iter().all(|b| (0x21..0x7f).contains(b))
            {
                section.fields.push(HeaderField { name: at..at + colon, value: at + colon + 1..end, line });
            }
            at = end;
        }
        section
    }

    /// The fields of one name, top to bottom.
    pub fn named<'s>(
        &'s self,
        raw: &'s [u8],
        name: &'s str,
    ) -> impl DoubleEndedIterator<Item = &'s HeaderField> {
        self.fields.iter().filter(move |field| field.is(raw, name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_keep_their_bytes() {
        let raw = b"From x\r\nA: 1\r\n\t2\r\nB:3\r\n\r\nC: body\r\n";
        let section = HeaderSection::read(raw);
        let shown: Vec<_> =
            section.fields.iter().map(|f| (f.name_in(raw), f.value_in(raw), f.line)).collect();
        assert_eq!(shown, [(&b"A"[..], &b" 1\r\n\t2\r\n"[..], 2), (b"B", b"3\r\n", 4)]);
        assert_eq!(&raw[section.body..], b"C: body\r\n");
        assert_eq!(HeaderSection::read(b"A: 1").body, 4);
        assert_eq!(HeaderSection::read(b"\r\nx").fields.len(), 0);
        assert_eq!(section.named(raw, "b").count(), 1);
    }
}
