//! The MTA-STS policy file (RFC 8461 section 3.2) and its match with MX names
//! (section 4.1).

use crate::model::untrusted::{Width, plain};

/// The longest `max_age`, about a year (section 3.2).
pub const LONGEST_AGE: u64 = 31_557_600;
/// Lines looked at; a policy of the largest providers has a dozen.
const MOST_LINES: usize = 2000;

/// What senders do when TLS or the MX name fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `enforce`: the mail is not delivered to that host.
    Enforce,
    /// `testing`: the mail is delivered, and the failure reported.
    Testing,
    /// `none`: as if there were no policy.
    None,
}

impl Mode {
    /// The word in the policy.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Enforce => "enforce",
            Mode::Testing => "testing",
            Mode::None => "none",
        }
    }
}

/// A policy that senders can use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What it asks for.
    pub mode: Mode,
    /// Seconds.
    pub max_age: u64,
    /// Names and `*.` patterns, A-labels, lower case.
    pub mx: Vec<String>,
}

/// Reads a policy file. The message names the line.
///
/// # Errors
/// The first line that makes the policy void (RFC 8461 section 3.2), for people.
pub fn read(text: &str) -> Result<Policy, String> {
    let text = text.strip_prefix('\u{feff}').map_or(Ok(text), |_| {
        Err("line 1: it starts with a byte order mark, which is no part of \"version\"".to_owned())
    })?;
    let (mut version, mut mode, mut max_age, mut mx) = (None, None, None, Vec::new());
    for (index, line) in text.lines().take(MOST_LINES).enumerate() {
        let number = index + 1;
        // Blank lines at the end are what editors leave behind; senders read past them.
        if line.trim().is_empty() {
            continue;
        }
        let shown = plain(line.trim(), Width::Name);
        let Some((key, value)) = line.split_once(':') else {
            return Err(format!("line {number}: {shown:?} is no \"key: value\""));
        };
        let value = value.trim();
        if !is_key(key) {
            return Err(format!("line {number}: {shown:?} does not start with a key"));
        }
        // Section 3.2: of keys other than mx that stand twice, the first counts.
        match key {
            "version" if version.is_none() => version = Some((number, value)),
            "mode" if mode.is_none() => {
                mode = Some(match value {
                    "enforce" => Mode::Enforce,
                    "testing" => Mode::Testing,
                    "none" => Mode::None,
                    _ => {
                        return Err(format!(
                            "line {number}: mode {:?} is none of enforce, testing, none",
                            plain(value, Width::Word)
                        ));
                    }
                });
            }
            "max_age" if max_age.is_none() => {
                let digits =
                    (1..=10).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit());
                match value.parse::<u64>().ok().filter(|_| digits) {
                    Some(age) if age <= LONGEST_AGE => max_age = Some(age),
                    _ => {
                        return Err(format!(
                            "line {number}: max_age {:?} is no number of seconds from 0 to {LONGEST_AGE}",
                            plain(value, Width::Word)
                        ));
                    }
                }
            }
            "mx" => mx.push(pattern(value).map_err(|why| format!("line {number}: {why}"))?),
            _ => {}
        }
    }
    match version {
        None => return Err("the line \"version: STSv1\" is missing".to_owned()),
        Some((_, "STSv1")) => {}
        Some((number, other)) => {
            return Err(format!("line {number}: version {:?} is not STSv1", plain(other, Width::Word)));
        }
    }
    let mode = mode.ok_or("the line \"mode: ...\" is missing")?;
    let max_age = max_age.ok_or("the line \"max_age: ...\" is missing")?;
    if mx.is_empty() && mode != Mode::None {
        return Err(format!("mode {} needs at least one mx line", mode.name()));
    }
    Ok(Policy { mode, max_age, mx })
}

/// A field name of section 3.2, known or of an extension.
pub(crate) fn is_key(key: &str) -> bool {
    key.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
        && key.len() <= 32
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

/// An `mx` value: a name, or `*.` and a name.
fn pattern(value: &str) -> Result<String, String> {
    let wrong =
        || format!("mx {:?} is no host name and no pattern such as *.example.com", plain(value, Width::Name));
    let bare = value.strip_prefix("*.").unwrap_or(value);
    let name = ascii(bare).ok_or_else(wrong)?;
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    if !name.split('.').all(label) {
        return Err(wrong());
    }
    Ok(if bare.len() < value.len() { format!("*.{name}") } else { name })
}

/// A name in A-labels, lower case, without a final dot.
fn ascii(name: &str) -> Option<String> {
    let name = name.trim_end_matches('.');
    if name.is_ascii() { Some(name.to_ascii_lowercase()) } else { idna::domain_to_ascii(name).ok() }
}

/// True where one of the patterns covers the MX name. `*.` stands for one label
/// (section 4.1).
pub fn covers(patterns: &[String], mx: &str) -> bool {
    let Some(mx) = ascii(mx) else { return false };
    patterns.iter().any(|pattern| match pattern.strip_prefix("*.") {
        None => ascii(pattern).is_some_and(|pattern| pattern == mx),
        Some(parent) => ascii(parent).is_some_and(|parent| {
            mx.split_once('.').is_some_and(|(first, rest)| !first.is_empty() && rest == parent)
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies() {
        let text = "version: STSv1\r\nmode: enforce\r\nmx: *.Example.com\r\nmx: mx.example.net.\r\nmax_age: 604800\r\n";
        let policy = read(text).unwrap();
        assert_eq!((policy.mode, policy.max_age), (Mode::Enforce, 604_800));
        assert_eq!(policy.mx, ["*.example.com", "mx.example.net"]);
        for (text, part) in [
            ("", "version"),
            ("<html>", "line 1"),
            ("version: STSv1\nmode: Enforce\n", "line 2"),
            ("version: STSv1\nmode: testing\nmx: a b\n", "line 3"),
            ("version: STSv1\nmode: testing\nmax_age: 99999999999\n", "line 3"),
            ("version: STSv1\nmode: testing\nmax_age: 1\n", "at least one mx"),
            ("version: STSv1\nmode: testing\nmx: a.example\n", "max_age"),
            ("\u{feff}version: STSv1\n", "byte order mark"),
        ] {
            assert!(read(text).unwrap_err().contains(part), "{text}");
        }
        assert_eq!(
            read("version: STSv1\nmode: none\nmax_age: 0\nmode: x\nfuture: 1\n").unwrap().mode,
            Mode::None
        );
    }

    #[test]
    fn patterns() {
        let patterns = ["*.example.com".to_owned(), "mx.example.net".to_owned()];
        assert!(covers(&patterns, "a.example.com") && covers(&patterns, "MX.example.net."));
        assert!(!covers(&patterns, "example.com") && !covers(&patterns, "a.b.example.com"));
        assert!(!covers(&patterns, ".example.com") && !covers(&patterns, ""));
    }
}
