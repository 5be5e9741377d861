//! One word to its value: character-strings, names, numbers and times.

use super::diagnostic::{Fault, Span, shown};
use crate::model::Name;
use crate::model::name::push_label;

/// Undoes `\DDD` and `\X` (RFC 1035 section 5.1). `raw` stands at offset `at`.
pub(super) fn unescape(raw: &[u8], at: usize) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::with_capacity(raw.len());
    let mut i = 0;
    while i < raw.len() {
        if raw[i] == b'\\' {
            let (byte, length) = escape(raw, i, at)?;
            out.push(byte);
            i += length;
        } else {
            out.push(raw[i]);
            i += 1;
        }
    }
    Ok(out)
}

/// The octet an escape at `raw[i]` stands for, and the escape's length.
fn escape(raw: &[u8], i: usize, at: usize) -> Result<(u8, usize), Fault> {
    let bad = |end: usize| {
        let end = end.min(raw.len());
        Fault::new(
            Span::new(at + i, at + end),
            "bad-escape",
            format!("`{}` is no escape: three digits from 000 to 255 must follow", shown(&raw[i..end])),
            "write the octet as `\\DDD` with three decimal digits, or `\\\\` for a backslash",
        )
    };
    match raw.get(i + 1) {
        None => Err(bad(i + 1)),
        Some(first) if first.is_ascii_digit() => {
            let digits = raw.get(i + 1..i + 4).filter(|d| d.iter().all(u8::is_ascii_digit));
            let value = digits.map(|d| d.iter().fold(0u16, |n, b| n * 10 + u16::from(b - b'0')));
            match value.and_then(|v| u8::try_from(v).ok()) {
                Some(byte) => Ok((byte, 4)),
                None => Err(bad(i + 4)),
            }
        }
        Some(&byte) => Ok((byte, 2)),
    }
}

/// A domain name as written: `@`, relative or absolute; raw UTF-8 labels become A-labels.
pub(super) fn name(raw: &[u8], at: usize, origin: &Name) -> Result<Name, Fault> {
    let span = Span::new(at, at + raw.len());
    match raw {
        b"@" => return Ok(origin.clone()),
        b"." => return Ok(Name::root()),
        b"" => return Err(Fault::new(span, "bad-name", "an empty name", "write the name, or `@`")),
        _ => {}
    }
    let mut text = String::with_capacity(raw.len() + 1 + origin.as_str().len());
    let (mut i, mut wire, mut absolute) = (0, 1usize, false);
    let mut label: Vec<u8> = Vec::with_capacity(raw.len().min(64));
    while i < raw.len() {
        i = next_label(raw, i, at, &mut label)?;
        wire += label.len() + 1;
        push_label(&label, &mut text);
        if i < raw.len() {
            i += 1;
            absolute = i == raw.len();
        }
    }
    if !absolute && !origin.is_root() {
        text.push('.');
        text.push_str(origin.as_str());
        wire += wire_length(origin) - 1;
    }
    if wire > 255 {
        return Err(Fault::new(
            span,
            "name-too-long",
            format!(
                "this name has {wire} octets with its origin; a name has at most 255 (RFC 1035 section 3.1)"
            ),
            "shorten the name, or end it with a dot if it is already complete",
        ));
    }
    Ok(Name::lenient(&text))
}

/// Reads the label that begins at `start` into `label`; where it ends.
fn next_label(raw: &[u8], start: usize, at: usize, label: &mut Vec<u8>) -> Result<usize, Fault> {
    let span = Span::new(at, at + raw.len());
    let (mut i, mut literal) = (start, true);
    label.clear();
    while i < raw.len() && raw[i] != b'.' {
        match raw[i] {
            b'\\' => {
                let (byte, length) = escape(raw, i, at)?;
                label.push(byte);
                i += length;
                literal = false;
            }
            b'"' | b' ' | b'\t' | b'\n' | b'\r' => {
                return Err(Fault::new(
                    span,
                    "bad-name",
                    format!("`{}` holds a quote, which no name may hold unescaped", shown(raw)),
                    "write the name without quotes",
                ));
            }
            byte => {
                label.push(byte);
                i += 1;
            }
        }
    }
    if label.is_empty() {
        return Err(Fault::new(
            span,
            "empty-label",
            format!("`{}` has an empty label", shown(raw)),
            "remove the leading dot or one of two dots in a row",
        ));
    }
    if literal && !label.is_ascii() {
        a_label(label);
    }
    if label.len() > 63 {
        return Err(Fault::new(
            Span::new(at + start, at + i),
            "label-too-long",
            format!("this label has {} octets; a label has at most 63 (RFC 1035 section 3.1)", label.len()),
            "shorten the label",
        ));
    }
    Ok(i)
}

fn a_label(label: &mut Vec<u8>) {
    if let Ok(unicode) = std::str::from_utf8(label)
        && label.len() <= 256
        && let Ok(ascii) = idna::domain_to_ascii(unicode)
        && !ascii.contains('.')
        && !ascii.is_empty()
    {
        *label = ascii.into_bytes();
    }
}

/// Octets on the wire with the root label (RFC 1035 section 3.1).
pub(super) fn wire_length(name: &Name) -> usize {
    if !name.as_str().contains('\\') {
        return name.as_str().len() + if name.is_root() { 1 } else { 2 };
    }
    name.raw_labels().iter().map(|l| l.len() + 1).sum::<usize>() + 1
}

/// The wire form, uncompressed.
pub(super) fn push_name(name: &Name, out: &mut Vec<u8>) {
    if name.as_str().contains('\\') {
        for label in name.raw_labels() {
            out.push(label.len() as u8);
            out.extend_from_slice(&label);
        }
    } else {
        for label in name.labels() {
            out.push(label.len() as u8);
            out.extend_from_slice(label.as_bytes());
        }
    }
    out.push(0);
}

/// Seconds from `3600` or `1w2d3h4m5s` in any case; None where it is neither
/// or over 32 bits. A number without a unit stands alone.
pub(super) fn ttl(raw: &[u8]) -> Option<u32> {
    let mut total: u64 = 0;
    let mut number: Option<u64> = None;
    let mut units = 0;
    for &byte in raw {
        if byte.is_ascii_digit() {
            let next = number.unwrap_or(0).checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
            number = Some(next).filter(|n| *n <= u64::from(u32::MAX));
            number?;
        } else {
            let seconds = match byte.to_ascii_lowercase() {
                b's' => 1,
                b'm' => 60,
                b'h' => 3600,
                b'd' => 86_400,
                b'w' => 604_800,
                _ => return None,
            };
            total = total.checked_add(number.take()?.checked_mul(seconds)?)?;
            units += 1;
        }
    }
    match (number, units) {
        (Some(n), 0) => u32::try_from(n).ok(),
        (None, 1..) => u32::try_from(total).ok(),
        _ => None,
    }
}

/// A decimal number within 64 bits, digits only.
pub(super) fn number(raw: &[u8]) -> Option<u64> {
    if raw.is_empty() || raw.len() > 20 || !raw.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(raw).ok()?.parse().ok()
}

/// `YYYYMMDDHHmmSS` or seconds since 1970 (RFC 4034 section 3.2).
pub(super) fn timestamp(raw: &[u8]) -> Option<u32> {
    if raw.len() != 14 {
        return u32::try_from(number(raw)?).ok();
    }
    number(raw)?;
    let part = |from: usize, to: usize| number(&raw[from..to]).unwrap_or(0) as i64;
    let (year, month, day) = (part(0, 4), part(4, 6), part(6, 8));
    let (hour, minute, second) = (part(8, 10), part(10, 12), part(12, 14));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        1..=12 => 31,
        _ => return None,
    };
    if !(1970..=2242).contains(&year) || !(1..=days).contains(&day) || hour > 23 || minute > 59 || second > 59
    {
        return None;
    }
    // Days since 1970 by the civil calendar, years counted from March.
    let shifted = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (shifted / 400, shifted % 400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let day_number = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    // Serial arithmetic: wraps by design (RFC 4034 section 3.1.5).
    Some((day_number * 86_400 + hour * 3600 + minute * 60 + second) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(text: &str) -> Result<String, &'static str> {
        let origin = Name::lenient("example.com");
        name(text.as_bytes(), 0, &origin).map(|n| n.as_str().to_owned()).map_err(|f| f.code)
    }

    #[test]
    fn names() {
        assert_eq!(n("@"), Ok("example.com".into()));
        assert_eq!(n("."), Ok("".into()));
        assert_eq!(n("Mx"), Ok("mx.example.com".into()));
        assert_eq!(n("mx.example.org."), Ok("mx.example.org".into()));
        assert_eq!(n("a\\.b"), Ok("a\\.b.example.com".into()));
        assert_eq!(n("a\\046b."), Ok("a\\.b".into()));
        assert_eq!(n("\\007."), Ok("\\007".into()));
        assert_eq!(n("\\@."), Ok("@".into()));
        assert_eq!(n("*.x"), Ok("*.x.example.com".into()));
        assert_eq!(n("bücher.example."), Ok("xn--bcher-kva.example".into()));
        assert_eq!(n("a..b"), Err("empty-label"));
        assert_eq!(n(".a"), Err("empty-label"));
        assert_eq!(n(".."), Err("empty-label"));
        assert_eq!(n("a.."), Err("empty-label"));
        assert_eq!(n("\\256."), Err("bad-escape"));
        assert_eq!(n("\\25"), Err("bad-escape"));
        assert_eq!(n("a\"b"), Err("bad-name"));
        assert_eq!(n(&"a".repeat(64)), Err("label-too-long"));
        assert!(n(&"a".repeat(63)).is_ok());
        let long = format!("{}.", ["a".repeat(63).as_str(); 3].join("."));
        assert!(n(&format!("{}.{long}", "b".repeat(61))).is_ok());
        assert_eq!(n(&format!("{}.{long}", "b".repeat(62))), Err("name-too-long"));
    }

    #[test]
    fn times() {
        assert_eq!(ttl(b"1w2d3h4m5s"), Some(604_800 + 2 * 86_400 + 3 * 3600 + 245));
        assert_eq!(ttl(b"1H"), Some(3600));
        assert_eq!(ttl(b"4294967295"), Some(u32::MAX));
        for bad in ["", "4294967296", "1x", "h", "1h30", "1hh", "-1", "99999999999999999999w", "7102w"] {
            assert_eq!(ttl(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(timestamp(b"19700101000001"), Some(1));
        assert_eq!(timestamp(b"20260228235959"), Some(1_772_323_199));
        assert_eq!(timestamp(b"20240229000000"), Some(1_709_164_800));
        assert_eq!(timestamp(b"20230229000000"), None);
        assert_eq!(timestamp(b"20231301000000"), None);
        assert_eq!(timestamp(b"1234567890"), Some(1_234_567_890));
        assert_eq!(timestamp(b"12345678901"), None);
    }

    #[test]
    fn name_lengths_agree_with_the_wire() {
        for text in ["", "a", "a\\.b.c", "\\000.x"] {
            let name = Name::lenient(text);
            let mut wire = Vec::new();
            push_name(&name, &mut wire);
            assert_eq!(wire.len(), wire_length(&name), "{text}");
        }
    }
}
