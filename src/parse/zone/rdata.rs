//! The words after the type to data: each field of the `grammar` is checked
//! and put in wire form; `wire` turns that into the model's `Rdata`.

use super::data_words::{Words, push16, push32};
use super::diagnostic::{Fault, shown};
use super::exotic;
use super::grammar::{self, Kind};
use super::lexer::Token;
use super::svcb;
use super::wire;
use super::words;
use crate::model::{Rdata, RecordType};

const DS: u16 = 43;
const SSHFP: u16 = 44;
const CDS: u16 = 59;
const URI: u16 = 256;

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
    if let Some((expected, length)) = digest(rtype, &out).filter(|(expected, length)| expected != length) {
        return Err(Fault::new(
            whole,
            "bad-digest",
            format!("the digest has {length} octets; one of its type has {expected}"),
            "copy the whole digest, and see that its type is the one it was made with",
        ));
    }
    wire::rdata(rtype, out).ok_or_else(|| {
        Fault::new(whole, "bad-data", "the data does not fit its type", "compare it with the type's RFC")
    })
}

/// Octets that a digest of its type has, and those it has here (RFC 4509, RFC 6605, RFC 6594).
fn digest(rtype: u16, data: &[u8]) -> Option<(usize, usize)> {
    let (head, kind) = match rtype {
        DS | CDS => (4, *data.get(3)?),
        SSHFP => (2, *data.get(1)?),
        _ => return None,
    };
    let expected = match (kind, rtype) {
        (1, _) => 20,
        (2, _) => 32,
        (4, DS | CDS) => 48,
        _ => return None,
    };
    Some((expected, data.len().saturating_sub(head)))
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
            let (token, text) = words.text(label)?;
            // RFC 7553 section 4.4; a CAA value may go without.
            if words.rtype == URI && !token.quoted {
                return Err(words.bad(token, label, "a text in quotes"));
            }
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
