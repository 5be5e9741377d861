//! `$GENERATE range lhs [ttl] [class] type rhs`, as BIND 9 has it (Administrator
//! Reference Manual, "BIND Primary File Extension: the $GENERATE Directive").

use std::fmt::Write;

use super::data_words::Words;
use super::diagnostic::{Fault, Span, shown};
use super::directives::wrong_count;
use super::grammar::{self, Kind};
use super::lexer::{Entry, Lexer, Token};
use super::rdata;
use super::reader::{At, Reader, State};
use super::words;
use super::{MAX_GENERATE, MAX_GENERATED, Place, ZoneRecord};
use crate::model::{Name, Rdata};

/// Octets of a template before and after substitution; four times what a name needs.
const MAX_TEMPLATE: usize = 4096;
const MAX_EXPANDED: usize = 8192;
/// Characters one number may be padded to; no label holds more.
const MAX_WIDTH: u64 = 63;

impl Reader<'_> {
    /// The range and how many records it makes, within the limits.
    fn counted_range(&self, at: At, token: Token) -> Result<(Range, u64), Fault> {
        let raw = token.span.of(at.source);
        let refused = |message: String, remedy: &str| Fault::new(token.span, "generate", message, remedy);
        let range = range(raw).ok_or_else(|| {
            let remedy = "write start-stop or start-stop/step with start at most stop: `1-10`";
            refused(format!("`{}` is no range", shown(raw)), remedy)
        })?;
        let count = (range.stop - range.start) / range.step + 1;
        if count > MAX_GENERATE || self.generated + count > MAX_GENERATED {
            let message = format!(
                "{count} records; at most {MAX_GENERATE} for one directive and {MAX_GENERATED} in all are made"
            );
            return Err(refused(message, "make the range smaller"));
        }
        Ok((range, count))
    }

    pub(super) fn generate(&mut self, at: At, entry: &Entry, state: &mut State) -> Result<(), Fault> {
        let form = "$GENERATE 1-10 host-$ A 192.0.2.$";
        let [_, range_token, lhs, tokens @ ..] = entry.tokens.as_slice() else {
            return Err(wrong_count(entry, entry.tokens.get(1..).unwrap_or_default(), form));
        };
        let (range, count) = self.counted_range(at, *range_token)?;
        let mut tokens = tokens;
        let head = self.head(at, entry, &mut tokens, None)?;
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
            let end = entry.tokens[entry.tokens.len() - 1].span;
            return Err(Fault::new(end, "generate", "the right-hand side is missing", form));
        };
        let template = template(at.source, tokens, head.rtype);
        let span = first.span.to(last.span);
        let left = lhs.span.of(at.source);
        if template.len() > MAX_TEMPLATE || left.len() > MAX_TEMPLATE {
            let message = format!("a template of over {MAX_TEMPLATE} octets");
            return Err(Fault::new(span, "generate", message, "shorten it"));
        }
        let whole = entry.tokens[0].span.to(last.span);
        let origin = self.origin(at, state, whole);
        let mut words_of = Entry::default();
        for index in 0..count {
            let value = range.start + index * range.step;
            let (owner, rdata) =
                made(value, (left, lhs.span), (&template, span), &origin, head.rtype, &mut words_of)?;
            let ttl = self.ttl(at, state, &head, &rdata, whole);
            self.generated += 1;
            let place = Place {
                file: at.file.clone(),
                line: entry.line_of_first(),
                span: whole,
                owner: Some(*lhs),
                data: tokens.into(),
            };
            self.keep(at, ZoneRecord { owner, ttl, rdata, place })?;
            if self.stopped {
                break;
            }
        }
        Ok(())
    }
}

/// Owner and data with the value in place.
fn made(
    value: u64,
    (left, left_span): (&[u8], Span),
    (template, span): (&[u8], Span),
    origin: &Name,
    rtype: u16,
    entry: &mut Entry,
) -> Result<(Name, Rdata), Fault> {
    let at_value = |fault: Fault, span: Span| Fault {
        span,
        message: format!("with $ = {value}: {}", fault.message),
        ..fault
    };
    let owner = expand(left, value).map_err(|e| substitution(left_span, e))?;
    let owner = words::name(&owner, 0, origin).map_err(|f| at_value(f, left_span))?;
    let text = expand(template, value).map_err(|e| substitution(span, e))?;
    if !Lexer::new(&text).next(entry) {
        entry.tokens.clear();
    }
    if let Some(fault) = entry.faults.pop() {
        return Err(at_value(fault, span));
    }
    let end = Span::new(text.len(), text.len());
    let mut words = Words { source: &text, tokens: &entry.tokens, origin, end, rtype, splits: false };
    let rdata = rdata::read(&mut words).map_err(|f| at_value(f, span))?;
    Ok((owner, rdata))
}

fn substitution(span: Span, message: &'static str) -> Fault {
    let remedy = "write `$`, or `${offset,width,base}` with base d, o, x, X, n or N; `\\$` is a dollar sign";
    Fault::new(span, "generate", message, remedy)
}

struct Range {
    start: u64,
    stop: u64,
    step: u64,
}

fn range(raw: &[u8]) -> Option<Range> {
    let text = std::str::from_utf8(raw).ok()?;
    let (span, step) = text.split_once('/').unwrap_or((text, "1"));
    let (start, stop) = span.split_once('-')?;
    let number = |text: &str| words::number(text.as_bytes()).filter(|n| *n <= i32::MAX as u64);
    let (start, stop, step) = (number(start)?, number(stop)?, number(step)?);
    (start <= stop && step > 0).then_some(Range { start, stop, step })
}

/// The right-hand side as one text. A quoted one is data with spaces, except
/// where the data is a string itself.
fn template(source: &[u8], tokens: &[Token], rtype: u16) -> Vec<u8> {
    let texts = grammar::fields(rtype)
        .and_then(|fields| fields.first())
        .is_some_and(|(_, kind)| matches!(kind, Kind::Text | Kind::Texts));
    if let [token] = tokens
        && token.quoted
        && !texts
    {
        let raw = token.span.of(source);
        let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
        let mut out = Vec::with_capacity(inner.len());
        let mut at = 0;
        while at < inner.len() {
            if inner[at] == b'\\' && inner.get(at + 1) == Some(&b'"') {
                at += 1;
            }
            out.push(inner[at]);
            at += 1;
        }
        return out;
    }
    let raws: Vec<&[u8]> = tokens.iter().map(|t| t.span.of(source)).collect();
    raws.join(&b' ')
}

/// Puts the number in for `$` and `${offset,width,base}`.
fn expand(template: &[u8], value: u64) -> Result<Vec<u8>, &'static str> {
    let mut out = Vec::with_capacity(template.len() + 16);
    let mut i = 0;
    while i < template.len() {
        match (template[i], template.get(i + 1)) {
            (b'\\', Some(b'$')) | (b'$', Some(b'$')) => {
                out.push(b'$');
                i += 2;
            }
            (b'\\', Some(next)) => {
                out.extend([b'\\', *next]);
                i += 2;
            }
            (b'$', Some(b'{')) => {
                let rest = &template[i + 2..];
                let close = rest.iter().position(|b| *b == b'}').ok_or("`${` without `}`")?;
                out.extend(modified(&rest[..close], value)?.into_bytes());
                i += close + 3;
            }
            (b'$', _) => {
                out.extend(value.to_string().into_bytes());
                i += 1;
            }
            (byte, _) => {
                out.push(byte);
                i += 1;
            }
        }
        if out.len() > MAX_EXPANDED {
            return Err("the record becomes too long");
        }
    }
    Ok(out)
}

fn modified(modifier: &[u8], value: u64) -> Result<String, &'static str> {
    let text = std::str::from_utf8(modifier).map_err(|_| "the modifier is no text")?;
    let mut parts = text.split(',');
    let offset: i64 = match parts.next() {
        Some("") | None => 0,
        Some(offset) => {
            offset.parse::<i32>().map(i64::from).map_err(|_| "the offset in `${...}` is no number")?
        }
    };
    let width = match parts.next() {
        Some(width) => words::number(width.as_bytes())
            .filter(|w| *w <= MAX_WIDTH)
            .ok_or("the width in `${...}` is no number up to 63")?,
        None => 0,
    } as usize;
    let base = parts.next().unwrap_or("d");
    if parts.next().is_some() {
        return Err("`${...}` has over three parts");
    }
    let number = (value as i64).checked_add(offset).filter(|n| *n >= 0);
    let number = number.ok_or("the number with its offset is negative")?;
    let mut out = String::new();
    let written = match base {
        "d" => write!(out, "{number:0width$}"),
        "o" => write!(out, "{number:0width$o}"),
        "x" => write!(out, "{number:0width$x}"),
        "X" => write!(out, "{number:0width$X}"),
        // Nibbles, lowest first with dots between; the width counts the dots.
        "n" | "N" => {
            let digits = if base == "n" { format!("{number:x}") } else { format!("{number:X}") };
            let wanted = width.div_ceil(2).max(digits.len());
            let nibbles: Vec<String> =
                format!("{digits:0>wanted$}").chars().rev().map(String::from).collect();
            write!(out, "{}", nibbles.join("."))
        }
        _ => return Err("the base in `${...}` is none of d, o, x, X, n, N"),
    };
    written.map_err(|_| "the number cannot be written")?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn e(template: &str, value: u64) -> Result<String, &'static str> {
        expand(template.as_bytes(), value).map(|o| String::from_utf8(o).unwrap())
    }

    #[test]
    fn substitutions() {
        assert_eq!(e("host-$", 7), Ok("host-7".into()));
        assert_eq!(e("${0,3}", 7), Ok("007".into()));
        assert_eq!(e("${-5,2,d}.x", 7), Ok("02.x".into()));
        assert_eq!(e("${10,4,x}", 7), Ok("0011".into()));
        assert_eq!(e("${0,2,X}", 171), Ok("AB".into()));
        assert_eq!(e("${0,0,o}", 8), Ok("10".into()));
        assert_eq!(e("${0,7,n}", 0x1a), Ok("a.1.0.0".into()));
        assert_eq!(e(r"\$ \007 $$", 1), Ok(r"$ \007 $".into()));
        for bad in ["${", "${a}", "${0,64}", "${0,0,q}", "${0,0,d,0}", "${-8}"] {
            assert!(e(bad, 7).is_err(), "{bad}");
        }
        assert!(range(b"10-1").is_none() && range(b"1-2/0").is_none() && range(b"x").is_none());
    }
}
