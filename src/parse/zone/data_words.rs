//! The words of one record's data: taken one by one, as numbers, names, strings, hex and base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::diagnostic::{Fault, Span, shown};
use super::grammar;
use super::lexer::Token;
use super::words;
use crate::model::Name;

/// The words of one record's data, read left to right.
pub(super) struct Words<'a> {
    pub source: &'a [u8],
    pub tokens: &'a [Token],
    pub origin: &'a Name,
    /// Behind the last word: where a missing field would stand.
    pub end: Span,
    pub rtype: u16,
    /// Texts over 255 octets become several strings.
    pub splits: bool,
}

impl<'a> Words<'a> {
    pub(super) fn raw(&self, token: Token) -> &'a [u8] {
        token.span.of(self.source)
    }

    /// The next word, which the type cannot do without.
    pub(super) fn take(&mut self, field: &str) -> Result<Token, Fault> {
        let Some((first, rest)) = self.tokens.split_first() else {
            let name = grammar::type_name(self.rtype);
            return Err(Fault::new(
                self.end,
                "missing-field",
                format!("the {name} record ends before its {field}"),
                format!("add the {field}; the fields of {name} are: {}", self.form()),
            ));
        };
        self.tokens = rest;
        Ok(*first)
    }

    pub(super) fn take_optional(&mut self) -> Option<Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(*first)
    }

    /// The span from a word to the last one.
    pub(super) fn rest_span(&self, from: Token) -> Span {
        self.tokens.last().map_or(from.span, |last| from.span.to(last.span))
    }

    /// The fields of the type in words.
    pub(super) fn form(&self) -> String {
        let fields = grammar::fields(self.rtype).unwrap_or_default();
        fields.iter().map(|(label, _)| *label).collect::<Vec<_>>().join(", ")
    }

    pub(super) fn bad(&self, token: Token, field: &str, expected: &str) -> Fault {
        Fault::new(
            token.span,
            "bad-field",
            format!(
                "`{}` is no {field} of {}: {expected} is wanted",
                shown(self.raw(token)),
                grammar::type_name(self.rtype)
            ),
            format!("write {expected}; the fields of the type are: {}", self.form()),
        )
    }

    pub(super) fn integer(&mut self, field: &str, max: u64) -> Result<u64, Fault> {
        let token = self.take(field)?;
        let value = (!token.quoted).then(|| words::number(self.raw(token))).flatten();
        value
            .filter(|n| *n <= max)
            .ok_or_else(|| self.bad(token, field, &format!("a number from 0 to {max}")))
    }

    /// By number or by mnemonic.
    pub(super) fn mnemonic(&mut self, field: &str, list: &[(&str, u16)], max: u64) -> Result<u64, Fault> {
        if let Some(first) = self.tokens.first()
            && let raw = self.raw(*first)
            && let Some((_, value)) = list.iter().find(|(m, _)| m.as_bytes().eq_ignore_ascii_case(raw))
        {
            self.tokens = &self.tokens[1..];
            return Ok(u64::from(*value));
        }
        self.integer(field, max)
    }

    pub(super) fn name(&mut self, field: &str) -> Result<Name, Fault> {
        let token = self.take(field)?;
        words::name(self.raw(token), token.span.start as usize, self.origin)
    }

    /// The octets of one character-string, of any length.
    pub(super) fn text(&mut self, field: &str) -> Result<(Token, Vec<u8>), Fault> {
        let token = self.take(field)?;
        Ok((token, self.text_of(token)?))
    }

    fn text_of(&self, token: Token) -> Result<Vec<u8>, Fault> {
        let raw = self.raw(token);
        let start = token.span.start as usize;
        if token.quoted {
            let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
            return words::unescape(inner, start + 1);
        }
        if let Some(quote) = bare_quote(raw) {
            return Err(Fault::new(
                Span::new(start + quote, start + quote + 1),
                "stray-quote",
                "a quote in the middle of an unquoted string",
                "put the whole string in quotes, with a space before the opening one",
            ));
        }
        words::unescape(raw, start)
    }

    /// A string that has a length octet on the wire.
    pub(super) fn short_text(&self, token: Token, out: &mut Vec<u8>) -> Result<(), Fault> {
        let text = self.text_of(token)?;
        if self.splits && text.len() > 255 {
            for piece in text.chunks(255) {
                out.push(piece.len() as u8);
                out.extend_from_slice(piece);
            }
            return Ok(());
        }
        let Ok(length) = u8::try_from(text.len()) else {
            let parts = text.len().div_ceil(255);
            return Err(Fault::new(
                token.span,
                "string-too-long",
                format!(
                    "this string has {} octets; one string holds at most 255 (RFC 1035 section 3.3)",
                    text.len()
                ),
                format!(
                    "split it into {parts} quoted strings of at most 255 octets each, `( \"...\" \"...\" )`; readers join them without a space"
                ),
            ));
        };
        out.push(length);
        out.extend_from_slice(&text);
        Ok(())
    }

    /// All remaining words run together, with the span they cover.
    fn joined(&mut self, field: &str) -> Result<(Span, Vec<u8>), Fault> {
        let first = self.take(field)?;
        let span = self.rest_span(first);
        let mut all = self.raw(first).to_vec();
        while let Some(token) = self.take_optional() {
            all.extend_from_slice(self.raw(token));
        }
        Ok((span, all))
    }

    pub(super) fn hex(&mut self, field: &str) -> Result<Vec<u8>, Fault> {
        let (span, digits) = self.joined(field)?;
        std::str::from_utf8(&digits).ok().and_then(crate::model::record::unhex).ok_or_else(|| {
            Fault::new(
                span,
                "bad-hex",
                format!("the {field} is no hexadecimal: {}", hex_problem(&digits)),
                "write two digits 0-9 a-f for each octet; spaces between are fine",
            )
        })
    }

    pub(super) fn base64(&mut self, field: &str) -> Result<Vec<u8>, Fault> {
        let (span, digits) = self.joined(field)?;
        STANDARD.decode(&digits).map_err(|error| {
            Fault::new(
                span,
                "bad-base64",
                format!("the {field} is no base64: {error}"),
                "paste it again whole, with its `=` at the end; spaces between are fine",
            )
        })
    }
}

/// The first unescaped quote of an unquoted word.
fn bare_quote(raw: &[u8]) -> Option<usize> {
    let mut i = 0;
    while i < raw.len() {
        match raw[i] {
            b'"' => return Some(i),
            b'\\' => i += 2,
            _ => i += 1,
        }
    }
    None
}

fn hex_problem(digits: &[u8]) -> String {
    match digits.iter().find(|b| !b.is_ascii_hexdigit()) {
        Some(bad) => format!("it holds `{}`", shown(&[*bad])),
        None => format!("it has an odd number of digits ({})", digits.len()),
    }
}

pub(super) fn push16(out: &mut Vec<u8>, value: u64) {
    out.extend((value as u16).to_be_bytes());
}

pub(super) fn push32(out: &mut Vec<u8>, value: u64) {
    out.extend((value as u32).to_be_bytes());
}
