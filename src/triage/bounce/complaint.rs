//! Whose complaint it is: receivers name the recipient, or keep the name to themselves.

use super::{Recipient, plain, same_mailbox};
use crate::parse::bounce::{Notice, Original};
use crate::triage::cause::Cause;

pub(super) fn of(notice: &Notice) -> Vec<Recipient> {
    let event = notice.event.iter().flat_map(|e| e.recipients.iter().map(|r| r.address.clone()));
    let fields = notice.feedback.iter().flat_map(|f| f.recipients.iter().cloned());
    complainers(fields.chain(event).chain(notice.complaint_recipient.clone()), &notice.original)
}

/// Who complains: whom the report names, else the one whom the message was written to.
pub(super) fn complainers(named: impl IntoIterator<Item = String>, original: &Original) -> Vec<Recipient> {
    let mut addresses: Vec<String> = Vec::new();
    for address in named.into_iter().filter(|address| !is_redacted(address)) {
        if !addresses.iter().any(|known| same_mailbox(known, &address)) {
            addresses.push(address);
        }
    }
    if addresses.is_empty() {
        // Of several whom the message was written to, each may be the one who complains.
        addresses = original.only_recipient().map(str::to_owned).into_iter().collect();
    }
    if addresses.is_empty() {
        // Receivers redact the complaining recipient: the complaint stands all the same.
        addresses.push(String::new());
    }
    addresses.into_iter().map(|address| plain(address, Cause::Complaint)).collect()
}

/// True of what a receiver writes in the place of an address that it keeps to itself (RFC 6590).
fn is_redacted(address: &str) -> bool {
    let local = address.split('@').next().unwrap_or_default().to_ascii_lowercase();
    let plain = local.trim_matches(['[', ']', '<', '>', '(', ')', '-', '_', '*', ' ']);
    let crossed = !plain.is_empty() && plain.len() >= 3 && plain.bytes().all(|b| b == b'x');
    let words =
        ["redacted", "redacted-address", "redacted_address", "hidden", "anonymized", "anonymised", "removed"];
    crossed || plain.is_empty() && !local.is_empty() || words.contains(&plain)
}

#[cfg(test)]
mod tests {
    use super::is_redacted;

    #[test]
    fn what_stands_for_an_address_is_none() {
        for text in [
            "redacted@example.net",
            "[redacted]@example.net",
            "xxxxxx@example.net",
            "redacted-address@example.net",
            "[redacted]",
        ] {
            assert!(is_redacted(text), "{text}");
        }
        for text in ["bob@example.net", "xx@example.net", "max@example.net", "redactor@example.net"] {
            assert!(!is_redacted(text), "{text}");
        }
    }
}
