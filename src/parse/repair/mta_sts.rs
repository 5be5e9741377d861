//! An `_mta-sts` record and a policy file as they were meant (RFC 8461 sections
//! 3.1 and 3.2).

use super::tags::Grammar;
use super::{Repaired, characters};
use crate::model::untrusted::{Width, plain};
use crate::parse::transport::mta_sts::policy_id;
use crate::parse::transport::mta_sts_policy::{self, LONGEST_AGE};

const GRAMMAR: Grammar = Grammar { names: &["v", "id"], version: "STSv1" };

/// Reads the strings of a TXT record at `_mta-sts`; `fresh` is an id to use where
/// the record has none that can be kept, such as `20261123T120000Z`.
pub(crate) fn read(strings: &[Vec<u8>], fresh: &str) -> Option<Repaired> {
    let whole = strings.concat();
    if policy_id(&whole).is_ok() {
        return Some(Repaired { text: String::from_utf8(whole).ok()?, ..Repaired::default() });
    }
    let clean = characters::plain(strings);
    let mut read = GRAMMAR.read(&clean.joined())?;
    read.repairs.splice(0..0, clean.repairs);
    if read.values("v").next().is_none() && read.values("id").next().is_none() {
        return None;
    }
    let written: Vec<String> = read.values("id").map(str::to_owned).collect();
    let kept: Option<String> =
        written.first().map(|id| id.chars().filter(char::is_ascii_alphanumeric).collect());
    let id = match kept.filter(|id| (1..=32).contains(&id.len())) {
        Some(id) => id,
        None => fresh.to_owned(),
    };
    if written.first() != Some(&id) || written.len() > 1 {
        read.note(format!("id={id}: 1 to 32 letters and digits, once"));
    }
    Some(Repaired { text: format!("v=STSv1; id={id};"), repairs: read.repairs, unread: read.unread })
}

/// Reads a policy file; `None` where nothing in it is a policy. The mode never
/// weakens, and no MX pattern is invented.
#[cfg_attr(not(test), expect(dead_code, reason = "the remedy of a policy file reads it next"))]
pub(crate) fn policy(text: &str) -> Option<Repaired> {
    if mta_sts_policy::read(text).is_ok() {
        return Some(Repaired { text: text.to_owned(), ..Repaired::default() });
    }
    let mut out = Repaired::default();
    let (mut mode, mut age, mut mx) = (None, None, Vec::new());
    for line in text.lines().take(2000) {
        let clean = characters::plain(&[line.as_bytes().to_vec()]);
        out.repairs.extend(clean.repairs.iter().cloned());
        let line = clean.joined();
        let line = line.trim().trim_end_matches([';', ',']);
        let Some((key, value)) = line.split_once([':', '=']).or_else(|| line.split_once(' ')) else {
            if !line.is_empty() {
                out.unread.push(plain(line, Width::Name));
            }
            continue;
        };
        let value = value.trim().trim_start_matches([':', '=']).trim();
        let key = key.trim().to_ascii_lowercase();
        match key.as_str() {
            "version" | "v" => {}
            "mode" => match mta_sts_mode(value) {
                Some(found) => mode = mode.max(Some(found)),
                None => out.unread.push(format!("mode: {}", plain(value, Width::Word))),
            },
            "mx" => mx.extend(value.split([',', ' ', ';']).filter(|name| !name.is_empty()).map(pattern)),
            "max_age" | "max-age" | "maxage" | "max age" => {
                age = value.chars().filter(char::is_ascii_digit).collect::<String>().parse::<u64>().ok();
            }
            _ => {}
        }
    }
    let (Some(mode), Some(age)) = (mode, age) else { return None };
    let names = ["none", "testing", "enforce"];
    let name = names.get(usize::from(mode)).copied().unwrap_or("testing");
    let lines: String = mx.iter().map(|mx| format!("mx: {mx}\n")).collect();
    out.text = format!("version: STSv1\nmode: {name}\n{lines}max_age: {}\n", age.min(LONGEST_AGE));
    match mta_sts_policy::read(&out.text) {
        Ok(_) => out.repairs.push("keys and values as RFC 8461 writes them".to_owned()),
        Err(why) => out.unread.push(why),
    }
    Some(out)
}

fn mta_sts_mode(value: &str) -> Option<u8> {
    let value = value.trim_matches(['"', '\'', '.']).to_ascii_lowercase();
    let hits: Vec<u8> = [("none", 0u8), ("testing", 1), ("enforce", 2)]
        .iter()
        .filter(|(name, _)| value == *name || (value.len() > 3 && super::distance(&value, name) <= 2))
        .map(|(_, rank)| *rank)
        .collect();
    match hits.as_slice() {
        [only] => Some(*only),
        _ => None,
    }
}

/// A pattern as senders read it: `*.example.com` for `.example.com`.
fn pattern(value: &str) -> String {
    let name = value.trim_matches(['"', '\'', '<', '>']).trim_end_matches('.').to_ascii_lowercase();
    match name.strip_prefix('.') {
        Some(rest) => format!("*.{rest}"),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records() {
        let of = |text: &str| read(&[text.as_bytes().to_vec()], "20261123T120000Z").map(|found| found.text);
        assert_eq!(of("v=STSv1; id=1;").unwrap(), "v=STSv1; id=1;");
        for (text, wanted) in [
            ("v=STSv1; id=2026-01-01;", "v=STSv1; id=20260101;"),
            ("v=stsv1; id=7", "v=STSv1; id=7;"),
            ("v=STSv1 id=7", "v=STSv1; id=7;"),
            ("id=7; v=STSv1", "v=STSv1; id=7;"),
            ("v=STS1; id=7", "v=STSv1; id=7;"),
            ("v=STSv1; ID:7", "v=STSv1; id=7;"),
            ("v=STSv1", "v=STSv1; id=20261123T120000Z;"),
            ("\u{feff}v=STSv1; id=7;", "v=STSv1; id=7;"),
        ] {
            assert_eq!(of(text).as_deref(), Some(wanted), "{text:?}");
        }
        assert_eq!(of("v=spf1 -all"), None);
    }

    #[test]
    fn policies() {
        let found =
            policy("Version=STSv1\nMode: Enforce\nmx: a.example.com., .b.example.com\nmax-age: 604800;\n")
                .unwrap();
        assert!(found.is_whole(), "{found:?}");
        assert_eq!(
            found.text,
            "version: STSv1\nmode: enforce\nmx: a.example.com\nmx: *.b.example.com\nmax_age: 604800\n"
        );
        assert!(policy("<html>not found</html>").is_none());
    }
}
