//! Encoded words (RFC 2047): decoded as readers do, with every fault that makes
//! some reader show the raw text.

use std::ops::Range;

use super::charset;
use super::transfer;

/// A fault of an encoded word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WordFault {
    /// More than 75 characters (RFC 2047 section 2); the length.
    TooLong(usize),
    UnknownCharset(String),
    /// The text does not decode by its encoding; the word.
    Undecodable(String),
    /// Bytes that are not of the declared charset; the word.
    WrongCharset(String),
    /// Begun, never ended by `?=`.
    Unterminated,
    /// Ordinary text stands right before or after it without white space.
    Undelimited(String),
    /// A character is split between two words (RFC 2047 section 5).
    SplitCharacter,
    /// Unencoded white space inside a word.
    SpaceInside(String),
    /// Inside a quoted string, where it is not decoded (RFC 2047 section 5 rule 3).
    Quoted(String),
}

/// A piece of the text: literal or encoded word.
struct Word<'t> {
    span: Range<usize>,
    charset: &'t str,
    bytes: Vec<u8>,
}

/// Decodes unfolded header text. Raw bytes above 127 are read as UTF-8, or as
/// windows-1252 where they are not.
pub(crate) fn decode(text: &[u8]) -> (String, Vec<WordFault>) {
    let mut faults = Vec::new();
    if memchr::memmem::find(text, b"=?").is_none() {
        return (charset::guess(text), faults);
    }
    let words = find(text, &mut faults);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    let mut next = 0;
    while next < words.len() {
        let first = &words[next];
        let gap = &text[at..first.span.start];
        let joined = next > 0 && gap.iter().all(u8::is_ascii_whitespace);
        if !joined {
            out.push_str(&charset::guess(gap));
        }
        // Adjacent words of one charset are decoded as one: some mailers split characters. Those of
        // a charset with shift states each begin and end in ASCII (RFC 2047 section 3), and joining
        // them would leave an escape sequence without a character, which decoders call an error.
        let mut last = next;
        let mut bytes = first.bytes.clone();
        while let Some(follow) = words.get(last + 1) {
            let between = &text[words[last].span.end..follow.span.start];
            let same = follow.charset.eq_ignore_ascii_case(first.charset);
            if !same || charset::has_states(first.charset) || !between.iter().all(u8::is_ascii_whitespace) {
                break;
            }
            last += 1;
            bytes.extend_from_slice(&follow.bytes);
        }
        out.push_str(&judge(text, &words[next..=last], &bytes, &mut faults));
        at = words[last].span.end;
        next = last + 1;
    }
    out.push_str(&charset::guess(&text[at..]));
    faults.truncate(super::limits::FAULTS);
    (out, faults)
}

fn judge(text: &[u8], words: &[Word<'_>], bytes: &[u8], faults: &mut Vec<WordFault>) -> String {
    let shown = || String::from_utf8_lossy(&text[words[0].span.clone()]).into_owned();
    // RFC 2231 section 5: a language may follow the charset.
    let name = words[0].charset.split('*').next().unwrap_or_default();
    let decoded = charset::decode(bytes, Some(name));
    if decoded.unknown {
        faults.push(WordFault::UnknownCharset(name.to_owned()));
    } else if decoded.invalid {
        faults.push(WordFault::WrongCharset(shown()));
    } else if charset::is_utf8(name) && words.iter().any(|w| std::str::from_utf8(&w.bytes).is_err()) {
        faults.push(WordFault::SplitCharacter);
    }
    decoded.text
}

/// All encoded words in order, and what is wrong with their form.
fn find<'t>(text: &'t [u8], faults: &mut Vec<WordFault>) -> Vec<Word<'t>> {
    let mut words: Vec<Word<'t>> = Vec::new();
    let mut at = 0;
    let mut quotes = Quotes { at: 0, inside: false };
    while let Some(found) = memchr::memmem::find(&text[at..], b"=?") {
        let start = at + found;
        let Some((charset, encoding, body, end)) = split(text, start, faults) else {
            at = start + 2;
            continue;
        };
        let shown = || String::from_utf8_lossy(&text[start..end]).into_owned();
        let (bytes, sound) = if encoding == b'B' {
            let decoded = transfer::base64(body, usize::MAX);
            (decoded.bytes, decoded.faults.is_empty())
        } else {
            q_decode(body)
        };
        if !sound {
            faults.push(WordFault::Undecodable(shown()));
        }
        if end - start > 75 {
            faults.push(WordFault::TooLong(end - start));
        }
        if body.iter().any(|b| matches!(b, b' ' | b'\t')) {
            faults.push(WordFault::SpaceInside(shown()));
        }
        let delimits = |b: Option<&u8>| b.is_none_or(|b| b.is_ascii_whitespace() || b"()<>,\"".contains(b));
        if !delimits(start.checked_sub(1).and_then(|i| text.get(i))) || !delimits(text.get(end)) {
            faults.push(WordFault::Undelimited(shown()));
        }
        if quotes.inside(text, start) {
            faults.push(WordFault::Quoted(shown()));
        }
        words.push(Word { span: start..end, charset, bytes });
        at = end;
    }
    words
}

/// Follows quoted strings through the text, each byte once.
struct Quotes {
    at: usize,
    inside: bool,
}

impl Quotes {
    fn inside(&mut self, text: &[u8], offset: usize) -> bool {
        while self.at < offset {
            match text[self.at] {
                b'\\' => self.at += 1,
                b'"' => self.inside = !self.inside,
                _ => {}
            }
            self.at += 1;
        }
        self.inside
    }
}

/// Splits `=?charset?B?text?=` at `start`: charset, `B` or `Q`, text, end.
fn split<'t>(
    text: &'t [u8],
    start: usize,
    faults: &mut Vec<WordFault>,
) -> Option<(&'t str, u8, &'t [u8], usize)> {
    let rest = text.get(start + 2..)?;
    let mark = memchr::memchr(b'?', &rest[..rest.len().min(80)])?;
    let charset = std::str::from_utf8(&rest[..mark]).ok()?;
    let named = !charset.is_empty() && charset.bytes().all(|b| b.is_ascii_graphic());
    let encoding = rest.get(mark + 1)?.to_ascii_uppercase();
    if !named || !matches!(encoding, b'B' | b'Q') || rest.get(mark + 2) != Some(&b'?') {
        return None;
    }
    let body = rest.get(mark + 3..)?;
    match memchr::memmem::find(body, b"?=") {
        Some(end) => Some((charset, encoding, &body[..end], start + 2 + mark + 3 + end + 2)),
        None => {
            faults.push(WordFault::Unterminated);
            None
        }
    }
}

/// The Q encoding (RFC 2047 section 4.2), and whether every escape is sound.
fn q_decode(body: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(body.len());
    let mut sound = true;
    let mut at = 0;
    while at < body.len() {
        match body[at] {
            b'_' => out.push(b' '),
            b'=' => match (body.get(at + 1), body.get(at + 2)) {
                (Some(high), Some(low)) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                    out.push(transfer::hex(*high) << 4 | transfer::hex(*low));
                    at += 2;
                }
                _ => {
                    sound = false;
                    out.push(b'=');
                }
            },
            byte => out.push(byte),
        }
        at += 1;
    }
    (out, sound)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(raw: &str) -> String {
        decode(raw.as_bytes()).0
    }

    fn faults(raw: &str) -> Vec<WordFault> {
        decode(raw.as_bytes()).1
    }

    #[test]
    fn words_decode() {
        assert_eq!(text("=?utf-8?Q?Gr=C3=BC=C3=9Fe_an?= all"), "Grüße an all");
        assert_eq!(text("=?utf-8?B?R3LDvMOfZQ==?= =?utf-8?Q?_und?= x"), "Grüße und x");
        assert_eq!(text("=?ISO-8859-1?Q?caf=E9?="), "café");
        assert_eq!(text("=?ISO-2022-JP?B?GyRCMnEwdxsoQg==?=  =?ISO-2022-JP?B?GyRCRycbKEI=?="), "会員認");
        assert!(faults("=?utf-8?Q?ok?= and =?utf-8?Q?ok?=").is_empty());
    }

    #[test]
    fn word_faults_are_told() {
        assert_eq!(faults("=?utf-8?Q?=C3?= =?utf-8?Q?=BC?="), [WordFault::SplitCharacter]);
        assert_eq!(text("=?utf-8?Q?=C3?= =?utf-8?Q?=BC?="), "ü");
        assert_eq!(faults("=?utf-8?Q?abc"), [WordFault::Unterminated]);
        assert!(matches!(faults("=?klingon-7?Q?abc?=")[..], [WordFault::UnknownCharset(_)]));
        assert!(matches!(faults("=?utf-8?Q?a=ZZ?=")[..], [WordFault::Undecodable(_)]));
        assert!(matches!(faults("x=?utf-8?Q?a?=")[..], [WordFault::Undelimited(_)]));
        assert!(matches!(faults("\"=?utf-8?Q?a?=\" <a@example.com>")[..], [WordFault::Quoted(_)]));
        assert!(matches!(faults("=?utf-8?Q?a b?=")[..], [WordFault::SpaceInside(_)]));
        let long = format!("=?utf-8?Q?{}?=", "a".repeat(80));
        assert!(matches!(faults(&long)[..], [WordFault::TooLong(92)]));
    }
}
