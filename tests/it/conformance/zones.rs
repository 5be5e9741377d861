//! Other people's zone files (suite `zones`): dnscontrol's with their records
//! as a table, octodns', and those of Exim's test DNS server.

use std::path::Path;

use mailvet::model::{Name, Rdata, RecordType};
use mailvet::parse::zone::{self, NoFiles, Parsed};

use crate::cases;

fn read(text: &str, origin: Option<&str>) -> Parsed {
    zone::parse("zone", text.as_bytes(), origin.map(Name::lenient).as_ref(), &mut NoFiles)
}

fn text(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    crate::files_below(folder)
}

fn named(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// Owner, TTL, type and data as the table's columns have them, and as read.
fn rows(parsed: &Parsed) -> Vec<(Name, u32, RecordType, String)> {
    parsed
        .zone
        .records()
        .iter()
        .map(|r| {
            let data = match r.rdata.joined_text() {
                Some(text) => String::from_utf8_lossy(&text).into_owned(),
                None => r.rdata.to_string(),
            };
            (r.owner.clone(), r.ttl, r.rdata.record_type(), data)
        })
        .collect()
}

/// One line of the table. Data the model has no text form for is put on the
/// wire here, by hand, so that the parser does not judge itself.
fn expected(line: &str) -> Option<(Name, u32, RecordType, String)> {
    let columns: Vec<&str> = line.split('\t').collect();
    let [owner, _, ttl, "IN", rtype, data] = columns.as_slice() else { return None };
    let rtype_known = match *rtype {
        "SSHFP" => RecordType::Other(44),
        "NAPTR" => RecordType::Other(35),
        other => RecordType::from_text(other)?,
    };
    let words: Vec<&str> = data.split(' ').collect();
    let number = |index: usize| words[index].parse::<u16>().unwrap();
    let data = match *rtype {
        "TXT" => (*data).to_owned(),
        "SRV" => {
            let mut wire = Vec::new();
            (0..3).for_each(|i| wire.extend(number(i).to_be_bytes()));
            for label in Name::lenient(words[3]).raw_labels() {
                wire.push(label.len() as u8);
                wire.extend(label);
            }
            wire.push(0);
            Rdata::Other { rtype: rtype_known, data: wire }.to_string()
        }
        "DS" => {
            let mut wire = number(0).to_be_bytes().to_vec();
            wire.extend([number(1) as u8, number(2) as u8]);
            wire.extend(mailvet::model::record::unhex(&words[3..].concat()).unwrap());
            Rdata::Other { rtype: rtype_known, data: wire }.to_string()
        }
        "SSHFP" => {
            let mut wire = vec![number(0) as u8, number(1) as u8];
            wire.extend(mailvet::model::record::unhex(&words[2..].concat()).unwrap());
            Rdata::Other { rtype: rtype_known, data: wire }.to_string()
        }
        _ => Rdata::from_text(rtype_known, data).ok()?.to_string(),
    };
    Some((Name::lenient(owner), ttl.parse().ok()?, rtype_known, data))
}

#[test]
fn dnscontrol_zones_equal_their_tables() {
    let Some(suite) = cases("zones") else { return };
    let (mut passed, mut total, mut records) = (0, 0, 0);
    for path in files(&suite.join("dnscontrol")) {
        if path.extension().is_none_or(|e| e != "zone") {
            continue;
        }
        total += 1;
        let base = path.to_string_lossy().trim_end_matches(".zone").trim_end_matches(".zone").to_owned();
        let table = text(Path::new(&format!("{base}.zone.tsv")));
        let parsed = read(&text(&path), None);
        assert_eq!(parsed.diagnostics, [], "{}", path.display());
        let mut got = rows(&parsed);
        let mut wanted: Vec<_> = table
            .lines()
            .map(|line| expected(line).unwrap_or_else(|| panic!("{}: {line}", path.display())))
            .collect();
        got.sort();
        wanted.sort();
        assert_eq!(got, wanted, "{}", path.display());
        records += got.len();
        passed += 1;
    }
    assert!(records > 500);
    super::record(
        "zones-dnscontrol",
        passed,
        total,
        8,
        "zone files read without a word and equal to their tables of records",
    );
}

#[test]
fn octodns_zones_are_read_and_judged() {
    let Some(suite) = cases("zones") else { return };
    let (mut passed, mut total) = (0, 0);
    for path in files(&suite.join("octodns")) {
        let name = named(&path);
        // tinydns data is another format.
        if name == "LICENSE" || path.to_string_lossy().contains("tinydns") {
            continue;
        }
        total += 1;
        let parsed = read(&text(&path), None);
        let lints: Vec<&str> = zone::lint::lint(&parsed.zone).iter().map(|d| d.code).collect();
        assert_eq!(parsed.errors().count(), 0, "{name}: {:?}", parsed.diagnostics);
        assert!(parsed.zone.records().len() > (if name == "invalid.zone.tst" { 0 } else { 2 }), "{name}");
        if name == "invalid.zone.tst" {
            assert!(lints.contains(&"ns-missing"), "{name}: {lints:?}");
        }
        passed += 1;
    }
    super::record(
        "zones-octodns",
        passed,
        total,
        5,
        "zone files read without an error; tinydns data left out",
    );
}

/// Exim's server takes words of its own before a record and fills in addresses.
fn as_master_file(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let mut line = line.to_owned();
        if line.starts_with('#') || line.starts_with("PASS ON NOT FOUND") {
            line.clear();
        }
        while let Some((first, rest)) = line.split_once([' ', '\t']) {
            let own = matches!(first, "DNSSEC" | "AA" | "NXDOMAIN")
                || first.starts_with("TTL=")
                || first.starts_with("DELAY=");
            if !own {
                break;
            }
            // More white space means that the owner before is meant.
            line = rest.to_owned();
        }
        out.push_str(&line);
        out.push('\n');
    }
    out.replace("HOSTIPV4", "192.0.2.1")
        .replace("HOSTIPV6", "2001:db8::1")
        .replace("V4NET", "192")
        .replace("V6NET", "2001")
        .replace("PORT_S", "1225")
        .replace("PORT_D", "1224")
        .replace("PORT_N", "1223")
}

#[test]
fn exim_zones_are_read() {
    let Some(suite) = cases("zones") else { return };
    let (mut passed, mut total) = (0, 0);
    for path in files(&suite.join("exim")) {
        let name = named(&path);
        let Some(origin) = name.strip_prefix("db.") else { continue };
        total += 1;
        let parsed = read(&as_master_file(&text(&path)), Some(origin));
        let errors: Vec<_> = parsed.errors().collect();
        assert!(!parsed.zone.records().is_empty(), "{name}");
        assert!(errors.is_empty(), "{name}: {errors:?}");
        passed += 1;
    }
    super::record(
        "zones-exim",
        passed,
        total,
        10,
        "zone files read without an error after their placeholders are filled in",
    );
}
