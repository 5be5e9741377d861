//! What `aws route53 list-resource-record-sets` prints, and the change batches made of it.

use serde::Deserialize;

use super::json_lines::lines_of_key;
use super::records::Records;
use crate::model::{Name, Rdata, RecordType};
use crate::parse::zone::Parsed;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listing {
    resource_record_sets: Vec<Set>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Set {
    name: String,
    #[serde(rename = "Type")]
    kind: String,
    #[serde(rename = "TTL")]
    ttl: Option<u32>,
    #[serde(default)]
    resource_records: Vec<Value>,
    alias_target: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Value {
    value: String,
}

pub(super) fn read(file: &str, bytes: &[u8], origin: Option<&Name>) -> Result<Vec<Parsed>, String> {
    let listing: Listing = serde_json::from_slice(bytes)
        .map_err(|error| format!("no listing of Route 53 record sets: {error}"))?;
    let names: Vec<Name> = listing.resource_record_sets.iter().map(|set| name(&set.name)).collect();
    let apex = listing.resource_record_sets.iter().zip(&names).find(|(set, _)| set.kind == "SOA");
    // Without a SOA record the zone is the name that all others are below.
    let zone = origin.cloned().or(apex.map(|(_, name)| name.clone()));
    let zone = zone.or_else(|| names.iter().min_by_key(|name| name.label_count()).cloned());
    let zone = zone.ok_or("the listing is empty and no origin is given")?;
    let mut records = Records::new(file, bytes);
    records.zone(&zone);
    let mut lines = lines_of_key(bytes, "Value").into_iter();
    let sets = lines_of_key(bytes, "Name");
    for ((set, owner), line) in
        listing.resource_record_sets.into_iter().zip(names).zip(sets.iter().chain([&1].into_iter().cycle()))
    {
        if set.alias_target.is_some() {
            records.unknown(&zone, owner, "AliasTarget", *line);
            continue;
        }
        for value in set.resource_records {
            let line = lines.next().unwrap_or(1);
            let known = RecordType::from_text(&set.kind);
            match (known, &value.value) {
                (Some(RecordType::Txt | RecordType::Spf), text) if !text.trim_start().starts_with('"') => {
                    let why = "the text is not in quotes, which Route 53 refuses".to_owned();
                    records.broken(&zone, owner.clone(), known, line, why);
                }
                (Some(RecordType::Txt), text) => match Rdata::from_text(RecordType::Txt, &octal(text)) {
                    Ok(rdata) => records.push(&zone, owner.clone(), set.ttl, rdata, line),
                    Err(why) => records.broken(&zone, owner.clone(), known, line, why),
                },
                (_, text) => records.text(&zone, owner.clone(), set.ttl, &set.kind, text, line),
            }
        }
    }
    Ok(records.finish())
}

/// A name with `\052` for `*` and other octets; always complete.
fn name(text: &str) -> Name {
    let mut bytes = Vec::new();
    let mut rest = text.trim_end_matches('.').as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let digits = tail
            .get(..3)
            .filter(|digits| *first == b'\\' && digits.iter().all(|d| (b'0'..=b'7').contains(d)));
        match digits.map(|digits| digits.iter().fold(0u32, |sum, digit| sum * 8 + u32::from(digit - b'0'))) {
            Some(octet) if octet < 256 => {
                bytes.push(octet as u8);
                rest = &tail[3..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    Name::lenient(&String::from_utf8_lossy(&bytes))
}

/// Route 53 writes octets in octal where a master file has them in decimal.
fn octal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let rest: String = chars.clone().take(3).collect();
        match u8::from_str_radix(&rest, 8) {
            Ok(octet) if c == '\\' && rest.len() == 3 => {
                out.push_str(&format!("\\{octet:03}"));
                chars.nth(2);
            }
            _ => {
                out.push(c);
                if c == '\\' {
                    out.extend(chars.next());
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_octal() {
        assert_eq!(name("\\052.example.com.").as_str(), "*.example.com");
        assert_eq!(octal("\"a\\073b\\\"c\""), "\"a\\059b\\\"c\"");
    }
}
