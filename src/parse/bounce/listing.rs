//! Notices that list the addresses, each with the reason beside or below it:
//! Exim, qmail and its kin, Postfix, Courier, OpenSMTPD, GMX, Google, Yahoo,
//! Zoho, IMail, MailMarshal and the appliances that copied them.

use super::{Told, address};
use crate::parse::smtp::reply::Stage;

/// Most lines taken as the reason of one address.
const MOST_LINES: usize = 40;

/// Words before an address that say it is the one that failed.
const LABELS: &[&str] = &[
    "recipient address:",
    "addressed to:",
    "delivery failed 20 attempts:",
    "recipient:",
    "recipients:",
    "failed recipient:",
    "failed recipient",
    "final-recipient: rfc822;",
    "original-recipient: rfc822;",
    "rcpt to:",
    "user:",
    "address:",
    "mailbox:",
    "destination:",
    "for:",
    "for",
    "email:",
    "e-mail:",
    "undeliverable to",
    "unable to deliver to",
    "unable to deliver message to:",
    "unable to deliver message to",
    "could not be delivered to:",
    "could not be delivered to",
    "could not deliver message to",
    "could not deliver to",
    "cannot deliver to",
    "not deliver mail to",
    "delivery to",
    "delivery failed:",
    "delivery failed to",
    "failed to deliver to",
    "failed:",
    "error:",
    "rejected:",
    "invalid:",
    "unknown user:",
    "user unknown:",
    "user mailbox exceeds allowed size:",
    "user's mailbox is full:",
    "mailbox full:",
    "the following recipients returned permanent errors:",
    "the following recipients returned temporary errors:",
    "your message wasn't delivered to",
    "your message to",
    "sorry your message to",
    "message to",
    "mail to",
    "email to",
    "the message to",
    "the mail to",
    "delivered to:",
    "sent to",
];

/// Lines that are about something else although they name an address.
const NOT_ABOUT: &[&str] = &[
    "from:",
    "sender:",
    "mail from:",
    "reply-to:",
    "message-id:",
    "subject:",
    "date:",
    "to:",
    "cc:",
    "original sender:",
    "return-path:",
    "postmaster@",
    "contact",
    "mailto:",
    "x-",
    "http",
    "message id:",
    "envelope-from",
    "please forward",
    "please contact",
    "if you",
    "for assistance",
    "for further",
    "to unsubscribe",
    "the message identifier",
    "reporting-mta",
    "arrival-date",
    "original-envelope-id",
    "content-",
    "received:",
];

struct Open {
    told: Told,
    words: String,
    lines: usize,
    blank: bool,
}

/// The addresses listed in `notice`, in order, with their reasons.
pub(super) fn read(notice: &str) -> Vec<Told> {
    let mut found: Vec<Told> = Vec::new();
    let mut open: Option<Open> = None;
    for line in notice.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            if let Some(current) = &mut open {
                current.blank = true;
            }
            continue;
        }
        // What the other server said is the reason, whatever was told before it.
        if let Some(said) = quotes_other(trimmed)
            && let Some(told) = open.take().map(|open| open.told).or_else(|| found.pop())
        {
            let told = Told { reasons: Vec::new(), ..told };
            open = Some(Open { told, words: said.to_owned(), lines: 1, blank: false });
            continue;
        }
        // A reply that repeats the address goes on with the same reason.
        if let Some(current) = &mut open
            && !current.blank
            && !current.words.is_empty()
            && current.lines < MOST_LINES
            && opener(line).is_some_and(|(address, ..)| address.eq_ignore_ascii_case(&current.told.address))
        {
            current.lines += 1;
            current.words.push(' ');
            current.words.push_str(trimmed);
            continue;
        }
        if let Some((address, rest, labelled)) = opener(line) {
            close(open.take(), &mut found);
            open = Some(Open {
                told: Told { address, ..Told::default() },
                // A label alone, such as "Unknown user:", is itself the reason.
                words: if rest.is_empty() && labelled { trimmed.to_owned() } else { rest.to_owned() },
                lines: 1,
                blank: false,
            });
            continue;
        }
        let Some(current) = &mut open else { continue };
        // A reason ends with its paragraph, unless that only announces one.
        let announced = current.words.trim().is_empty() || current.words.trim_end().ends_with(':');
        let indented = line.starts_with([' ', '\t']);
        let over = (current.blank && !announced && !(indented && current.lines < 3))
            || trimmed.starts_with("-----")
            || trimmed.starts_with("*****")
            || trimmed.starts_with("=====")
            || current.lines >= MOST_LINES;
        if over {
            if !announced || !trimmed.starts_with('-') {
                close(open.take(), &mut found);
            }
            continue;
        }
        current.blank = false;
        current.lines += 1;
        if !current.words.is_empty() {
            current.words.push(' ');
        }
        current.words.push_str(trimmed);
    }
    close(open.take(), &mut found);
    share_reasons(&mut found);
    if found.is_empty() { sentences(notice) } else { found }
}

/// What stands behind a line that announces the other server's own words.
fn quotes_other(line: &str) -> Option<&str> {
    const ANNOUNCE: &[&str] = &[
        "the error that the other server returned was:",
        "the response was:",
        "the response from the remote server was:",
    ];
    let lower = line.to_ascii_lowercase();
    let announced = ANNOUNCE.iter().find(|words| lower.starts_with(**words))?;
    line.get(announced.len()..).map(str::trim)
}

/// The address at the start of a line, and what follows it.
fn opener(line: &str) -> Option<(String, &str, bool)> {
    memchr::memchr(b'@', line.as_bytes())?;
    let text = line.trim_start_matches(|c: char| {
        c.is_whitespace() || matches!(c, '*' | '-' | '>' | '•' | '|' | '#' | '+')
    });
    let lower = text.to_ascii_lowercase();
    if NOT_ABOUT.iter().any(|words| lower.starts_with(words)) {
        return None;
    }
    // Longest label first, so that "recipient address:" is not read as "recipient".
    let label =
        LABELS.iter().filter(|label| lower.starts_with(**label)).map(|label| label.len()).max().unwrap_or(0);
    let text = text.get(label..)?;
    let (start, end) = address::find(text)?;
    let before = text.get(..start)?;
    if !before.chars().all(|c| c.is_whitespace() || matches!(c, '<' | '"' | '\'' | '(' | '[' | ':' | '*')) {
        return None;
    }
    let address = text.get(start..end)?.to_owned();
    let rest = text.get(end..)?;
    let rest = skip_copy(rest, &address);
    let rest = rest.trim_start_matches(|c: char| {
        c.is_whitespace() || matches!(c, '>' | '"' | '\'' | ')' | ']' | ':' | ',' | ';')
    });
    // "a@example.net wrote:", "a@example.net 様": a greeting or a quotation.
    if label == 0 && (rest.starts_with("wrote") || rest.starts_with('様') || rest.starts_with("さま")) {
        return None;
    }
    let telling = ["unknown", "exceeds", "full", "attempts", "invalid"];
    let labelled = lower.get(..label).is_some_and(|l| telling.iter().any(|word| l.contains(word)));
    Some((address, rest, labelled))
}

/// Past a second copy of the address: `a@x (a@x)<mailto:a@x>`.
fn skip_copy<'a>(rest: &'a str, address: &str) -> &'a str {
    let mut rest = rest;
    for _ in 0..3 {
        let trimmed = rest.trim_start_matches(['>', '"', ' ', ')']);
        let inner = trimmed.strip_prefix(['(', '<']).unwrap_or(trimmed);
        let inner = inner.strip_prefix("mailto:").unwrap_or(inner);
        match inner.strip_prefix(address) {
            Some(after) if trimmed.starts_with(['(', '<']) => rest = after,
            _ => break,
        }
    }
    rest
}

fn close(open: Option<Open>, found: &mut Vec<Told>) {
    let Some(Open { mut told, words, .. }) = open else { return };
    let words = words.trim();
    if !words.is_empty() {
        told.stage = stage(words);
        told.reasons.push(words.to_owned());
    }
    super::merge(found, vec![told]);
}

/// The command a reason names: `[RCPT_TO]`, `after RCPT command`.
fn stage(words: &str) -> Option<Stage> {
    let lower = words.to_ascii_lowercase();
    [
        ("rcpt_to", Stage::Rcpt),
        ("rcpt to", Stage::Rcpt),
        ("rcpt command", Stage::Rcpt),
        (">>> data", Stage::Data),
        ("end of data", Stage::Data),
    ]
    .into_iter()
    .find(|(mark, _)| lower.contains(mark))
    .map(|(_, stage)| stage)
}

/// Addresses listed together have one reason, told after the last of them.
fn share_reasons(found: &mut [Told]) {
    let mut last: Vec<String> = Vec::new();
    for told in found.iter_mut().rev() {
        if told.reasons.is_empty() {
            told.reasons.clone_from(&last);
        } else {
            last.clone_from(&told.reasons);
        }
    }
}

/// Without a list: sentences that say of an address that it failed.
fn sentences(notice: &str) -> Vec<Told> {
    const SAYS: &[&str] = &[
        "deliver",
        "recipient",
        "reach",
        "fail",
        "reject",
        "not found",
        "bounced",
        "unknown",
        "does not exist",
        "undeliver",
        "mailbox",
        "invalid",
        "disabled",
        "not a member",
        "error",
        "blocked",
        "address",
    ];
    let mut found = Vec::new();
    for line in notice.lines() {
        let lower = line.trim().to_ascii_lowercase();
        if NOT_ABOUT.iter().any(|words| lower.starts_with(words))
            || !SAYS.iter().any(|word| lower.contains(word))
        {
            continue;
        }
        for address in address::all(line).into_iter().take(20) {
            if !address.to_ascii_lowercase().starts_with("postmaster@") {
                super::merge(&mut found, vec![Told { address, ..Told::default() }]);
            }
        }
    }
    found
}
