//! Bytes to entries: the words of one record or directive with their byte
//! spans, parentheses and comments resolved (RFC 1035 section 5.1). Escapes
//! stay in the words; `words` undoes them.

use super::diagnostic::{Fault, Span};

/// One word or quoted string. The span of a quoted string includes its quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// The bytes of the source it takes.
    pub span: Span,
    /// From 1.
    pub line: u32,
    /// True where it stands in quotes.
    pub quoted: bool,
    /// Nothing stands between this and the token before.
    pub(super) touching: bool,
}

/// One logical line. `tokens` of an entry with faults are what could be read.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub start: usize,
    pub line: u32,
    /// It begins with white space, so it continues the owner before.
    pub indented: bool,
    pub tokens: Vec<Token>,
    pub faults: Vec<Fault>,
}

/// Octets of one entry. Rdata ends at 65,535 octets, four characters each when
/// all are escaped; the rest is room for comments inside parentheses.
const MAX_ENTRY: usize = 1 << 20;

/// How often reading resumes after something was never closed. Each time the
/// rest of the file may be read again, so the number is small.
const MAX_RESUMES: u32 = 8;

pub(super) struct Lexer<'a> {
    source: &'a [u8],
    at: usize,
    line: u32,
    resumes: u32,
}

/// What came of reading a token.
enum Next {
    Token,
    /// A fault, after which the entry goes on.
    Again,
    /// A fault that ends the entry.
    End,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(source: &'a [u8]) -> Lexer<'a> {
        let at = if source.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Lexer { source, at, line: 1, resumes: 0 }
    }

    /// Reads the next entry that has words or faults; false at the end.
    pub(super) fn next(&mut self, entry: &mut Entry) -> bool {
        while self.at < self.source.len() {
            entry.tokens.clear();
            entry.faults.clear();
            entry.start = self.at;
            entry.line = self.line;
            entry.indented = matches!(self.source[self.at], b' ' | b'\t');
            self.entry(entry);
            if !entry.tokens.is_empty() || !entry.faults.is_empty() {
                return true;
            }
        }
        false
    }

    fn entry(&mut self, entry: &mut Entry) {
        let mut open: Option<(usize, u32)> = None;
        let mut last_end = usize::MAX;
        loop {
            if let Some((paren, line)) = open
                && self.at - entry.start > MAX_ENTRY
            {
                let fault = Fault::new(
                    Span::new(paren, paren + 1),
                    "entry-too-long",
                    "this parenthesis opens an entry of over 1 MiB; no record is that long",
                    "close it with `)` after the last field of the record",
                );
                entry.faults.push(fault);
                return self.resume(paren, line);
            }
            let Some(&byte) = self.source.get(self.at) else {
                if let Some((paren, line)) = open {
                    entry.faults.push(Fault::new(
                        Span::new(paren, paren + 1),
                        "unclosed-parenthesis",
                        "this parenthesis is never closed, so the rest of the file is one entry",
                        "close it with `)` after the last field of the record",
                    ));
                    self.resume(paren, line);
                }
                return;
            };
            match byte {
                b'\n' => {
                    self.at += 1;
                    self.line += 1;
                    if open.is_none() {
                        return;
                    }
                }
                // Alone it ends a line as well; within a comment it does not, as servers have it.
                b'\r' if open.is_none() && self.source.get(self.at + 1) != Some(&b'\n') => {
                    self.at += 1;
                    return;
                }
                b' ' | b'\t' | b'\r' => self.at += 1,
                b';' => self.skip_line(),
                b'(' | b')' => self.parenthesis(byte, &mut open, entry),
                _ => {
                    let start = self.at;
                    let touching = start == last_end;
                    match self.token(touching, &mut open, entry) {
                        Next::End => return,
                        Next::Again => {}
                        Next::Token => last_end = self.at,
                    }
                }
            }
        }
    }

    fn parenthesis(&mut self, byte: u8, open: &mut Option<(usize, u32)>, entry: &mut Entry) {
        let span = Span::new(self.at, self.at + 1);
        if byte == b'(' && open.is_some() {
            entry.faults.push(Fault::new(
                span,
                "nested-parenthesis",
                "a parenthesis inside parentheses; they do not nest in a zone file",
                "remove it, or write it as `\\(` inside a quoted string",
            ));
        } else if byte == b'(' {
            *open = Some((self.at, self.line));
        } else if open.take().is_none() {
            entry.faults.push(Fault::new(
                span,
                "unopened-parenthesis",
                "`)` without a `(` before it",
                "remove it, or put `(` where the record's data begins",
            ));
        }
        self.at += 1;
    }

    /// Reads a word or a quoted string.
    fn token(&mut self, touching: bool, open: &mut Option<(usize, u32)>, entry: &mut Entry) -> Next {
        let (start, line) = (self.at, self.line);
        let quoted = self.source.get(start) == Some(&b'"');
        let read = if quoted { self.quoted(open.is_some()) } else { self.word(open.is_some()) };
        let Err(fault) = read else {
            entry.tokens.push(Token { span: Span::new(start, self.at), line, quoted, touching });
            return Next::Token;
        };
        let unclosed = self.at >= self.source.len() || fault.code == "entry-too-long";
        entry.faults.push(fault);
        match *open {
            Some((paren, line)) if unclosed => {
                self.resume(paren, line);
                return Next::End;
            }
            Some(_) => {}
            None => self.skip_line(),
        }
        Next::Again
    }

    /// At an opening quote; ends behind the closing one.
    fn quoted(&mut self, parenthesised: bool) -> Result<(), Fault> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.source.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') if !matches!(self.source.get(self.at + 1), None | Some(b'\n' | b'\r')) => {
                    self.at += 2;
                }
                Some(b'\n') if parenthesised => {
                    self.at += 1;
                    self.line += 1;
                    if self.at - start > MAX_ENTRY {
                        return Err(Fault::new(
                            Span::new(start, start + 1),
                            "entry-too-long",
                            "this quote opens a string of over 1 MiB",
                            "close it with `\"`; one string holds at most 255 octets",
                        ));
                    }
                }
                None | Some(b'\n') => {
                    let mut end = self.at;
                    while end > start + 1 && matches!(self.source[end - 1], b'\r' | b'\n') {
                        end -= 1;
                    }
                    let line_end = memchr::memchr(b'\n', &self.source[start..end]).map_or(end, |n| start + n);
                    return Err(Fault::new(
                        Span::new(start, line_end),
                        "unclosed-quote",
                        "this quoted string is never closed",
                        "put `\"` at its end; a quote inside it is written `\\\"`",
                    ));
                }
                Some(&byte) if is_control(byte) => return Err(self.control(byte)),
                Some(_) => self.at += 1,
            }
        }
    }

    fn word(&mut self, parenthesised: bool) -> Result<(), Fault> {
        while let Some(&byte) = self.source.get(self.at) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'(' | b')' => break,
                b'\\' => match self.source.get(self.at + 1) {
                    None | Some(b'\n' | b'\r') => {
                        let fault = Fault::new(
                            Span::new(self.at, self.at + 1),
                            "bad-escape",
                            "a backslash at the end of a line escapes nothing",
                            "remove it; to go on over several lines use parentheses",
                        );
                        self.at += 1;
                        return Err(fault);
                    }
                    Some(_) => self.at += 2,
                },
                // key="value with spaces" of SVCB (RFC 9460 section 2.1).
                b'"' => self.quoted(parenthesised)?,
                _ if is_control(byte) => return Err(self.control(byte)),
                _ => self.at += 1,
            }
        }
        Ok(())
    }

    fn control(&mut self, byte: u8) -> Fault {
        let span = Span::new(self.at, self.at + 1);
        self.at += 1;
        Fault::new(
            span,
            "control-character",
            format!("control character {byte:#04x}; a zone file is text"),
            format!("remove it, or write it as \\{byte:03}"),
        )
    }

    fn skip_line(&mut self) {
        let rest = &self.source[self.at.min(self.source.len())..];
        self.at = memchr::memchr(b'\n', rest).map_or(self.source.len(), |n| self.at + n);
    }

    /// Something opened on `line` was never closed: goes on at the next line
    /// that begins in the first column, which is where an entry would begin.
    fn resume(&mut self, opened: usize, line: u32) {
        self.resumes += 1;
        if self.resumes > MAX_RESUMES {
            self.at = self.source.len();
            return;
        }
        self.at = opened;
        self.line = line;
        loop {
            self.skip_line();
            if self.at >= self.source.len() {
                return;
            }
            self.line += u32::from(self.source[self.at] == b'\n');
            self.at += 1;
            if !matches!(self.source.get(self.at), Some(b' ' | b'\t' | b')' | b'\r' | b'\n' | b';')) {
                return;
            }
        }
    }
}

fn is_control(byte: u8) -> bool {
    (byte < 0x20 && byte != b'\t' && byte != b'\r') || byte == 0x7f
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> Vec<(u32, bool, Vec<String>, Vec<&'static str>)> {
        let mut lexer = Lexer::new(source.as_bytes());
        let mut entry = Entry::default();
        let mut out = Vec::new();
        while lexer.next(&mut entry) {
            let words = entry.tokens.iter().map(|t| source[t.span.range()].to_owned()).collect();
            let codes = entry.faults.iter().map(|f| f.code).collect();
            out.push((entry.line, entry.indented, words, codes));
        }
        out
    }

    fn words(source: &str) -> Vec<String> {
        read(source).into_iter().flat_map(|e| e.2).collect()
    }

    #[test]
    fn comments_parentheses_and_line_ends() {
        let all = read("; c\r\n\r\na ( b ; c )\r\n c )\r\n\td");
        assert_eq!(all.len(), 2);
        assert_eq!(all[0], (3, false, vec!["a".into(), "b".into(), "c".into()], vec![]));
        assert_eq!(all[1], (5, true, vec!["d".into()], vec![]));
        assert_eq!(words("\u{feff}a b"), ["a", "b"]);
    }

    #[test]
    fn quotes_keep_what_is_in_them() {
        assert_eq!(words(r#"a "b ; ( \" c" d\;e k="x y""#), ["a", r#""b ; ( \" c""#, "d\\;e", "k=\"x y\""]);
        let mut lexer = Lexer::new(br#""a""b" "c""#);
        let mut entry = Entry::default();
        assert!(lexer.next(&mut entry));
        assert_eq!(entry.tokens.iter().map(|t| t.touching).collect::<Vec<_>>(), [false, true, false]);
    }

    #[test]
    fn a_broken_entry_does_not_take_the_next_one() {
        let all = read("a TXT \"x\nb A\n");
        assert_eq!(all[0].3, ["unclosed-quote"]);
        assert_eq!(all[1].2, ["b", "A"]);
        let all = read("a ( b\n  c\nd e\n");
        assert_eq!(all[0].3, ["unclosed-parenthesis"]);
        assert_eq!((all[1].0, &all[1].2), (3, &vec!["d".to_owned(), "e".to_owned()]));
        assert_eq!(read("a ( ( b ) \nc\n")[0].3, ["nested-parenthesis"]);
        assert_eq!(read("a b )\nc")[0].3, ["unopened-parenthesis"]);
        assert_eq!(read("a \\\nb c")[0].3, ["bad-escape"]);
        assert_eq!(read("a b\u{1}c\nd")[0].3, ["control-character"]);
        assert_eq!(read("a ( \"x\ny\nz")[0].3, ["unclosed-quote"]);
    }
}
