//! `data` of tinydns: one letter, then fields between colons (tinydns-data).

use super::records::Records;
use crate::model::{Name, Rdata};
use crate::parse::zone::Parsed;

/// Whether most lines begin with a letter of the format and hold colons.
pub(super) fn is_likely(text: &str) -> bool {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).take(20);
    let (mut all, mut hits) = (0, 0);
    for line in lines {
        all += 1;
        hits += usize::from(
            line.starts_with(['Z', '&', '@', '+', '=', '\'', '.', 'C', '^', ':']) && line.contains(':'),
        );
    }
    all > 0 && hits * 10 >= all * 9
}

pub(super) fn read(file: &str, bytes: &[u8], origin: Option<&Name>) -> Result<Vec<Parsed>, String> {
    let text = String::from_utf8_lossy(bytes);
    if !is_likely(&text) {
        return Err("the lines are none of tinydns-data".to_owned());
    }
    let mut apexes: Vec<Name> = text
        .lines()
        .filter(|line| line.starts_with(['Z', '.']))
        .filter_map(|line| Some(Name::lenient(line.get(1..)?.split(':').next()?)))
        .collect();
    apexes.extend(origin.cloned());
    if apexes.is_empty() {
        return Err("no line names a zone (`.` or `Z`); give ORIGIN=FILE".to_owned());
    }
    let mut records = Records::new(file, bytes);
    for (number, line) in (1..).zip(text.lines()) {
        let Some(kind) = line.chars().next().filter(|kind| kind.is_ascii()) else { continue };
        let fields: Vec<&str> = line[1..].trim_end().split(':').collect();
        let owner = Name::lenient(&plain(fields[0]));
        let within = |apex: &&Name| owner.is_within(apex);
        let Some(zone) = apexes.iter().filter(within).max_by_key(|apex| apex.label_count()).cloned() else {
            continue;
        };
        entry(&mut records, &zone, kind, owner, &fields, number);
    }
    Ok(records.finish())
}

fn entry(records: &mut Records, zone: &Name, kind: char, owner: Name, fields: &[&str], line: u32) {
    let field = |at: usize| fields.get(at).copied().unwrap_or_default();
    let ttl = |at: usize| field(at).parse::<u32>().ok();
    // `x` without a dot stands for x.ns.OWNER or x.mx.OWNER.
    let host = |at: usize, middle: &str| match plain(field(at)) {
        short if !short.contains('.') => owner.prefixed(&format!(
            "{}{middle}",
            if short.is_empty() { String::new() } else { format!("{short}.") }
        )),
        whole => Name::lenient(&whole),
    };
    let address = |records: &mut Records, name: Name, ttl: Option<u32>| {
        if !field(1).is_empty() {
            records.text(zone, name, ttl, "A", field(1), line);
        }
    };
    match kind {
        'Z' => {
            let number = |at: usize, otherwise: u32| field(at).parse().unwrap_or(otherwise);
            let rdata = Rdata::Soa {
                mname: Name::lenient(&plain(field(1))),
                rname: Name::lenient(&plain(field(2))),
                serial: number(3, 1),
                refresh: number(4, 16_384),
                retry: number(5, 2048),
                expire: number(6, 1_048_576),
                minimum: number(7, 2560),
            };
            records.push(zone, owner.clone(), ttl(8), rdata, line);
        }
        '.' | '&' => {
            let server = host(2, "ns");
            records.push(zone, owner.clone(), ttl(3), Rdata::Ns(server.clone()), line);
            if kind == '.' {
                let rdata = Rdata::Soa {
                    mname: server.clone(),
                    rname: owner.prefixed("hostmaster"),
                    serial: 1,
                    refresh: 16_384,
                    retry: 2048,
                    expire: 1_048_576,
                    minimum: 2560,
                };
                records.push(zone, owner.clone(), None, rdata, line);
            }
            address(records, server, ttl(3));
        }
        '@' => {
            let exchange = host(2, "mx");
            let preference = field(3).parse().unwrap_or(0);
            records.push(
                zone,
                owner.clone(),
                ttl(4),
                Rdata::Mx { preference, exchange: exchange.clone() },
                line,
            );
            address(records, exchange, ttl(4));
        }
        '+' | '=' => records.text(zone, owner.clone(), ttl(2), "A", field(1), line),
        '\'' => records.txt(zone, owner.clone(), ttl(2), &octets(field(1)), line),
        'C' => records.push(zone, owner.clone(), ttl(2), Rdata::Cname(Name::lenient(&plain(field(1)))), line),
        '^' => records.push(zone, owner.clone(), ttl(2), Rdata::Ptr(Name::lenient(&plain(field(1)))), line),
        _ => {}
    }
}

/// The octets of a field, `\072` being a colon.
fn octets(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let digits = tail.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(octet) if *first == b'\\' => {
                out.push(octet);
                rest = &tail[3..];
            }
            _ => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    out
}

fn plain(text: &str) -> String {
    String::from_utf8_lossy(&octets(text)).trim_end_matches('.').to_owned()
}
