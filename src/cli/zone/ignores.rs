//! Findings that a remark on their line sets aside: `; mailvet: ignore[code] reason`. They are
//! shown as ignored, never as passed.

use std::collections::BTreeMap;

use crate::judge::zone::ZoneResult;
use crate::model::Location;
use crate::parse::zone::Parsed;

const MARK: &[u8] = b"mailvet: ignore[";

/// The remarks of a zone's files, by line.
#[derive(Default)]
pub(super) struct Remarks(BTreeMap<Location, Vec<(String, String)>>);

impl Remarks {
    pub(super) fn of(parsed: &Parsed) -> Remarks {
        let mut remarks = Remarks::default();
        for source in &parsed.sources {
            for (number, line) in (1u32..).zip(source.bytes.split(|byte| *byte == b'\n')) {
                if let Some(remark) = read(line) {
                    let location = Location { file: source.file.to_string(), line: number };
                    remarks.0.entry(location).or_default().push(remark);
                }
            }
        }
        remarks
    }

    /// Why a finding of this code on this line is set aside; `None` where it is not.
    pub(super) fn reason(&self, location: &Location, code: &str) -> Option<&str> {
        let mut named = self.0.get(location)?.iter();
        named.find(|(known, _)| known == code).map(|(_, reason)| reason.as_str())
    }
}

/// Sets aside what the files' remarks name.
pub(super) fn apply(zone: &mut ZoneResult, parsed: &Parsed) {
    let remarks = Remarks::of(parsed);
    for row in zone.rows.iter_mut().filter(|row| row.ignored.is_none()) {
        row.ignored = remarks.reason(&row.location, row.check.code).map(str::to_owned);
    }
}
/// Code and reason of a line's remark; one without a reason counts for nothing.
fn read(line: &[u8]) -> Option<(String, String)> {
    let at = memchr::memmem::find(line, MARK)?;
    // Within a text of a record it is no remark.
    if !matches!(line[..at].trim_ascii_end().last(), Some(b';' | b'#')) {
        return None;
    }
    let rest = String::from_utf8_lossy(&line[at + MARK.len()..]).into_owned();
    let (code, reason) = rest.split_once(']')?;
    let reason = reason.trim();
    (!reason.is_empty()).then(|| (code.trim().to_owned(), reason.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_needs_a_reason() {
        let wanted = ("spf-range-huge".to_owned(), "our network".to_owned());
        assert_eq!(read(b"@ TXT \"x\" ; mailvet: ignore[spf-range-huge] our network\r"), Some(wanted));
        assert_eq!(read(b"@ TXT \"x\" ; mailvet: ignore[spf-range-huge]"), None);
        assert_eq!(read(b"@ TXT \"mailvet: ignore[a] b\""), None);
    }
}
