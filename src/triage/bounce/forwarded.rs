//! Mail that was written to one address and failed at another: somebody between forwarded it, which breaks SPF
//! whatever the sender publishes.

use super::party;
use crate::model::untrusted::{Width, plain};
use crate::parse::bounce::Notice;
use crate::triage::cause::Cause;
use crate::triage::reply::ReplyVerdict;

/// The way a forwarded message went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Forwarded {
    /// Whom it was written to.
    written: String,
    /// Where it failed.
    failed: String,
    /// Who sent it on, where that is not the sender's own server.
    by: Option<String>,
    /// The notice names the address that the message was written to; else a blind copy looks the same.
    sure: bool,
}

/// The forwarding that the notice shows: the failed address is none of those the message was written to.
pub(super) fn of(failed: &str, original: Option<&str>, notice: &Notice) -> Option<Forwarded> {
    let differs = |written: &&str| written.contains('@') && !written.eq_ignore_ascii_case(failed);
    let to = &notice.original.to;
    let named = to.iter().any(|to| to.eq_ignore_ascii_case(failed));
    if named || !failed.contains('@') {
        return None;
    }
    let stated = original.filter(differs);
    let written = stated.or_else(|| to.first().map(String::as_str).filter(differs))?;
    let reporting = notice.report.as_ref().and_then(|report| report.reporting_mta.clone());
    // The notice goes to the sender.
    let of_sender = |host: &String| {
        let domain = notice.to.as_deref().and_then(|to| to.rsplit_once('@'));
        domain.is_some_and(|(_, domain)| party::is_within(host, domain))
    };
    let by = reporting.filter(|host| !of_sender(host));
    Some(Forwarded { written: written.to_owned(), failed: failed.to_owned(), by, sure: stated.is_some() })
}

/// The verdict, with what a forwarding changes: after it only a DKIM signature that survives can pass.
pub(super) fn advise(mut verdict: ReplyVerdict, forwarded: Option<&Forwarded>) -> ReplyVerdict {
    let Some(way) = forwarded.filter(|_| verdict.cause == Cause::AuthenticationFailed) else {
        return verdict;
    };
    if !way.sure {
        verdict.action.push(format!(
            "if {} forwards its mail to {} (the message was addressed to the former; a blind copy looks the same), SPF fails there for the forwarder's address whatever the sender's record says: sign with DKIM under the From domain, and have the forwarding rewrite the envelope sender (SRS)",
            plain(&way.written, Width::Line),
            plain(&way.failed, Width::Line)
        ));
        return verdict;
    }
    let by = way.by.as_deref().map_or(String::new(), |host| format!(" ({})", plain(host, Width::Name)));
    let step = format!(
        "the message was written to {} and forwarded{by} to {}, which refused it: SPF fails there for the forwarder's address whatever the sender's record says, so sign with DKIM under the From domain, which survives a forwarding that changes nothing",
        plain(&way.written, Width::Line),
        plain(&way.failed, Width::Line)
    );
    let other = format!(
        "where the message was signed, the forwarding broke the signature or keeps the sender's address: whoever runs the forwarding of {} must leave the message unchanged and rewrite the envelope sender (SRS), or the recipient fetches the mail there instead",
        plain(&way.written, Width::Line)
    );
    verdict.action.insert(0, step);
    verdict.action.insert(1, other);
    verdict
}
