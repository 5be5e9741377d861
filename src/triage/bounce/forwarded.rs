//! Mail that was written to one address and failed at another: somebody between forwarded it, which breaks SPF
//! whatever the sender publishes.

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
}

/// The forwarding that the notice shows: the failed address is none of those the message was written to.
pub(super) fn of(failed: &str, original: Option<&str>, notice: &Notice) -> Option<Forwarded> {
    let differs = |written: &&str| written.contains('@') && !written.eq_ignore_ascii_case(failed);
    let to = &notice.original.to;
    let named = to.iter().any(|to| to.eq_ignore_ascii_case(failed));
    if named || !failed.contains('@') {
        return None;
    }
    let written = original.filter(differs).or_else(|| to.first().map(String::as_str).filter(differs))?;
    let reporting = notice.report.as_ref().and_then(|report| report.reporting_mta.clone());
    let domain = |address: &str| address.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase());
    let of_sender = |host: &String| {
        notice
            .to
            .as_deref()
            .and_then(domain)
            .is_some_and(|domain| host.to_ascii_lowercase().ends_with(&domain))
    };
    let by = reporting.filter(|host| !of_sender(host));
    Some(Forwarded { written: written.to_owned(), failed: failed.to_owned(), by })
}

/// The verdict, with what a forwarding changes: after it only a DKIM signature that survives can pass.
pub(super) fn advise(mut verdict: ReplyVerdict, forwarded: Option<&Forwarded>) -> ReplyVerdict {
    let Some(way) = forwarded.filter(|_| verdict.cause == Cause::AuthenticationFailed) else {
        return verdict;
    };
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
