//! A BIMI assertion record as it was meant.

use super::tags::Grammar;
use super::{Repaired, characters};
use crate::parse::bimi::BimiRecord;

const GRAMMAR: Grammar = Grammar { names: &["v", "l", "a", "avp", "lps", "s"], version: "BIMI1" };

/// Reads the strings of a TXT record at `default._bimi`; `None` where it was not meant as one.
pub(crate) fn read(strings: &[Vec<u8>]) -> Option<Repaired> {
    let clean = characters::plain(strings);
    let joined = clean.joined();
    if BimiRecord::parse(&joined).faults.is_empty() && clean.repairs.is_empty() {
        return Some(Repaired { text: joined, ..Repaired::default() });
    }
    let mut read = GRAMMAR.read(&joined)?;
    read.repairs.splice(0..0, clean.repairs);
    if read.values("v").next().is_none() && read.values("l").next().is_none() {
        return None;
    }
    let mut record = vec!["v=BIMI1".to_owned()];
    for name in ["l", "a", "avp", "lps", "s"] {
        let Some(value) = read.values(name).next().map(str::to_owned) else {
            if name == "l" {
                read.unread.push("l= is missing: the address of the logo".to_owned());
            }
            continue;
        };
        if read.values(name).count() > 1 {
            read.note(format!("{name}= once"));
        }
        let value: String = value.chars().filter(|c| !matches!(c, ' ' | '"' | '<' | '>')).collect();
        let lower = value.to_ascii_lowercase();
        let value = match name {
            "avp" if !matches!(value.as_str(), "brand" | "personal") => {
                if matches!(lower.as_str(), "brand" | "personal") { lower } else { continue }
            }
            "l" | "a" if !value.is_empty() && value != "self" => {
                let rest = lower.find("://").map_or(value.as_str(), |at| &value[at + 3..]);
                if lower.starts_with("http://") || !lower.contains("://") {
                    read.note(format!("https:// in {name}="));
                }
                if !rest.split('/').next().is_some_and(|host| host.contains('.')) || !rest.contains('/') {
                    read.unread.push(format!("{name}={value}"));
                }
                format!("https://{rest}")
            }
            _ => value,
        };
        record.push(format!("{name}={value}"));
    }
    Some(Repaired { text: record.join("; "), repairs: read.repairs, unread: read.unread })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records() {
        let of = |text: &str| read(&[text.as_bytes().to_vec()]);
        for text in [
            "v=BIMI1; l=http://example.com/l.svg",
            "v=bimi1; l=https://example.com/l.svg",
            "v=BIMI1 l=https://example.com/l.svg",
            "l=https://example.com/l.svg; v=BIMI1",
            "v=BIMI1; L:https://example.com/l.svg",
            "v=BIMI1; l=example.com/l.svg",
            "\"v=BIMI1; l=https://example.com/l.svg\"",
        ] {
            let found = of(text).unwrap_or_else(|| panic!("{text:?}"));
            assert_eq!(found.text, "v=BIMI1; l=https://example.com/l.svg", "{text:?}: {found:?}");
            assert!(BimiRecord::parse(&found.text).faults.is_empty() && found.is_whole(), "{found:?}");
        }
        assert!(!of("v=BIMI1; l=logo.svg").unwrap().is_whole());
        assert_eq!(of("v=BIMI1; l=; a=;").unwrap().text, "v=BIMI1; l=; a=;");
    }
}
