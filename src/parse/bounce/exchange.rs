//! The diagnostic sections of Exchange and of Sun/Oracle Messaging Server:
//! `<host #5.1.1 smtp;550 ...>` and `Recipient address:` / `Diagnostic code:`.

use super::{Told, address};

/// The recipients of such sections, in order.
pub(super) fn read(notice: &str) -> Vec<Told> {
    let mut found: Vec<Told> = Vec::new();
    let mut current: Option<String> = None;
    for line in notice.lines() {
        let line = line.trim();
        let lower = line.to_ascii_lowercase();
        if let Some(rest) = after(line, &lower, "recipient address:") {
            current = address::first(rest);
            continue;
        }
        // A diagnostic line begins with its code: "#550 5.1.1 RESOLVER...".
        let diagnostic = after(line, &lower, "diagnostic code:")
            .or_else(|| after(line, &lower, "remote server returned"))
            .or_else(|| (line.starts_with('#') && line.get(1..4).is_some_and(is_code)).then_some(line))
            .or_else(|| (line.starts_with('<') && line.contains(" #") && line.ends_with('>')).then_some(line))
            .or_else(|| lower.starts_with("msexch:").then_some(line))
            .or_else(|| (lower.contains("smtp;") && line.contains('#')).then_some(line));
        if let (Some(diagnostic), Some(address)) = (diagnostic, &current) {
            let reasons = vec![diagnostic.trim_matches(['<', '>', ' ', '#']).to_owned()];
            super::merge(&mut found, vec![Told { address: address.clone(), reasons, ..Told::default() }]);
            continue;
        }
        if let Some((0 | 1, end)) = address::find(line)
            && line.len() <= end + 60
        {
            current = address::first(line);
        }
    }
    found
}

fn after<'a>(line: &'a str, lower: &str, label: &str) -> Option<&'a str> {
    lower.starts_with(label).then(|| line.get(label.len()..)).flatten()
}

fn is_code(text: &str) -> bool {
    text.starts_with(['4', '5']) && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}
