//! The YAML files of octoDNS: one zone a file, owner to record or list of records. Values are
//! as octoDNS takes them: `\;` is `;`, names are complete, `" "` inside a text joins.

use std::borrow::Cow;
use std::collections::BTreeMap;

use saphyr::{LoadableYamlNode as _, MarkedYaml, Scalar, YamlData};
use saphyr_parser::{Event, Parser};

use super::records::{Records, below};
use crate::model::record::quoted;
use crate::model::untrusted::Width;
use crate::model::{Name, Rdata, RecordType, untrusted};
use crate::parse::zone::{Parsed, Source};

/// Mappings within lists within mappings; records need four.
const DEEPEST: usize = 32;
/// Scalars, lists and mappings, those behind aliases each time they are named.
const MOST_NODES: usize = 4_000_000;
/// The TTL of a record that states none, as octoDNS has it.
const DEFAULT_TTL: u32 = 3600;

/// The fields of a value in the order of a master file; those with a quote are texts.
const FIELDS: &[(&str, &[&str])] = &[
    ("TLSA", &["certificate_usage", "selector", "matching_type", "certificate_association_data"]),
    ("SRV", &["priority", "weight", "port", "target"]),
    ("SSHFP", &["algorithm", "fingerprint_type", "fingerprint"]),
    ("DS", &["key_tag", "algorithm", "digest_type", "digest"]),
    ("URI", &["priority", "weight", "\"target"]),
    ("NAPTR", &["order", "preference", "\"flags", "\"service", "\"regexp", "replacement"]),
];

/// Types that octoDNS knows itself; a provider's own have a slash in their names.
const TYPES: [&str; 22] = [
    "A",
    "AAAA",
    "ALIAS",
    "CAA",
    "CNAME",
    "DNAME",
    "DNSKEY",
    "DS",
    "HTTPS",
    "LOC",
    "MX",
    "NAPTR",
    "NS",
    "OPENPGPKEY",
    "PTR",
    "SPF",
    "SRV",
    "SSHFP",
    "SVCB",
    "TLSA",
    "TXT",
    "URI",
];

type Node<'y> = MarkedYaml<'y>;

pub(super) fn read(file: &str, bytes: &[u8], origin: Option<&Name>) -> Result<Vec<Parsed>, String> {
    let zone = origin.ok_or("the file name does not say which zone it is; give ORIGIN=FILE")?;
    let mut records = Records::new(file, bytes);
    records.zone(zone);
    add(&mut records, zone, bytes)?;
    Ok(records.finish())
}

/// The files of a zone in the split layout: each holds some of the names. What cannot be read is an
/// error beside the rest, and leaves open what the other names hold.
pub(super) fn read_split(zone: &Name, parts: &[(String, Vec<u8>)]) -> (Option<Parsed>, Vec<String>) {
    let Some(((first, bytes), others)) = parts.split_first() else { return (None, Vec::new()) };
    let mut records = Records::new(first, bytes);
    records.zone(zone);
    let source = |(file, bytes): &(String, Vec<u8>)| Source {
        file: file.as_str().into(),
        bytes: bytes.as_slice().into(),
    };
    records.read_too(others.iter().map(source).collect());
    let mut errors = Vec::new();
    for (file, bytes) in parts {
        records.stand_in(&file.as_str().into());
        if let Err(why) = add(&mut records, zone, bytes) {
            records.partial(zone, 1);
            errors.push(format!("{file}: {why}"));
        }
    }
    (records.finish().pop(), errors)
}

/// The records of one file.
fn add(records: &mut Records, zone: &Name, bytes: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "the file is not UTF-8")?;
    bounded(text)?;
    let documents = Node::load_from_str(text).map_err(|error| format!("no YAML: {error}"))?;
    let Some(document) = documents.first() else { return Ok(()) };
    let YamlData::Mapping(owners) = &document.data else {
        return Err("no octoDNS zone: the top of the file is no mapping of names to records".to_owned());
    };
    let mut known = owners.is_empty();
    for (owner, entries) in owners {
        let name = below(zone, &ascii(&scalar(owner).unwrap_or_default()));
        let list = match &entries.data {
            YamlData::Sequence(list) => list.iter().collect(),
            _ => vec![entries],
        };
        for entry in list {
            if let YamlData::Tagged(..) = &entry.data {
                records.later(zone, Some(name.clone()), None, line(entry), INCLUDED.to_owned());
                known = true;
                continue;
            }
            known |= record(records, zone, &name, entry);
        }
    }
    if known { Ok(()) } else { Err("no octoDNS zone: no entry has a type".to_owned()) }
}

/// Why a value is not known here.
const INCLUDED: &str = "`!include` names another file, which was not read; what it holds is not known here";

/// Refuses what makes a small file large, and nesting that no zone has.
fn bounded(text: &str) -> Result<(), String> {
    let mut nodes = 0usize;
    let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
    let mut open: Vec<(usize, usize)> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| format!("no YAML: {error}"))?;
        nodes += 1;
        match event {
            // An alias stands for all that its anchor holds.
            Event::Alias(anchor) => nodes += sizes.get(&anchor).copied().unwrap_or(0),
            Event::Scalar(_, _, anchor, _) => drop(sizes.insert(anchor, 1)),
            Event::MappingStart(anchor, ..) | Event::SequenceStart(anchor, ..) => open.push((anchor, nodes)),
            Event::MappingEnd | Event::SequenceEnd => {
                if let Some((anchor, start)) = open.pop() {
                    sizes.insert(anchor, nodes - start);
                }
            }
            _ => {}
        }
        if open.len() > DEEPEST {
            return Err(format!("the file nests over {DEEPEST} deep"));
        }
        if nodes > MOST_NODES {
            return Err(format!(
                "the file holds over {MOST_NODES} values, its aliases (`*name`) written out"
            ));
        }
    }
    Ok(())
}

fn line(node: &Node) -> u32 {
    u32::try_from(node.span.start.line()).unwrap_or(u32::MAX).max(1)
}

/// An owner as it is published: octoDNS encodes what is not ASCII.
fn ascii(owner: &str) -> Cow<'_, str> {
    match owner.is_ascii() {
        true => owner.into(),
        false => idna::domain_to_ascii(owner).map_or_else(|_| owner.into(), Cow::Owned),
    }
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
    let named = |wanted: &str| {
        map.iter().find(|(name, _)| scalar(name).as_deref() == Some(wanted)).map(|(_, value)| value)
    };
    // `<<: *name` fills in what is not written here; what it fills in is no such line again.
    named(key).or_else(|| match &named("<<")?.data {
        YamlData::Sequence(list) => list.iter().find_map(|one| own_field(one, key)),
        _ => own_field(named("<<")?, key),
    })
}

fn own_field<'n, 'y>(node: &'n Node<'y>, key: &str) -> Option<&'n Node<'y>> {
    let YamlData::Mapping(map) = &node.data else { return None };
    map.iter().find(|(name, _)| scalar(name).as_deref() == Some(key)).map(|(_, value)| value)
}

/// The first of several names for the same thing, as octoDNS renamed some.
fn word(node: &Node, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| field(node, key).and_then(scalar))
}

/// One record of an owner; false where it has no type.
fn record(records: &mut Records, zone: &Name, owner: &Name, entry: &Node) -> bool {
    // octoDNS takes either case.
    let Some(kind) = word(entry, &["type"]).map(|kind| kind.to_ascii_uppercase()) else { return false };
    if !TYPES.contains(&kind.as_str()) && kind != "URLFWD" && !kind.contains('/') {
        let at = field(entry, "type").map_or_else(|| line(entry), line);
        let near = TYPES.iter().find(|known| strsim::osa_distance(known, &kind) == 1 && known.len() > 1);
        let meant = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
        let shown = untrusted::plain(&kind, Width::Word);
        let why = format!("octoDNS knows no type {shown} and refuses the zone{meant}");
        let rtype = near.and_then(|near| RecordType::from_text(near));
        records.broken(zone, owner.clone(), rtype, at, why);
        return true;
    }
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
        if let YamlData::Tagged(..) = &value.data {
            let rtype = RecordType::from_text(&kind);
            records.later(zone, Some(owner.clone()), rtype, line(value), INCLUDED.to_owned());
            continue;
        }
        one(records, zone, owner, ttl, &kind, value);
    }
    true
}

fn one(records: &mut Records, zone: &Name, owner: &Name, ttl: u32, kind: &str, value: &Node) {
    let (owner, ttl, at) = (owner.clone(), Some(ttl), line(value));
    let text = scalar(value);
    let part = |keys: &[&str]| word(value, keys).unwrap_or_default();
    match (kind, text) {
        ("TXT", Some(text)) => records.txt(zone, owner, ttl, plain(&text).as_bytes(), at),
        ("SPF", Some(text)) => {
            let strings = plain(&text).as_bytes().chunks(255).map(<[u8]>::to_vec).collect();
            records.push(zone, owner, ttl, Rdata::Spf(strings), at);
        }
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
        (kind, None) if FIELDS.iter().any(|(known, _)| *known == kind) => {
            let fields =
                FIELDS.iter().find(|(known, _)| *known == kind).map_or(&[][..], |(_, fields)| fields);
            let words: Vec<String> = fields
                .iter()
                .map(|field| match field.strip_prefix('"') {
                    Some(field) => quoted(part(&[field]).as_bytes()),
                    None => part(&[field]),
                })
                .collect();
            records.text(zone, owner, ttl, kind, &words.join(" "), at);
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
    fn a_folder_of_files_is_one_zone() {
        let part = |file: &str, text: &str| (file.to_owned(), text.as_bytes().to_vec());
        let origin = Name::lenient("example.com");
        let apex = part("z/$example.com.yaml", "'':\n  type: TXT\n  value: v=spf1 -all\n");
        let www = part(
            "z/www.yaml",
            "---\nwww:\n  type: A\n  value: 192.0.2.1\nm:\n  type: MX\n  value: !include mx.yaml\n",
        );
        let (zone, errors) = read_split(&origin, &[apex.clone(), www]);
        let zone = zone.unwrap();
        let found: Vec<String> = zone
            .zone
            .records()
            .iter()
            .map(|r| format!("{} {} {}", r.place.file, r.place.line, r.owner))
            .collect();
        assert_eq!(found, ["z/$example.com.yaml 3 example.com", "z/www.yaml 4 www.example.com"]);
        assert_eq!((errors.len(), zone.sources.len(), zone.zone.lost().len()), (0, 2, 1));
        // A file that cannot be read leaves open what it may hold.
        let (zone, errors) = read_split(&origin, &[apex, part("z/x.yaml", "x: [\n")]);
        assert_eq!((errors.len(), zone.unwrap().zone.lost().len()), (1, 1));
    }

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
        let alias = "a: &x\n  type: A\n  ttl: 60\n  value: 192.0.2.1\nb: *x\nc:\n  <<: *x\n  value: 192.0.2.2\n\
                     mü:\n  type: SRV\n  value: {priority: 1, weight: 2, port: 25, target: a.example.}\n";
        let zones = read("f", alias.as_bytes(), Some(&origin)).unwrap();
        let found: Vec<String> =
            zones[0].zone.records().iter().map(|r| format!("{} {} {}", r.ttl, r.owner, r.rdata)).collect();
        assert_eq!(
            found[..3],
            ["60 a.example.com 192.0.2.1", "60 b.example.com 192.0.2.1", "60 c.example.com 192.0.2.2"]
        );
        assert!(found[3].starts_with("3600 xn--m-eha.example.com \\# 17 000100020019"), "{}", found[3]);
        // Nine lists of ten aliases each are a thousand million values.
        let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for level in 1..10 {
            let list = vec![format!("*a{}", level - 1); 10].join(",");
            bomb.push_str(&format!("a{level}: &a{level} [{list}]\n"));
        }
        assert!(read("f", bomb.as_bytes(), Some(&origin)).unwrap_err().contains("aliases"));
        assert!(read("f", "[".repeat(100).as_bytes(), Some(&origin)).is_err());
        assert!(read("f", b"a: 1\n", Some(&origin)).is_err());
    }
}
