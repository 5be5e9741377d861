//! An `_mta-sts` record and a policy file as they were meant (RFC 8461 sections
//! 3.1 and 3.2).

use super::tags::Grammar;
use super::{Repaired, characters};
use crate::model::Name;
use crate::model::untrusted::{Width, plain};
use crate::parse::text::edits::distance;
use crate::parse::transport::mta_sts::policy_id;
use crate::parse::transport::mta_sts_policy::{self, LONGEST_AGE, Mode};

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

/// What a supplied line is told with; see [`is_supplied`].
const SUPPLIED: &str = "not written: ";

/// True of a repair that adds what the owner never wrote.
pub(crate) fn is_supplied(repair: &str) -> bool {
    repair.starts_with(SUPPLIED)
}

/// Reads a policy file; `None` where nothing in it is a policy. The mode never weakens, and
/// no MX pattern is invented: where the file has none, those of `hosts` are taken.
pub(crate) fn policy(text: &str, hosts: &[Name]) -> Option<Repaired> {
    if mta_sts_policy::read(text).is_ok() {
        return Some(Repaired { text: text.to_owned(), ..Repaired::default() });
    }
    let mut out = Repaired::default();
    let mut found = lines(text, &mut out);
    let mode = found.mode?;
    let age = match found.age {
        Some(age) => age.min(LONGEST_AGE),
        None if found.has_age => return Some(out),
        None => {
            out.repairs.push(format!("{SUPPLIED}max_age, here a week"));
            604_800
        }
    };
    if found.mx.is_empty() && mode > 0 {
        found.mx.extend(hosts.iter().map(ToString::to_string));
        out.repairs.push(format!("{SUPPLIED}mx, here the hosts of the MX records"));
    }
    let name = MODES.get(usize::from(mode)).map_or("testing", |mode| mode.name());
    let lines: String = found.mx.iter().map(|mx| format!("mx: {mx}\n")).collect();
    let others: String = found.others.iter().map(|line| format!("{line}\n")).collect();
    out.text = format!("version: STSv1\nmode: {name}\n{lines}max_age: {age}\n{others}");
    match mta_sts_policy::read(&out.text) {
        Ok(_) => out.repairs.push("keys and values as RFC 8461 writes them".to_owned()),
        Err(why) => out.unread.push(why),
    }
    Some(out)
}

/// The strictest mode that the lines of a policy file name, however they are written.
pub(crate) fn mode(text: &str) -> Option<Mode> {
    match mta_sts_policy::read(text) {
        Ok(policy) => Some(policy.mode),
        Err(_) => MODES.get(usize::from(lines(text, &mut Repaired::default()).mode?)).copied(),
    }
}

/// From the weakest to the strictest.
const MODES: [Mode; 3] = [Mode::None, Mode::Testing, Mode::Enforce];

fn lines(text: &str, out: &mut Repaired) -> Lines {
    let mut found = Lines::default();
    for line in text.lines().take(2000) {
        let clean = characters::plain(&[line.as_bytes().to_vec()]);
        out.repairs.extend(clean.repairs.iter().cloned());
        let line = clean.joined();
        let line = line.trim().trim_end_matches([';', ',']);
        if line.starts_with(['#', ';']) {
            out.repairs.push("without a comment, which the file has no form for".to_owned());
            continue;
        }
        found.take(line, out);
    }
    found
}

/// What the lines of a policy file say.
#[derive(Default)]
struct Lines {
    mode: Option<u8>,
    age: Option<u64>,
    /// A line names `max_age`, whether or not its value can be read.
    has_age: bool,
    mx: Vec<String>,
    /// Lines of extensions (RFC 8461 section 3.2), which stay.
    others: Vec<String>,
}

impl Lines {
    fn take(&mut self, line: &str, out: &mut Repaired) {
        let Some((key, value)) = line.split_once([':', '=']).or_else(|| line.split_once(' ')) else {
            if !line.is_empty() {
                out.unread.push(plain(line, Width::Name));
            }
            return;
        };
        let value = value.trim().trim_start_matches([':', '=']).trim();
        let key = key.trim().trim_matches(['"', '\'']).to_ascii_lowercase();
        match key.as_str() {
            "version" | "v" => {}
            "mode" => match mta_sts_mode(value) {
                Some(found) => self.mode = self.mode.max(Some(found)),
                None => out.unread.push(format!("mode: {}", plain(value, Width::Word))),
            },
            "mx" => self.mx.extend(value.split([',', ' ', ';']).filter(|name| !name.is_empty()).map(pattern)),
            "max_age" | "max-age" | "maxage" | "max age" => {
                self.has_age = true;
                match seconds(value) {
                    Some(age) => self.age = self.age.or(Some(age)),
                    None => out.unread.push(format!("max_age: {}", plain(value, Width::Word))),
                }
            }
            _ if line.contains(':') && mta_sts_policy::is_key(&key) && !line.contains(['<', '>']) => {
                self.others.push(line.to_owned());
            }
            _ => out.unread.push(plain(line, Width::Name)),
        }
    }
}

/// A number of seconds, whatever stands around it; `1w` and `7 days` are no such number.
fn seconds(value: &str) -> Option<u64> {
    let value = value.trim_matches(['"', '\'', ' ', ';', ',', '.']).to_ascii_lowercase();
    let value = ["seconds", "second", "secs", "sec", "s"]
        .iter()
        .find_map(|unit| value.strip_suffix(unit))
        .unwrap_or(&value)
        .trim();
    let digits: String = value.chars().filter(|c| !matches!(c, ',' | '_' | '\'' | ' ')).collect();
    let all = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // More digits than fit are more than the longest age.
    all.then(|| digits.parse().unwrap_or(LONGEST_AGE))
}

fn mta_sts_mode(value: &str) -> Option<u8> {
    let value = value.trim_matches(['"', '\'', '.']).to_ascii_lowercase();
    let hits: Vec<u8> = [("none", 0u8), ("testing", 1), ("enforce", 2)]
        .iter()
        .filter(|(name, _)| value == *name || (value.len() > 3 && distance(&value, name) <= 2))
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

    /// A word in a comment, or in a line that says something else, is no mode.
    #[test]
    fn modes() {
        for (text, wanted) in [
            ("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 86400\n", Some(Mode::Enforce)),
            ("Version=STSv1\nMODE = Enforce", Some(Mode::Enforce)),
            ("mode: enforec", Some(Mode::Enforce)),
            ("mode: testing\n# later: mode: enforce", Some(Mode::Testing)),
            ("mode: testing\nx-note: we enforce next year", Some(Mode::Testing)),
            ("mode: none\nmode: testing", Some(Mode::Testing)),
            ("mode: none", Some(Mode::None)),
            ("<html>we enforce</html>", None),
            ("", None),
        ] {
            assert_eq!(mode(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn policies() {
        let found = policy(
            "Version=STSv1\nMode: Enforce\nmx: a.example.com., .b.example.com\nmax-age: 604800;\n",
            &[],
        )
        .unwrap();
        assert!(found.is_whole(), "{found:?}");
        assert_eq!(
            found.text,
            "version: STSv1\nmode: enforce\nmx: a.example.com\nmx: *.b.example.com\nmax_age: 604800\n"
        );
        assert!(policy("<html>not found</html>", &[]).is_none());
        let hosts = [Name::lenient("mx.example.com")];
        let of = |text: &str| policy(text, &hosts).filter(Repaired::is_whole).map(|found| found.text);
        for (text, wanted) in [
            ("mode: enforced\nmax_age: 604800", Some("mode: enforce\nmx: mx.example.com\nmax_age: 604800\n")),
            ("mode=testing\nmx=a.example", Some("mode: testing\nmx: a.example\nmax_age: 604800\n")),
            ("# ours\nmode: none\nmax_age: 86,400 s\nnew: 1", Some("mode: none\nmax_age: 86400\nnew: 1\n")),
            ("mode: enforce\nmax_age: 1w\nmx: a.example", None),
            ("mode: enforce\nmax_age: 7 days\nmx: a.example", None),
            ("mode: sometimes\nmax_age: 604800\nmx: a.example", None),
            (
                "mode: enforce\nmode: testing\nmax_age: 9999999999999999999999\nmx: a.example",
                Some("mode: enforce\nmx: a.example\nmax_age: 31557600\n"),
            ),
            ("mode: enforce\nmax_age: 1\nmx: a.example\n<html>", None),
        ] {
            assert_eq!(of(text), wanted.map(|rest| format!("version: STSv1\n{rest}")), "{text}");
        }
    }
}
