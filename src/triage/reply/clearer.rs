//! What the words of a reply say together, where the phrase that was found stands
//! in sentences of other meanings too.

use super::{Basis, Decision};
use crate::data::smtp_senses;
use crate::triage::cause::Cause;

/// Groups whose single words stand in sentences of other meanings too.
const VAGUE: &[&str] = &[
    "sender",
    "policy",
    "security",
    "blocklist",
    "remote",
    "not-accept",
    "spam-source",
    "network",
    "expired",
    "content",
];

/// What the sentence says, where the phrase that was found is one of the vague ones.
pub(super) fn clearer(decision: Decision, text: &str) -> Decision {
    match &decision.basis {
        Basis::Phrase(group) if VAGUE.contains(&group.as_str()) => {
            // Who gave up could not be reached before: both are so, and the end counts.
            let ended = |sense: &Decision| group == "expired" && sense.cause == Cause::NetworkFailure;
            match sense(text).filter(|sense| !ended(sense)) {
                Some(sense) => Decision { weak: false, ..sense },
                None if matches!(group.as_str(), "sender" | "policy") && blames_address(text) => Decision {
                    cause: Cause::IpBlocklisted,
                    who: None,
                    action: Some("ask_why_listed"),
                    weak: true,
                    ..decision
                },
                None => decision,
            }
        }
        // "does not exist" of a domain is of no user; "domain not found" of a sender is of no recipient.
        Basis::Phrase(group) if matches!(group.as_str(), "unknown-user" | "sentence-user") => {
            let other = |sense: &Decision| {
                matches!(sense.cause, Cause::UnknownHost | Cause::SenderRejected | Cause::TlsFailed)
            };
            sense(text).filter(other).unwrap_or(decision)
        }
        Basis::Phrase(group) if group == "unknown-host" => {
            let of_sender =
                |sense: &Decision| matches!(sense.cause, Cause::SenderRejected | Cause::RelayingDenied);
            sense(text).filter(of_sender).unwrap_or(decision)
        }
        // "security" of a certificate, "failed" of a program.
        Basis::Phrase(group) if matches!(group.as_str(), "sentence-system" | "sentence-network") => {
            let other = |sense: &Decision| matches!(sense.cause, Cause::TlsFailed | Cause::MailerError);
            sense(text).filter(other).unwrap_or(decision)
        }
        // A quota per hour is one of sending, not of storage.
        Basis::Phrase(group) if group == "mailbox-full" => {
            sense(text).filter(|sense| sense.cause == Cause::RateLimited).unwrap_or(decision)
        }
        _ => decision,
    }
}

/// True where the words turn to an address: "IP: 192.0.2.4, you are not allowed".
fn blames_address(text: &str) -> bool {
    text.match_indices("ip").any(|(at, word)| {
        let rest = text.get(at + word.len()..).unwrap_or_default();
        let rest = rest.trim_start_matches([':', ' ', '[', '(', '=', '<']);
        let rest = rest.strip_prefix("address").map_or(rest, |rest| rest.trim_start_matches([':', ' ', '[']));
        let end =
            rest.find(|c: char| !(c.is_ascii_hexdigit() || matches!(c, '.' | ':'))).unwrap_or(rest.len());
        bounded(text, at)
            && rest
                .get(..end)
                .is_some_and(|ip| ip.trim_end_matches(['.', ':']).parse::<std::net::IpAddr>().is_ok())
    })
}

/// The meaning put together from words: tentative.
pub(super) fn sense(text: &str) -> Option<Decision> {
    let sense = smtp_senses::find(text)?;
    Some(Decision {
        cause: Cause::from_name(&sense.cause)?,
        who: None,
        action: Some(&sense.act),
        provider: None,
        basis: Basis::Sense(sense.id.clone()),
        weak: true,
        speaker: None,
        lead: None,
    })
}

/// True when no letter or digit stands before `at`.
pub(super) fn bounded(text: &str, at: usize) -> bool {
    let first_is_word =
        text.get(at..).and_then(|t| t.chars().next()).is_some_and(|c| c.is_ascii_alphanumeric());
    !first_is_word
        || text
            .get(..at)
            .and_then(|before| before.chars().next_back())
            .is_none_or(|c| !c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_blamed_where_it_stands_behind_its_name() {
        for text in
            ["ip: 192.0.2.4, you are not allowed", "from ip [2001:db8::1] rejected", "ip address 192.0.2.4."]
        {
            assert!(blames_address(text), "{text}");
        }
        for text in [
            "you are not allowed to send",
            "the recipient 192.0.2.4",
            "ship 192.0.2.4",
            "ip address rejected",
        ] {
            assert!(!blames_address(text), "{text}");
        }
    }
}
