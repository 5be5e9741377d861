//! Comma-separated lines with quotes, their columns by name, and records whose
//! quoted fields hold line ends.
//!
//! Written here and not by the `csv` crate, because a log is read line by line: a torn line must not
//! swallow the lines behind an open quote, each line keeps its number, and the fields are bounded.

use std::borrow::Cow;

/// The fields of a line, unquoted.
pub(crate) fn fields(line: &[u8]) -> Vec<Vec<u8>> {
    const FIELDS_BOUND: usize = 200;
    let mut out = Vec::new();
    let mut field = Vec::new();
    let (mut quoted, mut index) = (false, 0);
    while index < line.len() {
        let byte = line[index];
        match byte {
            b'"' if quoted && line.get(index + 1) == Some(&b'"') => {
                field.push(b'"');
                index += 1;
            }
            b'"' if quoted => quoted = false,
            b'"' if field.is_empty() => quoted = true,
            b',' if !quoted && out.len() < FIELDS_BOUND => out.push(std::mem::take(&mut field)),
            other => field.push(other),
        }
        index += 1;
    }
    out.push(field);
    out
}

/// A record that goes on in the next line, as its quotes are still open.
#[derive(Clone, Debug, Default)]
pub(crate) struct Open {
    text: Vec<u8>,
    lines: u32,
}

/// Lines after which an open quote is a torn line, not a long subject.
const MOST_LINES: u32 = 50;
const MOST_BYTES: usize = 256 << 10;

impl Open {
    /// The open record that cannot go on: the next line `begins` another, or it
    /// has grown beyond any.
    pub(crate) fn torn(&mut self, begins: bool) -> Option<Vec<u8>> {
        let over = self.lines >= MOST_LINES || self.text.len() > MOST_BYTES;
        (self.lines > 0 && (begins || over)).then(|| std::mem::take(self).text)
    }

    /// The whole record that ends with `line`; `None` while its quotes are open.
    pub(crate) fn whole<'a>(&mut self, line: &'a [u8]) -> Option<Cow<'a, [u8]>> {
        let open = memchr::memchr_iter(b'"', line).count() % 2 == 1;
        match (self.lines, open) {
            (0, false) => return Some(Cow::Borrowed(line)),
            (0, true) => self.text.extend_from_slice(line),
            _ => {
                self.text.push(b' ');
                self.text.extend_from_slice(line);
                if open {
                    return Some(Cow::Owned(std::mem::take(self).text));
                }
            }
        }
        self.lines += 1;
        None
    }
}

/// Where named columns stand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns(Vec<String>);

impl Columns {
    /// From a header line; names are compared without case, dashes, blanks.
    pub(crate) fn of(header: &[u8]) -> Columns {
        Columns(fields(header).iter().map(|name| plain(name)).collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|known| known == name)
    }

    /// The first of `names` that is a column with a value.
    pub(crate) fn value<'a>(&self, fields: &'a [Vec<u8>], names: &[&str]) -> &'a [u8] {
        names
            .iter()
            .filter_map(|name| self.0.iter().position(|known| known == name))
            .filter_map(|at| fields.get(at))
            .map(|value| value.trim_ascii())
            .find(|value| !value.is_empty())
            .unwrap_or_default()
    }
}

fn plain(name: &[u8]) -> String {
    name.iter().filter(|b| b.is_ascii_alphanumeric()).map(|b| b.to_ascii_lowercase() as char).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_doubled_and_commas_inside() {
        let got = fields(br#"a,"b,c","d ""e""",,f"#);
        let want: [&[u8]; 5] = [b"a", b"b,c", b"d \"e\"", b"", b"f"];
        assert_eq!(got, want);
        let columns = Columns::of(b"Received,Sender Address,recipient-status");
        assert_eq!(columns.value(&got, &["senderaddress"]), b"b,c");
        assert_eq!(columns.value(&got, &["none", "received"]), b"a");
        assert_eq!(fields(b"\"torn").len(), 1);
    }

    #[test]
    fn quoted_line_ends_join() {
        let mut open = Open::default();
        assert_eq!(open.whole(b"a,\"b"), None);
        assert_eq!(open.torn(false), None);
        assert_eq!(open.whole(b"c"), None);
        assert_eq!(open.whole(b"d\",e").as_deref(), Some(&b"a,\"b c d\",e"[..]));
        assert_eq!(open.whole(b"f").as_deref(), Some(&b"f"[..]));
        assert_eq!(open.whole(b"g,\"torn"), None);
        assert_eq!(open.torn(true).as_deref(), Some(&b"g,\"torn"[..]));
    }
}
