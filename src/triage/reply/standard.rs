//! What the codes mean by themselves, for texts nobody knows: RFC 3463,
//! RFC 5248 (registry), RFC 7372, RFC 7505 and RFC 5321 section 4.2.

use super::{Basis, Decision, Who};
use crate::model::enhanced_code::EnhancedCode;
use crate::parse::smtp::reply::{Reply, Wrapper};
use crate::triage::cause::Cause;

/// The cause by enhanced code, then by reply code, and which of them it was.
pub(super) fn decide(reply: &Reply) -> Decision {
    if let Some(code) = reply.enhanced
        && let Some(cause) = meaning(code)
    {
        let decided = of_code(code, cause);
        return match (code.class, code.subject, code.detail) {
            // "Other mail system status" explains no refusal: that the server has a fault is not said.
            (5, 3, 0) if refuses(&reply.text) => Decision { cause: Cause::Undetermined, ..decided },
            _ => decided,
        };
    }
    if let Some(code) = reply.code
        && let Some(cause) = code_meaning(code)
    {
        return decision(cause, Basis::ReplyCode(code));
    }
    if reply.wrapper == Some(Wrapper::Broken) {
        return decision(Cause::NetworkFailure, Basis::Phrase("broken-connection".into()));
    }
    decision(Cause::Undetermined, basis(reply))
}

/// Words of a refusal, not of a fault.
fn refuses(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["reject", "refus", "denied", "not accepted"].iter().any(|word| lower.contains(word))
}

/// An enhanced code that says one thing only, whatever the words.
pub(super) fn decisive(reply: &Reply) -> Option<Decision> {
    let code = reply.enhanced?;
    let plain = matches!(
        (code.subject, code.detail),
        (1, 1 | 2 | 3 | 6 | 10)
            | (2, 2 | 3 | 4 | 121 | 122)
            | (3, 1 | 4)
            | (4, 6 | 7)
            | (5, 3)
            | (7, 10 | 11 | 13 | 17 | 18 | 20..=27)
    );
    if !plain {
        return None;
    }
    meaning(code).map(|cause| of_code(code, cause))
}

/// The decision by an enhanced code, with what is to be done where the code says it.
fn of_code(code: EnhancedCode, cause: Cause) -> Decision {
    let decided = decision(cause, Basis::EnhancedCode(code.to_string()));
    match (code.subject, code.detail) {
        (4, 6) => Decision { who: Some(Who::Receiver), action: Some("fix_loop"), ..decided },
        (5, 3) => Decision { action: Some("split_transactions"), ..decided },
        (6, 3) => Decision { action: Some("send_7bit"), ..decided },
        _ => decided,
    }
}

/// The strongest code the reply has.
pub(super) fn basis(reply: &Reply) -> Basis {
    match (reply.enhanced, reply.code) {
        (Some(code), _) => Basis::EnhancedCode(code.to_string()),
        (None, Some(code)) => Basis::ReplyCode(code),
        (None, None) => Basis::Nothing,
    }
}

fn decision(cause: Cause, basis: Basis) -> Decision {
    Decision { cause, who: None, action: None, provider: None, basis, weak: true, speaker: None, lead: None }
}

fn meaning(code: EnhancedCode) -> Option<Cause> {
    Some(match (code.subject, code.detail) {
        (1, 0 | 1 | 3 | 4) => Cause::UnknownUser,
        (1, 2) => Cause::UnknownHost,
        (1, 5) => Cause::Delivered,
        (1, 6) => Cause::RecipientMoved,
        (1, 7 | 8) => Cause::SenderRejected,
        (1, 9) => Cause::RemoteError,
        (1, 10) => Cause::MailNotAccepted,
        (2, 0) => Cause::RecipientFiltered,
        (2, 1) => Cause::MailboxDisabled,
        (2, 2) => Cause::MailboxFull,
        (2, 3) => Cause::MessageTooLarge,
        (2, 4) => Cause::RemoteError,
        (2, 121 | 122) => Cause::RateLimited,
        (3, 1) => Cause::RemoteFull,
        // RFC 3463 section 3.4: a system that takes no mail now may be shut down for a while.
        (3, 2) if code.class == 4 => Cause::RemoteError,
        (3, 2) => Cause::MailNotAccepted,
        (3, 4) => Cause::MessageTooLarge,
        (3, _) => Cause::RemoteError,
        (4, 1 | 7) => Cause::QueueExpired,
        (4, 3) => Cause::RemoteError,
        (4, 4) => Cause::UnknownHost,
        (4, 5) => Cause::RateLimited,
        (4, 317) => Cause::TlsFailed,
        (4, _) => Cause::NetworkFailure,
        (5, 3) => Cause::TooManyConnections,
        (5, _) => Cause::ProtocolError,
        // RFC 6531 section 3.7.4: an address or a reply outside ASCII.
        (6, 7 | 8 | 10) => Cause::ProtocolError,
        // Conversion required but not supported: 8-bit text for a server of seven bits.
        (6, 3) => Cause::ProtocolError,
        (6, _) => Cause::ContentRejected,
        (7, 4 | 10 | 11) => Cause::TlsFailed,
        (7, 13) => Cause::MailboxDisabled,
        (7, 17 | 18) => Cause::RecipientMoved,
        (7, 20..=24 | 26 | 29 | 30) => Cause::AuthenticationFailed,
        (7, 25) => Cause::PtrRequired,
        (7, 27) => Cause::MailNotAccepted,
        (7, 28) => Cause::RateLimited,
        (7, _) => Cause::SecurityRejected,
        _ => return None,
    })
}

fn code_meaning(code: u16) -> Option<Cause> {
    Some(match code {
        421 | 451 | 454 | 458 => Cause::RemoteError,
        452 => Cause::RemoteFull,
        500..=504 | 555 => Cause::ProtocolError,
        521 | 556 => Cause::MailNotAccepted,
        523 => Cause::MessageTooLarge,
        525 => Cause::MailboxDisabled,
        530 | 534 | 535 | 538 => Cause::SecurityRejected,
        541 => Cause::PolicyRejected,
        551 => Cause::UnknownUser,
        552 => Cause::MailboxFull,
        553 => Cause::UnknownUser,
        _ => return None,
    })
}
