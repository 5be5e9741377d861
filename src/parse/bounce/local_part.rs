//! Notices that name a recipient by the local part alone, as GroupWise does:
//! `bob (user not found)` below an announcing line.

use super::Told;

/// Beginnings of sentences below which the recipients stand.
const ANNOUNCE: &[&str] = &[
    "undeliverable to the following",
    "undeliverable recipient",
    "following recipient",
    "following user",
    "following address",
    "not be delivered to",
    "could not be delivered because",
    "was not delivered to",
    "not deliver",
    "failed recipient",
];

/// Lines below an announcement that are looked at.
const MOST_LINES: usize = 20;

/// The recipients such lines name, without a domain.
pub(super) fn read(notice: &str) -> Vec<Told> {
    let mut found: Vec<Told> = Vec::new();
    let mut left = 0;
    for line in notice.lines() {
        let lower = line.to_ascii_lowercase();
        if ANNOUNCE.iter().any(|words| lower.contains(words)) && line.trim_end().ends_with(':') {
            left = MOST_LINES;
            continue;
        }
        if line.trim().is_empty() {
            continue;
        }
        if left == 0 {
            continue;
        }
        left -= 1;
        match recipient(line) {
            Some((name, reason)) => {
                let told = Told {
                    address: name.to_owned(),
                    reasons: Some(reason).filter(|r| !r.is_empty()).map(str::to_owned).into_iter().collect(),
                    ..Told::default()
                };
                super::merge(&mut found, vec![told]);
            }
            // The list ends with the first line that is no entry.
            None => left = 0,
        }
    }
    found
}

/// `bob (user not found)`, `bob: user not found`, an indented `bob`.
fn recipient(line: &str) -> Option<(&str, &str)> {
    let text = line.trim();
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    let (name, rest) = (text.get(..end)?, text.get(end..)?.trim());
    if name.is_empty() || name.len() > 64 {
        return None;
    }
    if let Some(reason) = rest.strip_prefix('(').and_then(|r| r.strip_suffix(')')) {
        return Some((name, reason.trim()));
    }
    let indented = line.starts_with([' ', '\t']);
    match rest.strip_prefix(':') {
        Some(reason) if indented && !reason.trim().is_empty() => Some((name, reason.trim())),
        None if indented && rest.is_empty() => Some((name, "")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_below_an_announcement() {
        let told = read(
            "The message that you sent was undeliverable to the following:\n\tbob (user not found)\n\teve.b (mailbox full)\n\nPossibly truncated message follows:\n\tSubject: x\n",
        );
        let names: Vec<_> = told.iter().map(|t| (t.address.as_str(), t.reasons.join(" "))).collect();
        assert_eq!(names, [("bob", "user not found".to_owned()), ("eve.b", "mailbox full".to_owned())]);
        assert_eq!(read("bob (user not found)\n"), []);
        assert_eq!(read("not delivered to:\n\tSubject: hello\n").len(), 1);
    }
}
