//! DKIM key records. A key that could be used stays usable, octet for octet.

use super::draft::Codes;
use super::draft::{Change, Standing, Step, meant, standing, strings, txt};
use super::text_record::unread;
use crate::facts::Facts;
use crate::model::{Name, Rdata, RecordType};
use crate::parse::dkim::key::{KeyRecord, PublicKey};
use crate::parse::repair::{self, Repaired};

pub(super) fn step(facts: &Facts, name: &Name, standing: &Standing, codes: &Codes) -> Step {
    let Some(key) = facts.dkim().key(name) else { return Step::Done };
    let _ = key;
    let texts: Vec<&Rdata> =
        standing.records.iter().copied().filter(|rdata| strings(rdata).is_some()).collect();
    let keys: Vec<(&Rdata, Repaired)> = texts
        .iter()
        .filter_map(|rdata| Some((*rdata, meant(facts, name, rdata, repair::dkim::read)?)))
        .collect();
    let (rdata, meant) = match keys.as_slice() {
        [] => return Step::Done,
        [(rdata, meant)] => (*rdata, meant),
        [(rdata, meant), rest @ ..] if rest.iter().all(|(_, other)| other.text == meant.text) => {
            (*rdata, meant)
        }
        _ => {
            return Step::Withheld(format!(
                "{name} holds {} different keys, and only the signer tells which one is in use",
                keys.len()
            ));
        }
    };
    if !meant.is_whole() {
        return Step::Withheld(unread(meant));
    }
    let (text, mut notes) = unrestricted(&meant.text, codes);
    notes.splice(0..0, meant.repairs.iter().cloned());
    // Other TXT records at a selector make verifiers pick one at random (RFC 6376 section 3.6.2.2).
    let old: Vec<Rdata> = match codes.contains("dkim-key-multiple") {
        true => texts.iter().map(|rdata| (*rdata).clone()).collect(),
        false => keys.iter().map(|(rdata, _)| (*rdata).clone()).collect(),
    };
    let published = strings(rdata).map(<[Vec<u8>]>::concat).unwrap_or_default();
    if old.len() == 1 && published == text.as_bytes() {
        return Step::Done;
    }
    let new = if published == text.as_bytes() { vec![rdata.clone()] } else { vec![txt(&text)] };
    Step::Change(Change { old, new, safe: true, notes })
}

/// Without `h=` and `s=` that keep mail from being verified.
fn unrestricted(text: &str, codes: &Codes) -> (String, Vec<String>) {
    let record = KeyRecord::parse(text);
    let mut drop = Vec::new();
    if codes.contains("dkim-key-restricted") {
        if !record.allows_hash("sha256") {
            drop.push("h");
        }
        if !record.allows_email() {
            drop.push("s");
        }
    }
    if drop.is_empty() {
        return (text.to_owned(), Vec::new());
    }
    let kept: Vec<String> = record
        .list
        .tags
        .iter()
        .filter(|tag| !drop.contains(&tag.name.as_str()))
        .map(|tag| format!("{}={}", tag.name, tag.value))
        .collect();
    (kept.join("; "), vec![format!("without {}=", drop.join("= and "))])
}

/// No usable key is lost, and what is published is one sound key.
pub(super) fn holds(name: &Name, meant: &Facts, after: &Facts) -> Result<(), String> {
    let keys = |facts: &Facts| -> Vec<PublicKey> {
        let Some(found) = standing(facts, name, RecordType::Txt) else { return Vec::new() };
        let texts = found.records.iter().filter_map(|rdata| Some(strings(rdata)?.concat()));
        texts
            .map(|text| KeyRecord::parse(&String::from_utf8_lossy(&text)).key)
            .filter(|key| matches!(key, PublicKey::Rsa(_) | PublicKey::Ed25519(_) | PublicKey::Revoked))
            .collect()
    };
    let (before, after) = (keys(meant), keys(after));
    if after.is_empty() {
        return Err("the record would hold no key".to_owned());
    }
    match before.iter().all(|key| after.contains(key)) {
        true => Ok(()),
        false => Err("a key that verifiers can use would be lost".to_owned()),
    }
}
