//! What `aws route53 list-resource-record-sets` prints, and the change batches made of it.

use serde::Deserialize;

use super::json_lines::lines_of_key;
use super::records::Records;
use crate::model::{Name, Rdata, RecordType};
use crate::parse::web::psl;
use crate::parse::zone::Parsed;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Listing {
    pub resource_record_sets: Option<Vec<Set>>,
    /// Of a change batch.
    pub changes: Option<Vec<Change>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Change {
    pub action: String,
    pub resource_record_set: Set,
}

impl Listing {
    /// The record sets in the order of the text, each with whether it is there afterwards.
    fn sets(self) -> Option<Vec<(Set, bool)>> {
        let changed = |change: Change| (change.resource_record_set, change.action != "DELETE");
        match (self.resource_record_sets, self.changes) {
            (Some(sets), _) => Some(sets.into_iter().map(|set| (set, true)).collect()),
            (None, changes) => Some(changes?.into_iter().map(changed).collect()),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Set {
    pub set_identifier: Option<String>,
    pub name: String,
    #[serde(rename = "Type")]
    pub kind: String,
    #[serde(rename = "TTL")]
    ttl: Option<u32>,
    #[serde(default)]
    pub resource_records: Vec<Value>,
    alias_target: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Value {
    value: String,
}

pub(super) fn read(file: &str, bytes: &[u8], origin: Option<&Name>) -> Result<Vec<Parsed>, String> {
    let listing: Listing = serde_json::from_slice(bytes)
        .map_err(|error| format!("no listing of Route 53 record sets: {error}"))?;
    let is_batch = listing.resource_record_sets.is_none();
    let sets = listing.sets().ok_or("no listing of Route 53 record sets, and no change batch")?;
    let names: Vec<Name> = sets.iter().map(|(set, _)| name(&set.name)).collect();
    let apex = sets.iter().zip(&names).find(|((set, _), _)| set.kind == "SOA");
    // Without a SOA record the zone is the name that all others are below.
    let zone = origin.cloned().or(apex.map(|(_, name)| name.clone()));
    let shallow = names.iter().min_by_key(|name| name.label_count());
    let zone = zone.or_else(|| shallow.map(|name| if is_batch { organisation(name) } else { name.clone() }));
    let zone = zone.ok_or("the listing is empty and no origin is given")?;
    let mut records = Records::new(file, bytes);
    records.zone(&zone);
    let mut lines = lines_of_key(bytes, "Value").into_iter();
    let places = lines_of_key(bytes, "Name");
    if is_batch {
        records.partial(&zone, places.first().copied().unwrap_or(1));
    }
    for (((set, stays), owner), line) in
        sets.into_iter().zip(names).zip(places.iter().chain([&1].into_iter().cycle()))
    {
        if !stays {
            lines.by_ref().take(set.resource_records.len()).for_each(drop);
            continue;
        }
        let own: Vec<u32> = lines.by_ref().take(set.resource_records.len()).collect();
        let is_another = |id: &String| records.is_another(&zone, &owner, &set.kind, id, *line);
        if !set.set_identifier.as_ref().is_some_and(is_another) {
            publish(&mut records, &zone, &owner, &set, (*line, &own));
        }
    }
    Ok(records.finish())
}

/// The domain that a name is registered under, labels such as `_dmarc` apart.
fn organisation(name: &Name) -> Name {
    let labels: Vec<&str> =
        name.labels().skip_while(|label| label.starts_with('_') || *label == "*").collect();
    let bare = Name::lenient(&labels.join("."));
    psl::registrable(&bare).unwrap_or(bare)
}

/// The records of one set: the line of its name, and those of its values.
pub(super) fn publish(
    records: &mut Records,
    zone: &Name,
    owner: &Name,
    set: &Set,
    (line, lines): (u32, &[u32]),
) {
    if set.alias_target.is_some() {
        return records.unknown(zone, owner.clone(), "AliasTarget", line);
    }
    let known = RecordType::from_text(&set.kind);
    for (value, line) in set.resource_records.iter().zip(lines.iter().chain(std::iter::repeat(&line))) {
        let (owner, line) = (owner.clone(), *line);
        match (known, &value.value) {
            (Some(RecordType::Txt | RecordType::Spf), text) if !text.trim_start().starts_with('"') => {
                let why = "the text is not in quotes, which Route 53 refuses".to_owned();
                records.broken(zone, owner, known, line, why);
            }
            (Some(RecordType::Txt), text) => match Rdata::from_text(RecordType::Txt, &octal(text)) {
                Ok(rdata) => records.push(zone, owner, set.ttl, rdata, line),
                Err(why) => records.broken(zone, owner, known, line, why),
            },
            (_, text) => records.text(zone, owner, set.ttl, &set.kind, text, line),
        }
    }
}

/// A name with `\052` for `*` and other octets; always complete.
pub(super) fn name(text: &str) -> Name {
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
