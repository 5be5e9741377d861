//! A DMARC record as it was meant (RFC 9989 section 4.7). No policy comes out
//! weaker than the strictest one its owner recognisably wrote, and no report
//! address is invented.

use super::Repaired;
use super::characters;
use super::tags::{Grammar, Read, addresses};
use crate::model::untrusted::{Width, plain};
use crate::parse::dmarc::{Disposition, DmarcRecord};
use crate::parse::text::edits::distance;

const GRAMMAR: Grammar = Grammar {
    names: &["v", "p", "sp", "np", "adkim", "aspf", "fo", "rua", "ruf", "psd", "t", "pct", "rf", "ri"],
    version: "DMARC1",
};

/// Reads the strings of a TXT record at `_dmarc`; `None` where it was not meant as DMARC.
pub(crate) fn read(strings: &[Vec<u8>]) -> Option<Repaired> {
    let clean = characters::plain(strings);
    let joined = clean.joined();
    let mut read = GRAMMAR.read(&joined)?;
    read.repairs.splice(0..0, clean.repairs);
    let versioned = read.values("v").next().is_some();
    let policies =
        ["p", "sp", "np"].iter().flat_map(|name| read.values(name).map(str::to_owned)).collect::<Vec<_>>();
    if !versioned {
        // The name says what it is; a policy or an address says that it was meant.
        if !policies.iter().any(|value| policy(value).is_some()) {
            return None;
        }
        read.note("v=DMARC1 in front");
    }
    if !joined.is_ascii() {
        read.unread.push("characters outside ASCII".to_owned());
    }
    bare_policy(&mut read);
    let mut record: Vec<(String, String)> = vec![("v".to_owned(), "DMARC1".to_owned())];
    for name in ["p", "sp", "np"] {
        if let Some(value) = strictest(name, &mut read) {
            record.push((name.to_owned(), value.name().to_owned()));
        }
    }
    if !record.iter().any(|(name, _)| name == "p") && read.unread.is_empty() {
        // What receivers do today, said aloud (RFC 9989 section 4.7).
        read.note("p=none, which receivers assume");
        record.insert(1, ("p".to_owned(), "none".to_owned()));
    }
    for name in ["adkim", "aspf", "fo", "rua", "ruf", "psd", "t", "pct", "rf", "ri"] {
        if let Some(value) = settled(name, &mut read) {
            record.push((name.to_owned(), value));
        }
    }
    for tag in &read.tags {
        let known = GRAMMAR.names.contains(&tag.name.as_str());
        if !known && tag.value.is_ascii() && !record.iter().any(|(name, _)| *name == tag.name) {
            record.push((tag.name.clone(), tag.value.clone()));
        }
    }
    let text = record.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    // A record that reads well stays as it was written.
    let sound = DmarcRecord::parse(&joined).is_some_and(|record| record.faults.is_empty());
    // A tag whose name was a slip is no fault to receivers, who ignore it: it is one to its owner.
    let lower = joined.to_ascii_lowercase();
    let as_written = read.tags.iter().all(|tag| lower.contains(tag.name.as_str()));
    if sound && as_written && read.unread.is_empty() && strings.concat() == joined.as_bytes() {
        return Some(Repaired { text: joined, ..Repaired::default() });
    }
    Some(Repaired { text, repairs: read.repairs, unread: read.unread })
}

/// `v=DMARC1; reject`: a policy without its tag.
fn bare_policy(read: &mut Read) {
    if read.values("p").next().is_some() {
        return;
    }
    let Some(at) = read.unread.iter().position(|text| Disposition::from_name(text.trim()).is_some()) else {
        return;
    };
    let value = read.unread.remove(at);
    read.note("p= before the policy");
    read.tags.push(super::tags::Tag { name: "p".to_owned(), value });
}

/// The strictest of all values a policy tag was given.
fn strictest(name: &str, read: &mut Read) -> Option<Disposition> {
    let values: Vec<String> = read.values(name).map(str::to_owned).collect();
    if values.len() > 1 {
        read.note(format!("{name}= once, the strictest"));
    }
    let mut best = None;
    for value in &values {
        let words = value.split([' ', ',', '/', ':', '=']).filter(|word| !word.is_empty());
        let mut understood = false;
        for word in words {
            if let Some(found) = policy(word) {
                best = best.max(Some(found));
                understood = true;
            }
        }
        match best.filter(|_| understood) {
            None => read.unread.push(format!("{name}={value}")),
            Some(found) if found.name() != value => {
                read.note(format!("{name}={} for {:?}", found.name(), plain(value, Width::Word)));
            }
            _ => {}
        }
    }
    best
}

/// A policy word, a slip of up to two letters forgiven where only one policy is that near.
fn policy(word: &str) -> Option<Disposition> {
    let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_ascii_lowercase();
    let all = [Disposition::None, Disposition::Quarantine, Disposition::Reject];
    if let Some(exact) = all.into_iter().find(|policy| policy.name() == word) {
        return Some(exact);
    }
    let near = |policy: &Disposition| {
        let name = policy.name();
        let prefix = word.len() >= 3 && name.starts_with(&word);
        let longer = word.starts_with(name) && word.len() <= name.len() + 3;
        prefix || longer || (word.len() >= 4 && distance(&word, name) <= if name.len() > 6 { 3 } else { 2 })
    };
    match all.into_iter().filter(near).collect::<Vec<_>>().as_slice() {
        [only] if word != "no" => Some(*only),
        _ => None,
    }
}

/// The value of any other tag as receivers read it; `None` leaves the tag out.
fn settled(name: &str, read: &mut Read) -> Option<String> {
    let values: Vec<String> = read.values(name).map(str::to_owned).collect();
    let first = values.first()?.clone();
    if values.len() > 1 {
        read.note(format!("{name}= once"));
    }
    let lower = first.trim_matches(['"', '\'', '.', ',', ' ']).to_ascii_lowercase();
    let (value, why) = match name {
        "rua" | "ruf" => {
            let all = addresses(&values.join(","), false, read).join(",");
            return (!all.is_empty()).then_some(all);
        }
        "adkim" | "aspf" => (letter(&lower, &[("r", "relaxed"), ("s", "strict")]), "the default"),
        "psd" => (letter(&lower, &[("y", "yes"), ("n", "no"), ("u", "unknown")]), "the default"),
        "t" => (letter(&lower, &[("y", "yes"), ("n", "no"), ("y", "true"), ("n", "false")]), "the default"),
        "fo" => (failure_options(&lower), "the default"),
        "pct" => (
            lower.trim_end_matches('%').parse::<u8>().ok().filter(|n| *n <= 100).map(|n| n.to_string()),
            "100",
        ),
        "ri" => (lower.parse::<u32>().ok().map(|n| n.to_string()), "nothing, as the tag was removed"),
        _ => {
            ((lower == "afrf" || lower == "iodef").then(|| lower.clone()), "nothing, as the tag was removed")
        }
    };
    match &value {
        Some(value) if *value != first => {
            read.note(format!("{name}={value} for {:?}", plain(&first, Width::Word)))
        }
        None => read.note(format!("{name}={} left out: receivers take {why}", plain(&first, Width::Word))),
        _ => {}
    }
    value
}

fn letter(word: &str, known: &[(&str, &str)]) -> Option<String> {
    let hit = known.iter().find(|(short, long)| {
        word == *short
            || (word.len() > 1 && long.starts_with(word))
            || (word.len() > 3 && distance(word, long) <= 1)
    });
    hit.map(|(short, _)| (*short).to_owned())
}

fn failure_options(value: &str) -> Option<String> {
    let mut kept: Vec<&str> = Vec::new();
    for word in value.split([':', ',', ' ', '/']).filter(|word| matches!(*word, "0" | "1" | "d" | "s")) {
        if !kept.contains(&word) {
            kept.push(word);
        }
    }
    (!kept.is_empty()).then(|| kept.join(":"))
}

/// One record out of several: the strictest of each policy, every address, the
/// rest of the first that says it. `None` where one is not understood.
pub(crate) fn merged(records: &[Repaired]) -> Option<String> {
    let parsed: Vec<DmarcRecord> = records
        .iter()
        .map(|one| DmarcRecord::parse(&one.text).filter(|_| one.is_whole()))
        .collect::<Option<_>>()?;
    let strictest = |of: &dyn Fn(&DmarcRecord) -> Option<Disposition>| parsed.iter().filter_map(of).max();
    let mut record: Vec<(String, String)> = vec![("v".to_owned(), "DMARC1".to_owned())];
    let p = strictest(&|record| record.p)?;
    record.push(("p".to_owned(), p.name().to_owned()));
    // A record without sp says p for subdomains: the merged one may not say less.
    let sp = strictest(&|record| record.sp.or(record.p));
    let np = strictest(&|record| record.np.or(record.sp).or(record.p));
    if parsed.iter().any(|record| record.sp.is_some()) {
        record.extend(sp.map(|sp| ("sp".to_owned(), sp.name().to_owned())));
    }
    if parsed.iter().any(|record| record.np.is_some()) {
        record.extend(np.map(|np| ("np".to_owned(), np.name().to_owned())));
    }
    for name in ["adkim", "aspf", "fo", "psd", "t"] {
        // t=y weakens the policy, so it stands only where all records say it.
        let all = || parsed.iter().all(|record| record.testing);
        if let Some(value) =
            parsed.iter().find_map(|record| record.list.value(name)).filter(|_| name != "t" || all())
        {
            record.push((name.to_owned(), value.to_owned()));
        }
    }
    for name in ["rua", "ruf"] {
        let mut uris: Vec<&str> = Vec::new();
        for one in &parsed {
            let list = if name == "rua" { &one.rua } else { &one.ruf };
            for uri in list.iter().filter(|uri| uri.usable) {
                if !uris.iter().any(|known| known.eq_ignore_ascii_case(&uri.text)) {
                    uris.push(&uri.text);
                }
            }
        }
        if !uris.is_empty() {
            record.push((name.to_owned(), uris.join(",")));
        }
    }
    Some(record.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(text: &str) -> String {
        let found = read(&[text.as_bytes().to_vec()]).unwrap_or_else(|| panic!("{text:?} is not read"));
        assert!(found.is_whole(), "{text:?}: {found:?}");
        let record = DmarcRecord::parse(&found.text).unwrap_or_else(|| panic!("{text:?}: {found:?}"));
        assert!(record.faults.is_empty(), "{text:?}: {found:?} {:?}", record.faults);
        found.text
    }

    #[test]
    fn good_records_stay() {
        for text in
            ["v=DMARC1; p=none", "v=DMARC1;p=reject;rua=mailto:a@example.com;", "v = DMARC1 ; p=quarantine"]
        {
            assert_eq!(meant(text), text);
        }
        assert_eq!(read(&[b"v=spf1 -all".to_vec()]), None);
        assert_eq!(read(&[b"google-site-verification=abc".to_vec()]), None);
    }

    /// Every kind of fault, wherever it can stand, leaves the same record.
    #[test]
    fn each_fault_at_each_place() {
        let good =
            "v=DMARC1; p=reject; sp=quarantine; adkim=s; rua=mailto:a@example.com,mailto:b@example.com";
        let mut variants = vec![
            good.replace("mailto:", ""),
            good.replacen("mailto:", "mailto://", 1),
            good.replacen("mailto:", "__mailto:", 1),
            good.replacen("mailto:", "mailto: ", 1),
            good.replacen("mailto:", "maito:", 1),
            good.replace("; ", " "),
            good.replace("; ", ", "),
            good.replace("; ", "\\; "),
            good.replace("p=reject", "P=REJECT"),
            good.replace("p=reject", "p:reject"),
            good.replace("p=reject", "p=rejct"),
            good.replace("p=reject", "p=reject;p=none"),
            good.replace("p=reject", "p=none; p=reject"),
            good.replace("adkim=s", "adkim=strict"),
            good.replace("adkim", "adkmi"),
            good.replace("rua=", "rau="),
            good.replace("a@example.com", "a@example.com!10m"),
            good.replace(",", "; "),
            good.replacen("v=DMARC1; ", "", 1),
            format!("{}; v=DMARC1", good.replacen("v=DMARC1; ", "", 1)),
            good.replace("v=DMARC1", "v=dmarc1"),
            good.replace("v=DMARC1", "V=DMARC1"),
            good.replace("v=DMARC1", "v:DMARC1"),
            good.replace("v=DMARC1", "DMARC1"),
            good.replace("v=DMARC1", "v=DMARC 1"),
            good.replace("v=DMARC1", "v=DMARCv1"),
            good.replace("v=DMARC1;", "v=DMARC1"),
            good.replace("v=DMARC1", "v=DMRAC1"),
            good.replace("v=DMARC1", "v=DMAR1"),
            good.replace("v=DMARC1", "v=DMACR1"),
            format!("\"{good}\""),
            format!("\u{201c}{good}\u{201d}"),
            good.replacen("; ", "\" \"; ", 1),
        ];
        let breaks: Vec<usize> = good.char_indices().filter(|(_, c)| *c == ' ').map(|(at, _)| at).collect();
        for c in ['\u{200b}', '\u{feff}', '\u{ad}', '\u{7}', '\u{200e}'] {
            variants.extend((0..=good.len()).map(|at| format!("{}{c}{}", &good[..at], &good[at..])));
        }
        variants.extend(breaks.iter().map(|at| format!("{}\u{a0}{}", &good[..*at], &good[at + 1..])));
        for text in variants {
            assert_eq!(meant(&text), good, "{text:?}");
        }
    }

    #[test]
    fn wrong_options_go_and_policies_never_weaken() {
        assert_eq!(meant("v=DMARC1; p=quarantine; fo=x; psd=x; aspf=z"), "v=DMARC1; p=quarantine");
        assert_eq!(meant("v=DMARC1; p=none; fo=0,1"), "v=DMARC1; p=none; fo=0:1");
        assert_eq!(meant("v=DMARC1; quarantine"), "v=DMARC1; p=quarantine");
        assert_eq!(meant("v=DMARC1; rua=mailto:a@example.com"), "v=DMARC1; p=none; rua=mailto:a@example.com");
        assert_eq!(meant("v=DMARC1; p=reject none"), "v=DMARC1; p=reject");
        for text in ["v=DMARC1; p=block", "v=DMARC1; p=reject; rua=mailto:", "v=DMARC1; p=reject; rua=me"] {
            let found = read(&[text.as_bytes().to_vec()]).unwrap();
            assert!(!found.is_whole(), "{found:?}");
        }
    }

    #[test]
    fn several_become_one() {
        let all = |texts: &[&str]| {
            merged(&texts.iter().filter_map(|text| read(&[text.as_bytes().to_vec()])).collect::<Vec<_>>())
        };
        assert_eq!(
            all(&["v=DMARC1; p=reject", "v=DMARC1; p=none; rua=mailto:a@example.com"]).unwrap(),
            "v=DMARC1; p=reject; rua=mailto:a@example.com"
        );
        assert_eq!(
            all(&["v=DMARC1; p=reject", "v=DMARC1; p=none; sp=none; t=y"]).unwrap(),
            "v=DMARC1; p=reject; sp=reject"
        );
        assert_eq!(all(&["v=DMARC1; p=huh", "v=DMARC1; p=none"]), None);
    }

    proptest::proptest! {
        #[test]
        fn hostile_texts_never_panic(text in "(v|V|p|rua|sp|DMARC1|reject|mailto:|a@b\\.example|[ ;:=,!\"\\\\]|\\PC){0,30}") {
            if let Some(found) = read(&[text.as_bytes().to_vec()]) {
                let again = read(&[found.text.as_bytes().to_vec()]);
                if found.is_whole() {
                    proptest::prop_assert_eq!(again.map(|again| again.text), Some(found.text));
                }
            }
        }
    }
}
