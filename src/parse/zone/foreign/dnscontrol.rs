//! What `dnscontrol print-ir` prints: the zones of `dnsconfig.js`, evaluated. The places are
//! those of `dnsconfig.js`.

use serde::Deserialize;

use super::json_lines::lines_of_key;
use super::records::{Records, below};
use crate::model::{Name, Rdata};
use crate::parse::zone::Parsed;

#[derive(Deserialize)]
struct Config {
    domains: Vec<Domain>,
}

#[derive(Deserialize)]
struct Domain {
    name: String,
    #[serde(default)]
    records: Vec<Entry>,
    /// NO_PURGE: records that the script does not name stay.
    #[serde(default)]
    keepunknown: bool,
    /// IGNORE: records that others write.
    #[serde(default)]
    unmanaged: Vec<Unmanaged>,
}

#[derive(Deserialize)]
struct Unmanaged {
    #[serde(default)]
    label_pattern: String,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    name: String,
    ttl: Option<u32>,
    #[serde(default)]
    target: String,
    #[serde(default)]
    mxpreference: u16,
    #[serde(default)]
    filepos: String,
    #[serde(default)]
    caatag: String,
    #[serde(default)]
    caaflag: u8,
    #[serde(default)]
    tlsausage: u8,
    #[serde(default)]
    tlsaselector: u8,
    #[serde(default)]
    tlsamatchingtype: u8,
    /// Longer texts come in strings.
    #[serde(default)]
    txtstrings: Vec<String>,
}

pub(super) fn read(file: &str, bytes: &[u8]) -> Result<Vec<Parsed>, String> {
    let config: Config = serde_json::from_slice(bytes)
        .map_err(|error| format!("no output of dnscontrol print-ir: {error}"))?;
    let mut records = Records::new(file, bytes);
    let mut lines = lines_of_key(bytes, "type").into_iter();
    for domain in config.domains {
        // `example.com!internal` names one of several views.
        let zone = Name::parse(domain.name.split('!').next().unwrap_or_default())
            .map_err(|error| format!("no zone name: {error}"))?;
        records.zone(&zone);
        if domain.keepunknown {
            records.partial(&zone, 1);
        }
        for other in &domain.unmanaged {
            let is_pattern =
                other.label_pattern.is_empty() || other.label_pattern.contains(['*', '?', '[', '{']);
            match is_pattern {
                true => records.partial(&zone, 1),
                false => records.open(&zone, Some(below(&zone, &other.label_pattern)), 1),
            }
        }
        for entry in domain.records {
            let own = lines.next().unwrap_or(1);
            let line = position(&entry.filepos).unwrap_or(own);
            add(&mut records, &zone, &entry, line);
        }
    }
    Ok(records.finish())
}

fn add(records: &mut Records, zone: &Name, entry: &Entry, line: u32) {
    let owner = below(zone, &entry.name);
    let target = || below(zone, &entry.target);
    match entry.kind.as_str() {
        "TXT" | "SPF" if !entry.txtstrings.is_empty() => {
            let strings = entry.txtstrings.iter().map(|string| string.clone().into_bytes()).collect();
            records.push(zone, owner, entry.ttl, Rdata::Txt(strings), line);
        }
        "TXT" | "SPF" => records.txt(zone, owner, entry.ttl, entry.target.as_bytes(), line),
        "MX" => {
            let rdata = Rdata::Mx { preference: entry.mxpreference, exchange: target() };
            records.push(zone, owner, entry.ttl, rdata, line);
        }
        "NS" | "NAMESERVER" => records.push(zone, owner, entry.ttl, Rdata::Ns(target()), line),
        "CNAME" => records.push(zone, owner, entry.ttl, Rdata::Cname(target()), line),
        "PTR" => records.push(zone, owner, entry.ttl, Rdata::Ptr(target()), line),
        "CAA" => {
            let rdata = Rdata::Caa {
                flags: entry.caaflag,
                tag: entry.caatag.clone(),
                value: entry.target.clone().into_bytes(),
            };
            records.push(zone, owner, entry.ttl, rdata, line);
        }
        "TLSA" => {
            let value = format!(
                "{} {} {} {}",
                entry.tlsausage, entry.tlsaselector, entry.tlsamatchingtype, entry.target
            );
            records.text(zone, owner, entry.ttl, "TLSA", &value, line);
        }
        kind => records.text(zone, owner, entry.ttl, kind, &entry.target, line),
    }
}

/// `[line:5:5]`, `[dnsconfig.js:5:5]` or `dnsconfig.js:5:5`: the line.
fn position(text: &str) -> Option<u32> {
    let mut numbers = text.trim_matches(['[', ']']).rsplit(':');
    let _column: u32 = numbers.next()?.parse().ok()?;
    numbers.next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_keep_the_lines_of_the_script() {
        let text = r#"{"domains": [{"name": "example.com", "records": [
            {"type": "MX", "name": "@", "ttl": 300, "target": "mx.example.com.", "mxpreference": 10, "filepos": "[line:6:5]"},
            {"type": "ALIAS", "name": "www", "target": "a.example.net."},
            {"type": "A", "name": "mx", "target": "192.0.2.999"}]}]}"#;
        let zones = read("ir.json", text.as_bytes()).unwrap();
        let record = &zones[0].zone.records()[0];
        assert_eq!((record.place.line, record.rdata.to_string()), (6, "10 mx.example.com".to_owned()));
        assert_eq!(zones[0].diagnostics.len(), 2);
        assert!(read("x", b"[1]").is_err());
        let lost = |more: &str| {
            let text = format!(r#"{{"domains": [{{"name": "example.com", {more} "records": []}}]}}"#);
            let zones = read("ir.json", text.as_bytes()).unwrap();
            let owners = zones[0].zone.lost().iter().map(|lost| lost.owner.as_ref().map(ToString::to_string));
            owners.collect::<Vec<_>>()
        };
        // What the script does not name may be published all the same.
        assert_eq!(lost(""), []);
        assert_eq!(lost(r#""keepunknown": true,"#), [None]);
        assert_eq!(lost(r#""unmanaged": [{"label_pattern": "**", "rType_pattern": "TXT"}],"#), [None]);
        let own = lost(r#""unmanaged": [{"label_pattern": "_dmarc"}],"#);
        assert_eq!(own, [Some("_dmarc.example.com".to_owned())]);
    }
}
