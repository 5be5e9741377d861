//! The `tag=value; tag=value` lists of DKIM, DMARC, ARC and BIMI (RFC 6376
//! section 3.2), with the bytes each tag stands at. Knows the grammar only: what
//! a tag means is for the record's own parser.

use crate::model::untrusted::Width;
use std::ops::Range;

/// One `name=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The tag's name; case-sensitive.
    pub name: String,
    /// Without the white space around it; folds inside are kept.
    pub value: String,
    /// The whole `name=value`, in bytes of the list's text.
    pub span: Range<usize>,
    /// The value alone.
    pub value_span: Range<usize>,
}

/// Something in a record that a reader stumbles over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The guilty bytes of the text; empty where something is missing.
    pub span: Range<usize>,
    /// For people: the observed value first, then the consequence. Escaped.
    pub text: String,
    /// True where a receiver that follows the standard discards the record.
    pub fatal: bool,
}

impl Fault {
    pub(crate) fn fatal(span: Range<usize>, text: impl Into<String>) -> Fault {
        Fault { span, text: text.into(), fatal: true }
    }

    pub(crate) fn mild(span: Range<usize>, text: impl Into<String>) -> Fault {
        Fault { span, text: text.into(), fatal: false }
    }
}

/// A list as it was written, with what is wrong with its grammar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagList {
    /// In the order of the text, repeats included.
    pub tags: Vec<Tag>,
    /// Grammar only.
    pub faults: Vec<Fault>,
}

/// More tags than any real record has; the rest is one fault.
const MAX_TAGS: usize = 100;

impl TagList {
    /// Reads a list; what is no `name=value` becomes a fault.
    pub fn parse(text: &str) -> TagList {
        let mut list = TagList::default();
        let mut start = 0;
        let last = text.matches(';').count();
        for (index, spec) in text.split(';').enumerate() {
            let whole = trimmed(text, start..start + spec.len());
            start += spec.len() + 1;
            if whole.is_empty() {
                // One closing semicolon is allowed, and an empty text is no list.
                if index != last {
                    list.faults.push(Fault::mild(whole, "a semicolon with nothing before it"));
                }
                continue;
            }
            if list.tags.len() == MAX_TAGS {
                list.faults.push(Fault::fatal(whole, "more than 100 tags: this is no real record"));
                break;
            }
            list.read(text, whole);
        }
        list
    }

    fn read(&mut self, text: &str, whole: Range<usize>) {
        let spec = &text[whole.clone()];
        let Some(equals) = spec.find('=') else {
            let shown = plain(spec);
            self.faults.push(Fault::fatal(
                whole,
                format!("\"{shown}\" has no \"=\": it is no tag, nor part of one"),
            ));
            return;
        };
        let name_span = trimmed(text, whole.start..whole.start + equals);
        let value_span = trimmed(text, whole.start + equals + 1..whole.end);
        let name = text[name_span.clone()].to_owned();
        let mut bytes = name.bytes();
        let well_named = bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
            && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !well_named {
            self.faults.push(Fault::fatal(
                whole.clone(),
                format!("\"{}\" is no tag name (a letter, then letters, digits, _)", plain(&name)),
            ));
        }
        if let Some(first) = self.tags.iter().find(|tag| tag.name == name) {
            self.faults.push(Fault::fatal(
                whole.clone(),
                format!(
                    "{}= stands twice (first as \"{}\"); no tag may repeat",
                    plain(&name),
                    plain(&first.value)
                ),
            ));
        }
        let value = text[value_span.clone()].to_owned();
        let bad = value.char_indices().find(|(_, c)| !is_value_char(*c));
        if let Some((at, c)) = bad {
            let at = value_span.start + at;
            self.faults.push(Fault::fatal(
                at..at + c.len_utf8(),
                format!("{}= holds {}, which no tag value may", plain(&name), c.escape_unicode()),
            ));
        }
        self.tags.push(Tag { name, value, span: whole, value_span });
    }

    /// The first tag of this name; names are case-sensitive.
    pub fn get(&self, name: &str) -> Option<&Tag> {
        self.tags.iter().find(|tag| tag.name == name)
    }

    /// The value of the first tag of this name.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.get(name).map(|tag| tag.value.as_str())
    }

    /// True where no fault is fatal.
    pub fn is_sound(&self) -> bool {
        !self.faults.iter().any(|fault| fault.fatal)
    }
}

/// VALCHAR and folding white space.
fn is_value_char(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '\u{21}'..='\u{7e}')
}

fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    let white = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
    let part = &text[span.clone()];
    let start = span.start + (part.len() - part.trim_start_matches(white).len());
    let end = span.end - (part.len() - part.trim_end_matches(white).len());
    start..end.max(start)
}

/// For use inside a message.
pub(crate) fn plain(text: &str) -> String {
    crate::model::untrusted::plain(text, Width::Name)
}

/// The items of a colon-separated list with their spans, white space dropped.
pub fn items(tag: &Tag, separator: char) -> Vec<(String, Range<usize>)> {
    let mut start = tag.value_span.start;
    let mut found = Vec::new();
    for item in tag.value.split(separator) {
        let lead = item.len() - item.trim_start().len();
        let word = item.trim();
        found.push((word.to_owned(), start + lead..start + lead + word.len()));
        start += item.len() + separator.len_utf8();
    }
    found
}

/// Strict base64 (RFC 4648 section 4) with folding white space allowed inside;
/// the error is the offset of the first wrong character in `text`.
pub(crate) fn base64(text: &str) -> Result<Vec<u8>, usize> {
    use ::base64::Engine as _;
    use ::base64::engine::general_purpose::STANDARD;
    let white = |b: u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n');
    let wrong = text
        .bytes()
        .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=') || white(b)));
    if let Some(at) = wrong {
        return Err(at);
    }
    let dense: Vec<u8> = text.bytes().filter(|b| !white(*b)).collect();
    STANDARD.decode(&dense).map_err(|_| text.len().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_point_at_the_text() {
        let text = "v=DKIM1;  k = rsa ;p=AB\r\n CD;";
        let list = TagList::parse(text);
        assert!(list.faults.is_empty(), "{:?}", list.faults);
        let p = list.get("p").unwrap();
        assert_eq!(p.value, "AB\r\n CD");
        assert_eq!(&text[p.value_span.clone()], "AB\r\n CD");
        assert_eq!(&text[list.get("k").unwrap().span.clone()], "k = rsa");
    }

    #[test]
    fn faults_are_found() {
        for (text, part) in [
            ("k=rsa; t; p=x", "no \"=\""),
            ("p=a; p=b", "twice"),
            ("1a=b", "no tag name"),
            ("p=ä", "holds"),
            ("a=b;; c=d", "nothing before"),
        ] {
            let list = TagList::parse(text);
            assert!(list.faults.iter().any(|f| f.text.contains(part)), "{text}: {:?}", list.faults);
        }
        assert!(TagList::parse("").tags.is_empty());
        assert_eq!(base64("QUJD"), Ok(b"ABC".to_vec()));
        assert_eq!(base64("QU*D"), Err(2));
        assert!(base64("QUJ").is_err());
    }
}
