//! The words after the type to data: each field of the `grammar` is checked
//! and put in wire form; `wire` turns that into the model's `Rdata`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::diagnostic::{Fault, Span, shown};
use super::exotic;
use super::grammar::{self, Kind};
use super::lexer::Token;
use super::svcb;
use super::wire;
use super::words;
use crate::model::{Name, Rdata, RecordType};

/// The words of one record's data, read left to right.
pub(super) struct Words<'a> {
    pub source: &'a [u8],
    pub tokens: &'a [Token],
    pub origin: &'a Name,
    /// Behind the last word: where a missing field would stand.
    pub end: Span,
    pub rtype: u16,
}

impl<'a> Words<'a> {
    pub fn raw(&self, token: Token) -> &'a [u8] {
        token.span.of(self.source)
    }

    /// The next word, which the type cannot do without.
    pub fn take(&mut self, field: &str) -> Result<Token, Fault> {
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

    pub fn take_optional(&mut self) -> Option<Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(*first)
    }

    /// The span from a word to the last one.
    fn rest_span(&self, from: Token) -> Span {
        self.tokens.last().map_or(from.span, |last| from.span.to(last.span))
    }

    /// The fields of the type in words.
    fn form(&self) -> String {
        let fields = grammar::fields(self.rtype).unwrap_or_default();
        fields.iter().map(|(label, _)| *label).collect::<Vec<_>>().join(", ")
    }

    pub fn bad(&self, token: Token, field: &str, expected: &str) -> Fault {
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

    pub fn integer(&mut self, field: &str, max: u64) -> Result<u64, Fault> {
        let token = self.take(field)?;
        let value = (!token.quoted).then(|| words::number(self.raw(token))).flatten();
        value
            .filter(|n| *n <= max)
            .ok_or_else(|| self.bad(token, field, &format!("a number from 0 to {max}")))
    }

    /// By number or by mnemonic.
    fn mnemonic(&mut self, field: &str, list: &[(&str, u16)], max: u64) -> Result<u64, Fault> {
        if let Some(first) = self.tokens.first()
            && let raw = self.raw(*first)
            && let Some((_, value)) = list.iter().find(|(m, _)| m.as_bytes().eq_ignore_ascii_case(raw))
        {
            self.tokens = &self.tokens[1..];
            return Ok(u64::from(*value));
        }
        self.integer(field, max)
    }

    pub fn name(&mut self, field: &str) -> Result<Name, Fault> {
        let token = self.take(field)?;
        words::name(self.raw(token), token.span.start as usize, self.origin)
    }

    /// The octets of one character-string, of any length.
    pub fn text(&mut self, field: &str) -> Result<(Token, Vec<u8>), Fault> {
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
    fn short_text(&self, token: Token, out: &mut Vec<u8>) -> Result<(), Fault> {
        let text = self.text_of(token)?;
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

    pub fn hex(&mut self, field: &str) -> Result<Vec<u8>, Fault> {
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

    pub fn base64(&mut self, field: &str) -> Result<Vec<u8>, Fault> {
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

/// Reads the data of one record. All words must be used.
pub(super) fn read(words: &mut Words) -> Result<Rdata, Fault> {
    let rtype = words.rtype;
    let first = words.tokens.first().copied();
    if let Some(first) = first
        && words.raw(first) == b"\\#"
    {
        return generic(words, first);
    }
    let Some(fields) = grammar::fields(rtype) else {
        let name = grammar::type_name(rtype);
        return Err(Fault::new(
            first.map_or(words.end, |t| words.rest_span(t)),
            "unknown-form",
            format!("how the data of {name} is written is not known here"),
            "write it as `\\# LENGTH HEX` (RFC 3597 section 5)",
        ));
    };
    let mut out = Vec::with_capacity(64);
    for (label, kind) in fields {
        field(words, label, *kind, &mut out)?;
    }
    if let Some(extra) = words.take_optional() {
        let span = words.rest_span(extra);
        return Err(Fault::new(
            span,
            "extra-field",
            format!(
                "`{}` is left over: {} is complete before it",
                shown(span.of(words.source)),
                grammar::type_name(rtype)
            ),
            format!("remove it; the fields of the type are: {}", words.form()),
        ));
    }
    let whole = first.map_or(words.end, |t| t.span.to(words.end));
    if out.len() > 65_535 {
        return Err(Fault::new(
            whole,
            "data-too-long",
            format!("the data has {} octets; a record holds at most 65535", out.len()),
            "shorten it or spread it over several records",
        ));
    }
    wire::rdata(rtype, out).ok_or_else(|| {
        Fault::new(whole, "bad-data", "the data does not fit its type", "compare it with the type's RFC")
    })
}

/// `\# LENGTH HEX` for any type (RFC 3597 section 5).
fn generic(words: &mut Words, first: Token) -> Result<Rdata, Fault> {
    words.tokens = &words.tokens[1..];
    let length = words.integer("data length", 65_535)?;
    let data = if words.tokens.is_empty() { Vec::new() } else { words.hex("data")? };
    let whole = first.span.to(words.end);
    if data.len() as u64 != length {
        return Err(Fault::new(
            whole,
            "bad-length",
            format!("the length says {length} octets, the data has {}", data.len()),
            format!("write `\\# {}` if the data is right", data.len()),
        ));
    }
    let rtype = words.rtype;
    if let Some(fields) = grammar::fields(rtype)
        && !wire::fits(fields, &data)
    {
        let name = grammar::type_name(rtype);
        return Err(Fault::new(
            whole,
            "bad-data",
            format!("these {length} octets are no {name} data"),
            format!("write the fields as text: {}", words.form()),
        ));
    }
    Ok(wire::rdata(rtype, data.clone())
        .unwrap_or(Rdata::Other { rtype: RecordType::from_number(rtype), data }))
}

fn field(words: &mut Words, label: &str, kind: Kind, out: &mut Vec<u8>) -> Result<(), Fault> {
    match kind {
        Kind::Name => {
            let name = words.name(label)?;
            words::push_name(&name, out);
        }
        Kind::U8 => out.push(words.integer(label, 255)? as u8),
        Kind::U16 => push16(out, words.integer(label, 65_535)?),
        Kind::U32 => push32(out, words.integer(label, u64::from(u32::MAX))?),
        Kind::Seconds => {
            let token = words.take(label)?;
            let value = words::ttl(words.raw(token)).filter(|_| !token.quoted);
            let value =
                value.ok_or_else(|| words.bad(token, label, "seconds, or a time such as 1w2d3h4m5s"))?;
            push32(out, u64::from(value));
        }
        Kind::Time => {
            let token = words.take(label)?;
            let value = words::timestamp(words.raw(token));
            push32(out, value.ok_or_else(|| words.bad(token, label, "a time YYYYMMDDHHmmSS"))?.into());
        }
        Kind::Ip4 | Kind::Ip6 => address(words, label, kind, out)?,
        Kind::Text => {
            let token = words.take(label)?;
            words.short_text(token, out)?;
        }
        Kind::OptionalText => {
            if let Some(token) = words.take_optional() {
                words.short_text(token, out)?;
            }
        }
        Kind::Texts => {
            let token = words.take(label)?;
            words.short_text(token, out)?;
            while let Some(token) = words.take_optional() {
                words.short_text(token, out)?;
            }
        }
        Kind::LongText => {
            let (_, text) = words.text(label)?;
            out.extend_from_slice(&text);
        }
        Kind::Tag => {
            let (token, text) = words.text(label)?;
            if text.is_empty() || text.len() > 255 || !text.iter().all(u8::is_ascii_alphanumeric) {
                return Err(words.bad(token, label, "a word of letters and digits such as issue"));
            }
            out.push(text.len() as u8);
            out.extend_from_slice(&text);
        }
        Kind::Hex => out.extend(words.hex(label)?),
        Kind::Base64 => out.extend(words.base64(label)?),
        Kind::OptionalBase64 => {
            if !words.tokens.is_empty() {
                out.extend(words.base64(label)?);
            }
        }
        Kind::Algorithm => out.push(words.mnemonic(label, grammar::ALGORITHMS, 255)? as u8),
        Kind::CertType => push16(out, words.mnemonic(label, grammar::CERT_TYPES, 65_535)?),
        Kind::Scheme => out.push(words.mnemonic(label, grammar::SCHEMES, 255)? as u8),
        Kind::RecordType => {
            let token = words.take(label)?;
            let number = grammar::type_number(words.raw(token));
            push16(
                out,
                number.ok_or_else(|| words.bad(token, label, "a record type such as MX or TYPE15"))?.into(),
            );
        }
        Kind::Parameters => svcb::parameters(words, out)?,
        _ => exotic::field(words, label, kind, out)?,
    }
    Ok(())
}

fn address(words: &mut Words, label: &str, kind: Kind, out: &mut Vec<u8>) -> Result<(), Fault> {
    let token = words.take(label)?;
    let text = std::str::from_utf8(words.raw(token)).unwrap_or_default();
    if kind == Kind::Ip4 {
        let ip: std::net::Ipv4Addr =
            text.parse().map_err(|_| words.bad(token, label, "four numbers such as 192.0.2.1"))?;
        out.extend(ip.octets());
    } else {
        let ip: std::net::Ipv6Addr =
            text.parse().map_err(|_| words.bad(token, label, "an address such as 2001:db8::1"))?;
        out.extend(ip.octets());
    }
    Ok(())
}

pub(super) fn push16(out: &mut Vec<u8>, value: u64) {
    out.extend((value as u16).to_be_bytes());
}

pub(super) fn push32(out: &mut Vec<u8>, value: u64) {
    out.extend((value as u32).to_be_bytes());
}
