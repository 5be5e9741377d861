//! One term: directive or modifier (RFC 7208 section 12).

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use ipnet::{Ipv4Net, Ipv6Net};

use super::fault::{self, Fault};
use super::{DualCidr, MacroPart, MacroString, Mechanism, Qualifier, TermKind};

/// Spans in the result and in faults count from the term's first byte.
pub(super) fn parse(term: &str) -> Result<TermKind, Fault> {
    if let Some((at, c)) = term.char_indices().find(|(_, c)| !matches!(c, '\u{21}'..='\u{7e}')) {
        return Err(unprintable(term, at, c));
    }
    let separator = term.find([':', '=', '/']).unwrap_or(term.len());
    if term[separator..].starts_with('=') {
        return modifier(term, separator);
    }
    let first = term.chars().next().and_then(Qualifier::from_symbol);
    let qualifier = &term[..usize::from(first.is_some())];
    let name = &term[qualifier.len()..separator.max(qualifier.len())];
    let mechanism = mechanism(term, qualifier, name)?;
    Ok(TermKind::Directive { qualifier: first.unwrap_or(Qualifier::Pass), mechanism })
}

fn unprintable(term: &str, at: usize, c: char) -> Fault {
    let span = at..at + c.len_utf8();
    let what = if c.is_ascii() {
        format!("the control character U+{:04X}; only spaces may stand between terms", u32::from(c))
    } else {
        format!("the character U+{:04X} is not ASCII; a record is ASCII only", u32::from(c))
    };
    let fault = Fault::at(span, what);
    // A dash, quote or space that a word processor has made of an ASCII one.
    let plain: String = term
        .chars()
        .filter_map(|c| match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
            '\u{ff1a}' => Some(':'),
            '\u{a0}' | '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{18}'..='\u{1f}' => None,
            '\u{2018}'..='\u{201f}' => None,
            other => Some(other),
        })
        .collect();
    // Two terms with a line end between are not one, so nothing is proposed for those.
    let printable = !plain.is_empty() && plain.bytes().all(|b| b.is_ascii_graphic());
    let repaired = printable && !term.contains(['\t', '\r', '\n']) && parse(&plain).is_ok();
    if repaired { fault.or(plain) } else { fault }
}

fn modifier(term: &str, equals: usize) -> Result<TermKind, Fault> {
    let (name, value, start) = (&term[..equals], &term[equals + 1..], equals + 1);
    let mut bytes = name.bytes();
    let named = bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if !named {
        let unqualified = name.trim_start_matches(['+', '-', '~', '?']);
        let known = matches!(unqualified.to_ascii_lowercase().as_str(), "redirect" | "exp");
        let fault = Fault::at(0..equals, "a modifier's name must start with a letter and take no qualifier");
        return Err(if known { fault.or(&term[name.len() - unqualified.len()..]) } else { fault });
    }
    Ok(if name.eq_ignore_ascii_case("redirect") {
        TermKind::Redirect(domain_spec(value, start, "redirect=")?)
    } else if name.eq_ignore_ascii_case("exp") {
        TermKind::Exp(domain_spec(value, start, "exp=")?)
    } else {
        TermKind::Unknown { name: name.to_owned(), value: MacroString::parse(value, start, false)? }
    })
}

fn mechanism(term: &str, qualifier: &str, name: &str) -> Result<Mechanism, Fault> {
    let start = qualifier.len() + name.len();
    let rest = &term[start..];
    let lower = name.to_ascii_lowercase();
    Ok(match lower.as_str() {
        "all" if rest.is_empty() => Mechanism::All,
        "all" => {
            let message = "all takes no argument";
            return Err(Fault::at(start..term.len(), message).or(format!("{qualifier}all")));
        }
        "include" => Mechanism::Include(required(term, start, "include")?),
        "exists" => Mechanism::Exists(required(term, start, "exists")?),
        "ptr" => Mechanism::Ptr(match rest.strip_prefix(':') {
            Some(domain) => Some(domain_spec(domain, start + 1, "ptr:")?),
            None if rest.is_empty() => None,
            None => return Err(Fault::at(start..term.len(), "ptr takes no prefix length")),
        }),
        "a" | "mx" => {
            let (end, cidr) = dual_cidr(term, start)?;
            let domain = match term[start..end].strip_prefix(':') {
                Some(domain) => {
                    Some(domain_spec(domain, start + 1, if lower == "a" { "a:" } else { "mx:" })?)
                }
                None if start == end => None,
                None => {
                    let message =
                        "the prefix lengths are wrong; write /N for IPv4, //N for IPv6, /N//N for both";
                    return Err(Fault::at(start..term.len(), message));
                }
            };
            if lower == "a" { Mechanism::A { domain, cidr } } else { Mechanism::Mx { domain, cidr } }
        }
        "ip4" => Mechanism::Ip4(ip4(term, qualifier, start)?),
        "ip6" => Mechanism::Ip6(ip6(term, qualifier, start)?),
        _ => return Err(fault::unknown(term, qualifier, name)),
    })
}

fn required(term: &str, start: usize, name: &str) -> Result<MacroString, Fault> {
    match term[start..].strip_prefix(':') {
        Some(domain) => domain_spec(domain, start + 1, &format!("{name}:")),
        None => Err(Fault::at(0..term.len(), format!("{name} needs a domain: {name}:DOMAIN"))),
    }
}

/// Splits `/24`, `//64` or `/24//64` off the end; the byte where they start.
fn dual_cidr(term: &str, start: usize) -> Result<(usize, DualCidr), Fault> {
    let digits = |end: usize| {
        let head = &term[start..end];
        let at = start + head.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        (at < end && term[start..at].ends_with('/')).then_some(at)
    };
    let mut cidr = DualCidr::HOST;
    let mut end = term.len();
    if let Some(at) = digits(end)
        && at >= start + 2
        && term[start..at].ends_with("//")
    {
        cidr.six = prefix(&term[at..end], at..end, 128, "an IPv6")?;
        end = at - 2;
    }
    if let Some(at) = digits(end)
        && !term[start..at].ends_with("//")
    {
        cidr.four = prefix(&term[at..end], at..end, 32, "an IPv4")?;
        end = at - 1;
    }
    Ok((end, cidr))
}

/// `"0" / %x31-39 *DIGIT` within the bound: leading zeros are no prefix length.
fn prefix(text: &str, span: Range<usize>, most: u8, family: &str) -> Result<u8, Fault> {
    let number = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    match text.parse::<u8>() {
        Ok(length) if number && length <= most => Ok(length),
        _ => Err(Fault::at(span, format!("{family} prefix length is a number from 0 to {most}"))),
    }
}

fn ip4(term: &str, qualifier: &str, start: usize) -> Result<Ipv4Net, Fault> {
    let (address, length, at) = network(term, start, "ip4", "192.0.2.0/24")?;
    let Ok(ip) = address.parse::<Ipv4Addr>() else {
        let span = at..at + address.len();
        if address.parse::<Ipv6Addr>().is_ok() {
            let six = format!("{qualifier}ip6:{}", &term[at..]);
            return Err(Fault::at(0..start, "an IPv6 address needs ip6 instead of ip4").or(six));
        }
        let fault = Fault::at(span, "no IPv4 address: four numbers from 0 to 255 without leading zeros");
        return Err(repaired_address(fault, qualifier, "ip4", &term[at..]));
    };
    let length = match length {
        Some((text, span)) => prefix(text, span, 32, "an IPv4")?,
        None => 32,
    };
    Ipv4Net::new(ip, length).map_err(|_| Fault::at(0..term.len(), "no IPv4 network"))
}

fn ip6(term: &str, qualifier: &str, start: usize) -> Result<Ipv6Net, Fault> {
    let (address, length, at) = network(term, start, "ip6", "2001:db8::/32")?;
    let Ok(ip) = address.parse::<Ipv6Addr>() else {
        if address.parse::<Ipv4Addr>().is_ok() {
            let four = format!("{qualifier}ip4:{}", &term[at..]);
            return Err(Fault::at(0..start, "an IPv4 address needs ip4 instead of ip6").or(four));
        }
        let fault = Fault::at(at..at + address.len(), "no IPv6 address");
        return Err(repaired_address(fault, qualifier, "ip6", &term[at..]));
    };
    let length = match length {
        Some((text, span)) => prefix(text, span, 128, "an IPv6")?,
        None => 128,
    };
    Ipv6Net::new(ip, length).map_err(|_| Fault::at(0..term.len(), "no IPv6 network"))
}

type Network<'t> = (&'t str, Option<(&'t str, Range<usize>)>, usize);

fn network<'t>(term: &'t str, start: usize, name: &str, example: &str) -> Result<Network<'t>, Fault> {
    let Some(text) = term[start..].strip_prefix(':').filter(|text| !text.is_empty()) else {
        return Err(Fault::at(0..term.len(), format!("{name} needs an address: {name}:{example}")));
    };
    let at = start + 1;
    Ok(match text.split_once('/') {
        Some((address, length)) => (address, Some((length, at + address.len() + 1..term.len())), at),
        None => (text, None, at),
    })
}

/// A stray comma, bracket or port around the address.
fn repaired_address(fault: Fault, qualifier: &str, name: &str, text: &str) -> Fault {
    let bare = text.trim_matches(['[', ']', ',', ';', '"', '\'', '<', '>', '.', '(', ')']);
    let four = name == "ip4";
    let without_port = bare.rsplit_once(':').map(|(address, _)| address).filter(|_| four);
    for candidate in [Some(bare), without_port].into_iter().flatten() {
        let (address, length) = match candidate.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (candidate, None),
        };
        let known = fault::address_with_prefix(address).is_some_and(|(is_four, _)| is_four == four);
        let bound = if four { 32 } else { 128 };
        if known && length.is_none_or(|length| prefix(length, 0..0, bound, "").is_ok()) {
            return fault.or(format!("{qualifier}{name}:{candidate}"));
        }
    }
    fault
}

/// `domain-spec`: a macro string that ends in a macro or in `.toplabel` (section 7.1).
fn domain_spec(text: &str, start: usize, what: &str) -> Result<MacroString, Fault> {
    let span = start..start + text.len();
    if text.is_empty() {
        return Err(Fault::at(0..start, format!("{what} stands without a domain")));
    }
    let parsed = MacroString::parse(text, start, false)?;
    let Some(MacroPart::Literal(last)) = parsed.parts.last() else {
        return Ok(parsed);
    };
    let last = last.strip_suffix('.').unwrap_or(last);
    let top = last.rsplit_once('.').map(|(_, top)| top);
    if top.is_some_and(is_toplabel) {
        return Ok(parsed);
    }
    if let Some((four, _)) = fault::address_with_prefix(text) {
        let kind = if four { "ip4" } else { "ip6" };
        let message = format!("an address where a domain is wanted; addresses need {kind}:");
        let fault = Fault::at(span, message);
        return Err(if matches!(what, "a:" | "mx:" | "include:") {
            fault.or(format!("{kind}:{text}"))
        } else {
            fault
        });
    }
    let Some(top) = top else {
        return Err(Fault::at(
            span,
            "a single label is no domain here; write it in full, as host.example.com",
        ));
    };
    let bare = text.trim_end_matches([',', ';', '"', '\'']);
    let top_start = span.end - top.len();
    let fault = Fault::at(
        top_start..span.end,
        "a domain must end in a label of letters, digits and inner hyphens, not all digits",
    );
    Err(if bare != text && domain_spec(bare, start, what).is_ok() && !what.ends_with('=') {
        fault.or(format!("{what}{bare}"))
    } else {
        fault
    })
}

fn is_toplabel(label: &str) -> bool {
    let bytes = label.as_bytes();
    bytes.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
        && bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
        && !bytes.iter().all(u8::is_ascii_digit)
}
