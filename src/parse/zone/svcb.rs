//! The parameters of SVCB and HTTPS (RFC 9460 section 2.1, appendix A).

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::data_words::{Words, push16};
use super::diagnostic::{Fault, Span, shown};
use super::grammar::numbered;
use super::lexer::Token;
use super::words;

/// IANA "Service Parameter Keys (SvcParamKeys)".
const KEYS: &[(&str, u16)] = &[
    ("mandatory", 0),
    ("alpn", 1),
    ("no-default-alpn", 2),
    ("port", 3),
    ("ipv4hint", 4),
    ("ech", 5),
    ("ipv6hint", 6),
    ("dohpath", 7),
    ("ohttp", 8),
    ("tls-supported-groups", 9),
    ("docpath", 10),
];

pub(super) fn parameters(words: &mut Words, out: &mut Vec<u8>) -> Result<(), Fault> {
    let mut all: BTreeMap<u16, (Token, Vec<u8>)> = BTreeMap::new();
    while let Some(token) = words.take_optional() {
        let raw = words.raw(token);
        let equals = raw.iter().position(|b| *b == b'=');
        let name = &raw[..equals.unwrap_or(raw.len())];
        let Some(key) = key_number(name) else {
            return Err(words.bad(token, "parameter", "alpn=, port=, ipv4hint= ... or keyNNN="));
        };
        let start = token.span.start as usize;
        let text = match equals {
            Some(equals) => Some(value_text(&raw[equals + 1..], start + equals + 1)?),
            None => None,
        };
        let value = value(words, token, key, text)?;
        if all.insert(key, (token, value)).is_some() {
            return Err(Fault::new(
                token.span,
                "duplicate-parameter",
                format!("`{}` is given twice", shown(name)),
                "keep one of the two; several values go in one, separated by commas",
            ));
        }
    }
    if let Some((token, mandatory)) = all.get(&0) {
        for pair in mandatory.chunks_exact(2) {
            let key = u16::from_be_bytes([pair[0], pair[1]]);
            if !all.contains_key(&key) {
                return Err(Fault::new(
                    token.span,
                    "missing-parameter",
                    format!("the mandatory parameter `{}` is not given", key_name(key)),
                    "add the parameter, or take it out of mandatory=",
                ));
            }
        }
    }
    if let (Some((token, _)), None) = (all.get(&2), all.get(&1)) {
        return Err(words.bad(*token, "parameter set", "an alpn= beside no-default-alpn"));
    }
    for (key, (token, value)) in all {
        let Ok(length) = u16::try_from(value.len()) else {
            return Err(words.bad(token, "parameter", "a value of at most 65535 octets"));
        };
        push16(out, u64::from(key));
        push16(out, u64::from(length));
        out.extend(value);
    }
    Ok(())
}

fn key_number(name: &[u8]) -> Option<u16> {
    let known = KEYS.iter().find(|(k, _)| k.as_bytes().eq_ignore_ascii_case(name)).map(|(_, n)| *n);
    known.or_else(|| numbered(name, b"key").filter(|n| *n != 65_535))
}

fn key_name(key: u16) -> String {
    KEYS.iter().find(|(_, n)| *n == key).map_or_else(|| format!("key{key}"), |(k, _)| (*k).to_owned())
}

/// The value without its quotes, escapes undone once.
fn value_text(raw: &[u8], at: usize) -> Result<Vec<u8>, Fault> {
    if raw.first() != Some(&b'"') {
        if let Some(quote) = raw.iter().position(|b| *b == b'"')
            && !raw.contains(&b'\\')
        {
            let span = Span::new(at + quote, at + quote + 1);
            return Err(Fault::new(
                span,
                "stray-quote",
                "a quote in the middle of a value",
                "quote the whole value",
            ));
        }
        return words::unescape(raw, at);
    }
    let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
    let mut i = 0;
    while i < inner.len() {
        match inner[i] {
            b'\\' => i += 2,
            b'"' => {
                let span = Span::new(at + 1 + i, at + 2 + i);
                return Err(Fault::new(
                    span,
                    "stray-quote",
                    "text after the closing quote",
                    "put a space after the quoted value",
                ));
            }
            _ => i += 1,
        }
    }
    if raw.len() < 2 || raw.last() != Some(&b'"') {
        let span = Span::new(at, at + raw.len());
        return Err(Fault::new(
            span,
            "stray-quote",
            "text after the closing quote",
            "put a space after the quoted value",
        ));
    }
    words::unescape(inner, at + 1)
}

/// Items between commas; `\,` and `\\` are literal (RFC 9460 appendix A.1).
fn list(text: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut items = vec![Vec::new()];
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b',' => items.push(Vec::new()),
            b'\\' => items.last_mut()?.push(bytes.next()?),
            _ => items.last_mut()?.push(byte),
        }
    }
    items.iter().all(|item| !item.is_empty()).then_some(items)
}

fn value(words: &Words, token: Token, key: u16, text: Option<Vec<u8>>) -> Result<Vec<u8>, Fault> {
    let name = key_name(key);
    let bad = |expected: &str| words.bad(token, &name, expected);
    if matches!(key, 2 | 8) {
        return if text.is_none_or(|t| t.is_empty()) { Ok(Vec::new()) } else { Err(bad("no value")) };
    }
    // A key without a format here takes any octets, or none (RFC 9460 section 2.1).
    if key > 8 {
        return Ok(text.unwrap_or_default());
    }
    let text = text.filter(|t| !t.is_empty()).ok_or_else(|| bad("a value after `=`"))?;
    let utf8 = || std::str::from_utf8(&text).unwrap_or_default();
    let mut out = Vec::new();
    match key {
        0 => {
            let mut keys = Vec::new();
            for item in text.split(|b| *b == b',') {
                let number = key_number(item).filter(|n| *n != 0);
                keys.push(number.ok_or_else(|| bad("parameter names separated by commas"))?);
            }
            keys.sort_unstable();
            if keys.windows(2).any(|pair| pair[0] == pair[1]) {
                return Err(bad("each parameter name once"));
            }
            keys.iter().for_each(|k| push16(&mut out, u64::from(*k)));
        }
        1 => {
            for item in list(&text).ok_or_else(|| bad("protocols such as h2,h3"))? {
                let length = u8::try_from(item.len()).map_err(|_| bad("protocols of at most 255 octets"))?;
                out.push(length);
                out.extend(item);
            }
        }
        3 => {
            let port = words::number(&text).filter(|p| *p <= 65_535);
            push16(&mut out, port.ok_or_else(|| bad("a port number"))?);
        }
        4 => {
            for item in utf8().split(',') {
                out.extend(item.parse::<Ipv4Addr>().map_err(|_| bad("IPv4 addresses"))?.octets());
            }
        }
        5 => out = STANDARD.decode(&text).map_err(|_| bad("base64"))?,
        6 => {
            for item in utf8().split(',') {
                out.extend(item.parse::<Ipv6Addr>().map_err(|_| bad("IPv6 addresses"))?.octets());
            }
        }
        _ => out.extend_from_slice(&text),
    }
    Ok(out)
}
