//! `data` of tinydns: one letter, then fields between colons (tinydns-data).

use std::net::Ipv6Addr;

use super::records::Records;
use crate::model::{Name, Rdata, RecordType};
use crate::parse::zone::Parsed;

/// What lines begin with.
const LETTERS: &str = "Z&@+='.C^:36#-%S";

/// Whether nearly all lines are of the format; or most of them, one of which begins a zone: a slip
/// in some lines makes no other format of the rest.
pub(super) fn is_likely(text: &str) -> bool {
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')).take(40);
    let (mut all, mut hits, mut begins_zone) = (0, 0, false);
    for line in lines {
        all += 1;
        hits += usize::from(is_line(line));
        begins_zone |= line.starts_with(['Z', '.', '&']) && is_line(line);
    }
    all > 0 && (hits * 10 >= all * 9 || (begins_zone && hits * 2 > all))
}

/// A letter of the format, a name and a colon; a location may be without a prefix (`%ex`).
fn is_line(line: &str) -> bool {
    let head = line.split(':').next().unwrap_or_default();
    let is_field = head.len() < line.len() && !head.contains([' ', '\t']);
    line.starts_with(|letter| LETTERS.contains(letter)) && (is_field || line.starts_with('%'))
}

pub(super) fn read(file: &str, bytes: &[u8], origin: Option<&Name>) -> Result<Vec<Parsed>, String> {
    let text = String::from_utf8_lossy(bytes);
    // Whoever names the format means it, though lines of it are wrong.
    if !text.lines().any(|line| !line.starts_with('#') && is_line(line)) {
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
        let Some(kind) = line.chars().next().filter(|_| !line.trim().is_empty()) else { continue };
        let fields: Vec<&str> = line[kind.len_utf8()..].trim_end().split(':').collect();
        let owner = Name::lenient(&plain(fields[0]));
        let within = |apex: &&Name| owner.is_within(apex);
        let Some(zone) = apexes.iter().filter(within).max_by_key(|apex| apex.label_count()).cloned() else {
            // tinydns-data refuses the whole file for such a line.
            if !LETTERS.contains(kind) && !line.trim().is_empty() {
                let why = format!("no line of tinydns-data begins with `{kind}`");
                records.unread(&apexes[0], number, why);
            }
            continue;
        };
        entry(&mut records, kind, &Line { zone: &zone, owner, fields: &fields, number });
    }
    Ok(records.finish())
}

/// One line: its zone, its owner, its fields.
struct Line<'l> {
    zone: &'l Name,
    owner: Name,
    fields: &'l [&'l str],
    number: u32,
}

impl Line<'_> {
    fn field(&self, at: usize) -> &str {
        self.fields.get(at).copied().unwrap_or_default()
    }

    fn ttl(&self, at: usize) -> Option<u32> {
        self.field(at).parse().ok()
    }

    /// `x` without a dot stands for x.ns.OWNER or x.mx.OWNER.
    fn host(&self, at: usize, middle: &str) -> Name {
        match plain(self.field(at)) {
            whole if whole.contains('.') => Name::lenient(&whole),
            short if short.is_empty() => self.owner.prefixed(middle),
            short => self.owner.prefixed(&format!("{short}.{middle}")),
        }
    }

    fn push(&self, records: &mut Records, ttl: Option<u32>, rdata: Rdata) {
        records.push(self.zone, self.owner.clone(), ttl, rdata, self.number);
    }

    /// The address of a server, where its line gives one.
    fn address(&self, records: &mut Records, name: Name, ttl: Option<u32>) {
        if !self.field(1).is_empty() {
            records.text(self.zone, name, ttl, "A", self.field(1), self.number);
        }
    }

    fn broken(&self, records: &mut Records, rtype: Option<RecordType>, why: String) {
        records.broken(self.zone, self.owner.clone(), rtype, self.number, why);
    }

    fn soa(&self, records: &mut Records) {
        let number = |at: usize, otherwise: u32| self.field(at).parse().unwrap_or(otherwise);
        let rdata = Rdata::Soa {
            mname: Name::lenient(&plain(self.field(1))),
            rname: Name::lenient(&plain(self.field(2))),
            serial: number(3, 1),
            refresh: number(4, 16_384),
            retry: number(5, 2048),
            expire: number(6, 1_048_576),
            minimum: number(7, 2560),
        };
        self.push(records, self.ttl(8), rdata);
    }

    fn server(&self, records: &mut Records, begins_zone: bool) {
        let server = self.host(2, "ns");
        self.push(records, self.ttl(3), Rdata::Ns(server.clone()));
        if begins_zone {
            let rdata = Rdata::Soa {
                mname: server.clone(),
                rname: self.owner.prefixed("hostmaster"),
                serial: 1,
                refresh: 16_384,
                retry: 2048,
                expire: 1_048_576,
                minimum: 2560,
            };
            self.push(records, None, rdata);
        }
        self.address(records, server, self.ttl(3));
    }

    fn generic(&self, records: &mut Records) {
        let Ok(number) = self.field(1).parse::<u16>() else {
            return self.broken(records, None, "the type of a generic record is a number".to_owned());
        };
        let data = octets(self.field(2));
        let digits: String = data.iter().map(|octet| format!("{octet:02x}")).collect();
        let value = format!("\\# {} {digits}", data.len());
        let (owner, ttl) = (self.owner.clone(), self.ttl(3));
        records.text(self.zone, owner, ttl, &format!("TYPE{number}"), &value, self.number);
    }
}

fn entry(records: &mut Records, kind: char, line: &Line) {
    match kind {
        'Z' => line.soa(records),
        '.' | '&' => line.server(records, kind == '.'),
        '@' => {
            let exchange = line.host(2, "mx");
            let preference = line.field(3).parse().unwrap_or(0);
            line.push(records, line.ttl(4), Rdata::Mx { preference, exchange: exchange.clone() });
            line.address(records, exchange, line.ttl(4));
        }
        '+' | '=' => {
            records.text(line.zone, line.owner.clone(), line.ttl(2), "A", line.field(1), line.number);
        }
        '\'' => {
            records.txt(line.zone, line.owner.clone(), line.ttl(2), &octets(line.field(1)), line.number);
        }
        'C' => line.push(records, line.ttl(2), Rdata::Cname(Name::lenient(&plain(line.field(1))))),
        '^' => line.push(records, line.ttl(2), Rdata::Ptr(Name::lenient(&plain(line.field(1))))),
        ':' => line.generic(records),
        // Letters of a patch for IPv6 (fefe): 32 digits.
        '3' | '6' => match aaaa(line.field(1)) {
            Some(address) => line.push(records, line.ttl(2), Rdata::Aaaa(address)),
            None => {
                let why = "an IPv6 address has 32 hexadecimal digits here".to_owned();
                line.broken(records, Some(RecordType::Aaaa), why);
            }
        },
        // Remarks, records that are switched off, locations.
        '#' | '-' | '%' => {}
        _ => line.broken(records, None, format!("no line of tinydns-data begins with `{kind}`")),
    }
}

fn aaaa(digits: &str) -> Option<Ipv6Addr> {
    let is_address = digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    u128::from_str_radix(digits, 16).ok().filter(|_| is_address).map(Ipv6Addr::from)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_makes_no_other_format_of_the_rest() {
        let good = "Zexample.com:ns:h:1\n@example.com::mx.example.net:10\n+www.example.com:192.0.2.1\n";
        for bad in ["", "xx\n", "Xbad.example.com:1\n", "bad line here\n", "xx\nyy\n"] {
            assert!(is_likely(&format!("{good}{bad}")), "{bad}");
            assert!(is_likely(&format!("{bad}{good}")), "{bad}");
        }
        assert!(!is_likely("$ORIGIN example.com.\nS1 AAAA 2001:db8::1\nC AAAA 2001:db8::2\n"));
        assert!(!is_likely("xx\nyy\nzz\nww\n+www.example.com:192.0.2.1\n"));
    }

    #[test]
    fn every_letter_is_read_or_said_to_be_unread() {
        let text = ".example.com::ns.example.net:3600\n@example.com::mx.example.net:10\n\
                    :example.com:16:\\013v=spf1\\040-all:300\n:example.com:TXT:x\n\
                    6mx.example.com:20010db8000000000000000000000001:300\n6a.example.com:2001:300\n\
                    -off.example.com:192.0.2.1\nSx.example.com:1\n# remark: none\n\
                    :s.example.com:33:\\000\\001:300\ngarbage\n\n";
        let zones = read("data", text.as_bytes(), None).unwrap();
        let records: Vec<String> = zones[0]
            .zone
            .records()
            .iter()
            .map(|record| format!("{} {} {}", record.place.line, record.owner, record.rdata))
            .collect();
        assert_eq!(records[2..4], ["2 example.com 10 mx.example.net", "3 example.com \"v=spf1 -all\""]);
        assert_eq!(records[4], "5 mx.example.com 2001:db8::1");
        let broken: Vec<u32> = zones[0].diagnostics.iter().map(|one| one.line).collect();
        // Of a type that mail does not need the data is kept as it is, or not at all.
        assert_eq!(broken, [4, 6, 8, 11], "{:?}", zones[0].diagnostics);
    }
}
