//! The YAML files of octoDNS: one zone a file, owner to record or list of records. Values are
//! as octoDNS takes them: `\;` is `;`, names are complete, `" "` inside a text joins.

use saphyr::{LoadableYamlNode as _, MarkedYaml, Scalar, YamlData};
use saphyr_parser::{Event, Parser};

use super::records::{Records, below};
use crate::model::{Name, Rdata, RecordType};
use crate::parse::zone::Parsed;

/// Mappings within lists within mappings; records need four.
const DEEPEST: usize = 32;
/// The TTL of a record that states none, as octoDNS has it.
const DEFAULT_TTL: u32 = 3600;

type Node<'y> = MarkedYaml<'y>;

pub(super) fn read(file: &str, bytes: &[u8], origin: Option<&Name>) -> Result<Vec<Parsed>, String> {
    let zone = origin.ok_or("the file name does not say which zone it is; give ORIGIN=FILE")?;
    let text = std::str::from_utf8(bytes).map_err(|_| "the file is not UTF-8")?;
    bounded(text)?;
    let documents = Node::load_from_str(text).map_err(|error| format!("no YAML: {error}"))?;
    let mut records = Records::new(file, bytes);
    records.zone(zone);
    let Some(document) = documents.first() else { return Ok(records.finish()) };
    let YamlData::Mapping(owners) = &document.data else {
        return Err("no octoDNS zone: the top of the file is no mapping of names to records".to_owned());
    };
    let mut known = owners.is_empty();
    for (owner, entries) in owners {
        let name = below(zone, &scalar(owner).unwrap_or_default());
        let list = match &entries.data {
            YamlData::Sequence(list) => list.iter().collect(),
            _ => vec![entries],
        };
        for entry in list {
            known |= record(&mut records, zone, &name, entry);
        }
    }
    if known { Ok(records.finish()) } else { Err("no octoDNS zone: no entry has a type".to_owned()) }
}

/// Refuses what makes a small file large, and nesting that no zone has.
fn bounded(text: &str) -> Result<(), String> {
    let mut depth = 0usize;
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| format!("no YAML: {error}"))?;
        match event {
            Event::Alias(_) => {
                return Err("the file uses YAML aliases (`*name`), which are not read here".to_owned());
            }
            Event::MappingStart(..) | Event::SequenceStart(..) => depth += 1,
            Event::MappingEnd | Event::SequenceEnd => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Err(format!("the file nests over {DEEPEST} deep"));
        }
    }
    Ok(())
}

fn line(node: &Node) -> u32 {
    u32::try_from(node.span.start.line()).unwrap_or(u32::MAX).max(1)
}

/// The text of a scalar, numbers as written.
fn scalar(node: &Node) -> Option<String> {
    match &node.data {
        YamlData::Value(Scalar::String(text)) => Some(text.to_string()),
        YamlData::Value(Scalar::Integer(number)) => Some(number.to_string()),
        YamlData::Value(Scalar::Boolean(value)) => Some(value.to_string()),
        YamlData::Value(Scalar::FloatingPoint(number)) => Some(number.to_string()),
        YamlData::Value(Scalar::Null) => Some(String::new()),
        YamlData::Representation(text, ..) => Some(text.to_string()),
        _ => None,
    }
}

fn field<'n, 'y>(node: &'n Node<'y>, key: &str) -> Option<&'n Node<'y>> {
    let YamlData::Mapping(map) = &node.data else { return None };
    map.iter().find(|(name, _)| scalar(name).as_deref() == Some(key)).map(|(_, value)| value)
}

/// The first of several names for the same thing, as octoDNS renamed some.
fn word(node: &Node, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| field(node, key).and_then(scalar))
}

/// One record of an owner; false where it has no type.
fn record(records: &mut Records, zone: &Name, owner: &Name, entry: &Node) -> bool {
    let Some(kind) = word(entry, &["type"]) else { return false };
    let ttl = word(entry, &["ttl"]).and_then(|ttl| ttl.parse().ok()).unwrap_or(DEFAULT_TTL);
    let values: Vec<&Node> = match (field(entry, "values"), field(entry, "value")) {
        (Some(Node { data: YamlData::Sequence(list), .. }), _) => list.iter().collect(),
        (Some(one), _) | (None, Some(one)) => vec![one],
        (None, None) => Vec::new(),
    };
    if values.is_empty() {
        let rtype = RecordType::from_text(&kind);
        records.broken(zone, owner.clone(), rtype, line(entry), format!("the {kind} record has no value"));
    }
    for value in values {
        one(records, zone, owner, ttl, &kind, value);
    }
    true
}

fn one(records: &mut Records, zone: &Name, owner: &Name, ttl: u32, kind: &str, value: &Node) {
    let (owner, ttl, at) = (owner.clone(), Some(ttl), line(value));
    let text = scalar(value);
    let part = |keys: &[&str]| word(value, keys).unwrap_or_default();
    match (kind, text) {
        ("TXT" | "SPF", Some(text)) => records.txt(zone, owner, ttl, plain(&text).as_bytes(), at),
        ("MX", None) => {
            let value = format!("{} {}", part(&["preference", "priority"]), part(&["exchange", "value"]));
            records.text(zone, owner, ttl, "MX", &value, at);
        }
        ("CAA", None) => {
            let rdata = Rdata::Caa {
                flags: part(&["flags"]).parse().unwrap_or(0),
                tag: part(&["tag"]),
                value: part(&["value"]).into_bytes(),
            };
            records.push(zone, owner, ttl, rdata, at);
        }
        ("TLSA", None) => {
            let value = [
                part(&["certificate_usage"]),
                part(&["selector"]),
                part(&["matching_type"]),
                part(&["certificate_association_data"]),
            ];
            records.text(zone, owner, ttl, "TLSA", &value.join(" "), at);
        }
        // Written as in a master file, or of a type whose fields mail does not need.
        (kind, text) => records.text(zone, owner, ttl, kind, &text.unwrap_or_default(), at),
    }
}

/// A text without octoDNS's escapes: outer quotes, strings that join, `\;`.
fn plain(text: &str) -> String {
    let inner = match text.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').unwrap_or(rest),
        None => text,
    };
    inner.replace("\" \"", "").replace("\\;", ";")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_zones_keep_lines_and_values() {
        let text = "---\n'':\n  - type: MX\n    values:\n    - exchange: mx.example.net\n      preference: 10\n\
                    \x20 - type: TXT\n    value: v=spf1 mx -all\n_dmarc:\n  type: TXT\n  ttl: 60\n  value: v=DMARC1\\; p=none\n\
                    www:\n  type: ALIAS\n  value: a.example.net.\n";
        let origin = Name::lenient("example.com");
        let zones = read("f", text.as_bytes(), Some(&origin)).unwrap();
        let found: Vec<String> = zones[0]
            .zone
            .records()
            .iter()
            .map(|r| format!("{} {} {} {}", r.place.line, r.ttl, r.owner, r.rdata))
            .collect();
        assert_eq!(
            found,
            [
                "5 3600 example.com 10 mx.example.net",
                "8 3600 example.com \"v=spf1 mx -all\"",
                "12 60 _dmarc.example.com \"v=DMARC1; p=none\""
            ]
        );
        assert_eq!(zones[0].zone.lost().len(), 2);
        assert!(read("f", b"a: &x [1]\nb: *x\n", Some(&origin)).unwrap_err().contains("aliases"));
        assert!(read("f", "[".repeat(100).as_bytes(), Some(&origin)).is_err());
        assert!(read("f", b"a: 1\n", Some(&origin)).is_err());
    }
}
