//! What the point of the dialogue says before the words do: `HELO` is about the
//! name, `MAIL` about the sender, `RCPT` about the recipient, the greeting about
//! the address; and lists that refuse the receiver's resolver are about neither.

use super::{Basis, Decision, Who, wording};
use crate::data::blocklists::catalogue;
use crate::model::Name;
use crate::model::speaker::{Speaker, Stage};
use crate::parse::smtp::reply::{Reply, Wrapper};
use crate::triage::cause::Cause;

/// The decision as the stage and the party complained of correct it.
pub(super) fn correct(reply: &Reply, lower: &str, decision: Decision) -> Decision {
    if let Some(fault) = resolver(reply, lower, &decision) {
        return fault;
    }
    let said = said(&reply.text).to_lowercase();
    if complains_of_helo(&said) && may_be_helo(&decision) {
        return about(decision, Cause::ProtocolError, "fix_helo");
    }
    if complains_of_sender(lower) && decision.cause != Cause::Greylisted {
        return about(decision, Cause::SenderRejected, "fix_sender");
    }
    let loose = is_loose(&decision);
    if of_greeting(reply, &decision) {
        return about(decision, Cause::RemoteError, "wait_retry");
    }
    // qmail names the refused command in words of its own.
    let sender_refused = lower.contains("but sender was rejected");
    if sender_refused && loose && (unstated(decision.cause) || of_recipient(decision.cause)) {
        return about(decision, Cause::SenderRejected, "fix_sender");
    }
    match reply.stage {
        Some(Stage::Hello) if loose && refused(reply) && unstated(decision.cause) => {
            about(decision, Cause::ProtocolError, "fix_helo")
        }
        Some(Stage::Connect) if loose && refused(reply) && unstated(decision.cause) => {
            about(decision, Cause::IpBlocklisted, "")
        }
        Some(Stage::Mail) if loose && of_recipient(decision.cause) => {
            about(decision, Cause::SenderRejected, "fix_sender")
        }
        _ => decision,
    }
}

/// A greeting that puts off has seen no message: by its code alone, or by the words
/// around it, it is of the server and never of storage.
fn of_greeting(reply: &Reply, decision: &Decision) -> bool {
    let puts_off = reply.code.is_some_and(|code| (400..500).contains(&code));
    if reply.wrapper != Some(Wrapper::RefusedToTalk) || !puts_off {
        return false;
    }
    match &decision.basis {
        Basis::ReplyCode(_) | Basis::EnhancedCode(_) | Basis::Learnt(_) => {
            matches!(decision.cause, Cause::RemoteFull | Cause::MailboxFull)
        }
        Basis::Pattern(id) => id == "pf-refused-talk" && matches!(reply.code, Some(422 | 452)),
        _ => false,
    }
}

fn about(decision: Decision, cause: Cause, action: &'static str) -> Decision {
    Decision { cause, who: None, action: (!action.is_empty()).then_some(action), lead: None, ..decision }
}

fn refused(reply: &Reply) -> bool {
    reply.code.is_some_and(|code| code >= 500)
}

/// Decided by words that many servers use, or by a code.
fn is_loose(decision: &Decision) -> bool {
    match &decision.basis {
        Basis::Pattern(id) => wording::is_shared(id),
        _ => true,
    }
}

/// Refusals whose words name no reason.
fn unstated(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::SenderRejected | Cause::PolicyRejected | Cause::SecurityRejected | Cause::Undetermined
    )
}

/// Causes that only a recipient can have.
fn of_recipient(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::UnknownUser
            | Cause::UnknownHost
            | Cause::MailboxDisabled
            | Cause::RecipientFiltered
            | Cause::MailNotAccepted
    )
}

/// The reply without what the client adds: "(in reply to MAIL FROM command)".
fn said(text: &str) -> &str {
    text.find("(in reply to ").and_then(|at| text.get(..at)).unwrap_or(text)
}

fn may_be_helo(decision: &Decision) -> bool {
    is_loose(decision)
        && !matches!(
            decision.cause,
            Cause::PtrRequired
                | Cause::AuthenticationFailed
                | Cause::TlsFailed
                | Cause::RateLimited
                | Cause::TooManyConnections
                | Cause::Greylisted
                | Cause::SpamContent
        )
}

/// True where the words refuse the name given in HELO or EHLO.
fn complains_of_helo(said: &str) -> bool {
    const ABOUT: &[&str] = &[
        "reject",
        "invalid",
        "bad ",
        "impersonat",
        "fully-qualified",
        "fully qualified",
        "fqdn",
        "forged",
        "fake",
        "refused",
        "denied",
        "not accept",
        "incorrect",
        "wrong",
        "malformed",
        "illegal",
        "resolve",
        "not found",
        "mismatch",
        "match",
        "unacceptable",
        "violat",
        "unqualified",
        "numeric",
        "my own",
        "own name",
        "argument",
        "hostname",
        "localhost",
        "not allowed",
        "must be",
        "ungültig",
        "inválido",
        "invalide",
    ];
    let word = |name: &str| {
        said.match_indices(name).any(|(at, _)| {
            let edge = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
            edge(said.get(..at).and_then(|t| t.chars().next_back()))
                && edge(said.get(at + name.len()..).and_then(|t| t.chars().next()))
        })
    };
    (word("helo") || word("ehlo") || word("helo/ehlo") || said.contains("helo name"))
        && ABOUT.iter().any(|word| said.contains(word))
        && !["listed", "blacklist", "blocklist", "spamhaus", "first", "implemented", "recogni", "spf"]
            .iter()
            .any(|word| said.contains(word))
}

/// True where the words are about the sender's address, whatever it is they tried.
fn complains_of_sender(lower: &str) -> bool {
    [
        "sender address rejected: unverified",
        "sender address rejected: undeliverable",
        "could not verify sender",
    ]
    .iter()
    .any(|words| lower.contains(words))
}

/// Lists that answer every question of a resolver they refuse, or that are closed.
fn resolver(reply: &Reply, lower: &str, decision: &Decision) -> Option<Decision> {
    const REFUSED: &[&str] = &[
        "error: open resolver",
        "open resolver;",
        "using an open resolver",
        "excessive number of queries",
        "excessive queries",
        "127.255.255.25",
        "spamhaus.org/returnc/",
        "uribl.com/refused",
        "query volume exceeded",
        "query limit exceeded",
        "exceeded the dnsbl query",
        "queries from public",
        "public resolver",
    ];
    let refused = REFUSED.iter().any(|words| lower.contains(words));
    let dead = || {
        matches!(
            decision.cause,
            Cause::IpBlocklisted | Cause::BadReputation | Cause::SpamContent | Cause::PolicyRejected
        ) && reply.lists().iter().any(|zone| catalogue().dead(&Name::lenient(zone)).is_some())
    };
    (refused || dead()).then(|| Decision {
        cause: Cause::IpBlocklisted,
        who: Some(Who::Receiver),
        action: Some("tell_recipient_admin"),
        speaker: Some(Speaker::ReceiverResolver),
        basis: Basis::Phrase("receiver-resolver".to_owned()),
        lead: None,
        weak: false,
        provider: decision.provider,
    })
}
