//! Status codes (RFC 3463) of bounces: where they come from, which are plain,
//! and which says the same as a cause.

use super::Kind;
use crate::model::enhanced_code::EnhancedCode;
use crate::parse::bounce::Notice;
use crate::parse::bounce::dsn::Action;
use crate::parse::smtp::reply::Reply;
use crate::triage::cause::Cause;

/// Where an enhanced code was taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CodeFrom {
    /// The reply that is quoted.
    Reply,
    /// The report's `Status` field.
    Report,
    /// Nobody wrote one: RFC 3463's code of the same meaning as the cause.
    Meaning,
}

impl CodeFrom {
    /// The word in JSON.
    pub fn name(self) -> &'static str {
        match self {
            CodeFrom::Reply => "reply",
            CodeFrom::Report => "report",
            CodeFrom::Meaning => "meaning",
        }
    }
}

/// RFC 3463's code for a cause.
pub(super) fn of_cause(cause: Cause, permanent: Option<bool>) -> EnhancedCode {
    let class = match (cause, permanent) {
        (Cause::Delivered | Cause::AcceptedByRelay, _) => 2,
        (_, Some(false)) => 4,
        _ => 5,
    };
    let (subject, detail) = match cause {
        Cause::UnknownUser => (1, 1),
        Cause::UnknownHost => (1, 2),
        Cause::RecipientMoved => (1, 6),
        Cause::SenderRejected => (1, 8),
        Cause::RecipientFiltered => (2, 0),
        Cause::MailboxDisabled => (2, 1),
        Cause::MailboxFull => (2, 2),
        Cause::RemoteFull => (3, 1),
        Cause::MailNotAccepted => (3, 2),
        Cause::MessageTooLarge => (3, 4),
        Cause::RemoteError | Cause::MailerError => (3, 0),
        Cause::NetworkFailure => (4, 1),
        Cause::QueueExpired => (4, 7),
        Cause::RateLimited | Cause::TooManyConnections => (4, 5),
        Cause::ProtocolError => (5, 0),
        Cause::ContentRejected | Cause::NotCompliant => (6, 0),
        Cause::PtrRequired => (7, 25),
        Cause::AuthenticationFailed => (7, 26),
        Cause::IpBlocklisted
        | Cause::BadReputation
        | Cause::RelayingDenied
        | Cause::PolicyRejected
        | Cause::SpamContent
        | Cause::Virus
        | Cause::Greylisted => (7, 1),
        Cause::SecurityRejected | Cause::TlsFailed => (7, 0),
        Cause::Suppressed
        | Cause::Complaint
        | Cause::AutoReply
        | Cause::Delivered
        | Cause::AcceptedByRelay
        | Cause::Undetermined => (0, 0),
    };
    EnhancedCode::new(class, subject, detail)
}

/// A status that says one thing: RFC 3463 detail other than "other or undefined". X.4.3 is any directory
/// that did not answer, name servers among them: the words say which.
pub(super) fn is_plain(code: EnhancedCode) -> bool {
    code.detail != 0 && !matches!((code.subject, code.detail), (7 | 2 | 4, 1) | (4, 3)) && code.subject != 5
}

/// True where the status or the words of a report's fields hold a code of failure,
/// whatever its action says.
pub(super) fn is_failure<'w>(
    status: Option<EnhancedCode>,
    mut fields: impl Iterator<Item = &'w String>,
) -> bool {
    let of_words = |words: &String| {
        let read = Reply::read(words);
        read.code.is_some_and(|code| code >= 400) || read.enhanced.is_some_and(|code| code.class >= 4)
    };
    status.is_some_and(|code| code.class >= 4) || fields.any(of_words)
}

/// Whether the failure is for good; `None` where nothing says so.
pub(super) fn permanent(
    code: Option<u16>,
    enhanced: Option<EnhancedCode>,
    action: Option<Action>,
    notice: &Notice,
    kind: Kind,
) -> Option<bool> {
    if action == Some(Action::Delayed) || kind == Kind::Delay {
        return Some(false);
    }
    // A 4xx stays temporary whatever stands beside it.
    if code.is_some_and(|code| (400..500).contains(&code)) {
        return Some(false);
    }
    if let Some(enhanced) = enhanced.filter(|code| code.class >= 4) {
        return Some(enhanced.class == 5);
    }
    if let Some(code) = code.filter(|code| *code >= 400) {
        return Some(code >= 500);
    }
    match notice.event.as_ref().and_then(|e| e.bounce_type.as_deref()) {
        Some("transient") => return Some(false),
        Some("permanent") => return Some(true),
        _ => {}
    }
    (action == Some(Action::Failed) || kind == Kind::Bounce).then_some(true)
}
