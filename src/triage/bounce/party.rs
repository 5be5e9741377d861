//! Whose server a notice names, as far as its name proves it.

use crate::parse::bounce::Notice;

/// True where the server that reports belongs to the recipient's domain: its own
/// broken parts are then the receiver's.
pub(super) fn reports_itself(notice: &Notice, address: &str) -> bool {
    let reporting = match &notice.report {
        Some(report) => report.reporting_mta.as_deref(),
        // A notice in prose names its system in From.
        None => notice.from_domain(),
    };
    let (Some(host), Some((_, domain))) = (reporting, address.rsplit_once('@')) else { return false };
    is_within(host, domain)
}

/// True for the domain itself and hosts below it.
pub(super) fn is_within(host: &str, domain: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let domain = domain.to_ascii_lowercase();
    host.strip_suffix(&domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// True where the server that took the message is one of the recipient's domain, as far as its name proves it.
pub(super) fn is_receiver(remote: Option<&str>, address: &str) -> bool {
    let (Some(host), Some((_, domain))) = (remote, address.rsplit_once('@')) else {
        return false;
    };
    is_within(host, domain)
}
