//! Who gave a reply, as far as its own words show.

use super::{Basis, Decision, peer};
use crate::data::smtp_replies::CATALOGUE;
use crate::model::speaker::{Speaker, Stage};
use crate::parse::smtp::reply::{Reply, Wrapper};
use crate::triage::cause::Cause;

/// Words of a service the sender has an account with.
const ACCOUNT: &[&str] = &[
    "smtp account",
    "your account",
    "sending quota",
    "sending rate exceeded",
    "throttling failure",
    "daily message quota",
    "per hour",
    "sending domain",
    "is not verified",
    "not verified",
    "sendasdenied",
    "submission quota",
    "authentication required",
    "authentication credentials",
    "invalid login",
    "authentication failed",
    "free accounts",
    "suppression list",
    "marked as inactive",
    "credits",
    "plan",
];

/// The party whose words the reply is.
pub(super) fn of(reply: &Reply, lower: &str, decision: &Decision, proven: Option<Speaker>) -> Speaker {
    // The decision has heard who is proven to have spoken; a list that refuses the
    // receiver's resolver shows in the words alone.
    decision.speaker.or(proven).unwrap_or_else(|| by_words(reply, lower, decision))
}

/// Codes by which Microsoft 365 refuses what its own tenant sends: limits, accounts and domains of the sender
/// ("Email non-delivery reports in Exchange Online").
fn is_of_tenant(reply: &Reply, decision: &Decision) -> bool {
    let microsoft = decision
        .provider
        .and_then(|index| CATALOGUE.providers.get(index))
        .is_some_and(|provider| provider.tag == "ms_365");
    microsoft
        && reply.enhanced.is_some_and(|code| {
            matches!((code.class, code.subject, code.detail), (5, 1, 90) | (5, 7, 501..=503 | 703..=708 | 750))
        })
}

/// True of wordings that only a service or tenant of the sender's own writes.
fn is_of_account(decision: &Decision) -> bool {
    match &decision.basis {
        Basis::Phrase(group) => group.starts_with("account-"),
        Basis::Pattern(id) => {
            let pattern = CATALOGUE.patterns.iter().find(|pattern| pattern.id == *id);
            let category = pattern.and_then(|pattern| CATALOGUE.categories.get(pattern.category));
            category.is_some_and(|category| category.name == "account_suspended")
        }
        _ => false,
    }
}

/// As far as the words show.
pub(super) fn by_words(reply: &Reply, lower: &str, decision: &Decision) -> Speaker {
    // A list or mailbox that takes mail of its own people only is the receiver's, whatever it asks for.
    if matches!(&decision.basis, Basis::Phrase(group) if group == "own-words-group") {
        return Speaker::Receiver;
    }
    let inside = matches!(peer::peer(lower), Some(peer::Peer::Inside(_) | peer::Peer::Socket(_)));
    match (reply.code, inside) {
        (Some(_), true) => return Speaker::OwnFilter,
        (None, true) => return Speaker::OwnServer,
        // Nobody answered: the server that tried says so.
        (None, false) if reply.host.is_none() || reply.wrapper == Some(Wrapper::Broken) => {
            return Speaker::OwnServer;
        }
        _ => {}
    }
    if is_of_account(decision) || is_of_tenant(reply, decision) {
        return Speaker::OwnRelay;
    }
    let account = matches!(
        decision.cause,
        Cause::Suppressed
            | Cause::RateLimited
            | Cause::TooManyConnections
            | Cause::SecurityRejected
            | Cause::SenderRejected
            | Cause::PolicyRejected
    ) && ACCOUNT.iter().any(|words| lower.contains(words));
    match account || reply.stage == Some(Stage::Auth) {
        true => Speaker::OwnRelay,
        false => Speaker::Receiver,
    }
}
