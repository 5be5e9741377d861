//! Whose a refusal before the queue is, as far as its line shows more than the words: the sender's own server,
//! a filter that it asks, or the recipient's.

use super::Recipient;
use crate::data::special_addresses::is_inside;
use crate::model::speaker::Speaker;
use crate::model::untrusted::{Width, plain};
use crate::parse::log::Kind;
use crate::parse::log::postfix;
use crate::parse::log::record::LogEvent;
use crate::parse::web::psl::organization_of;
use crate::triage::cause::Cause;
use crate::triage::reply::Who;

/// True where the server that refused is the sender's own: who logs in, comes from within, or shares its domain.
fn is_own_refusal(event: &LogEvent) -> bool {
    let inside = event.ip.parse::<std::net::IpAddr>().is_ok_and(is_inside);
    let of_sender = is_of(&event.sender, &event.log_host);
    let of_recipient = is_of(&event.recipient, &event.log_host);
    event.kind == Kind::Rejected
        && !of_recipient
        && (inside || of_sender || outside_brackets(&event.line).contains("sasl_username="))
}

/// What the server itself wrote: names and addresses of the client stand in angle brackets.
fn outside_brackets(line: &str) -> String {
    line.split('<').map(|piece| piece.rsplit('>').next().unwrap_or_default()).collect::<Vec<_>>().join(" ")
}

/// Whose a refusal is, as far as its line shows more than the words.
pub(super) fn settle(recipient: &mut Recipient, event: &LogEvent) {
    if event.line.contains("milter-reject: ") {
        by_milter(recipient, event);
    }
    if is_by_content(event) {
        by_content(recipient, event);
    }
    if is_own_refusal(event) {
        own_refusal(recipient, event);
    }
}

/// A filter that the server which wrote the line asks (Postfix `smtpd_milters`, sendmail `InputMailFilters`): a
/// temporary answer is mostly that the filter did not answer, and neither side else can mend that.
fn by_milter(recipient: &mut Recipient, event: &LogEvent) {
    let machine = machine(event);
    let of_recipient = is_of(&event.recipient, &event.log_host);
    if !of_recipient && !is_own_refusal(event) {
        // Whose the server is stays open: mail of strangers comes in there too.
        return;
    }
    recipient.speaker = Some(if of_recipient { Speaker::Receiver } else { Speaker::OwnFilter });
    let says_why =
        matches!(recipient.cause, Some(Cause::Greylisted | Cause::RateLimited | Cause::TooManyConnections));
    if recipient.permanent != Some(false) || says_why {
        return;
    }
    recipient.who = if of_recipient { Who::Receiver } else { Who::Sender };
    recipient.page = None;
    recipient.advice = vec![
        format!(
            "Look at the milter that {machine} asks (smtpd_milters, non_smtpd_milters): a warning of its mail server just before this line (milter ...: can't read, connection refused, timed out) says that the milter did not answer; start it then. Without such a warning the milter itself put the mail off: see its own log."
        ),
        "Nothing is lost: the client was told to try again.".to_owned(),
    ];
}

/// True of Postfix's `header_checks` and their kin: a table of the server that wrote the line refused what stands in
/// the message, in words of its owner's.
fn is_by_content(event: &LogEvent) -> bool {
    let verdict = event.line.split_once(": reject: ").map_or("", |(_, verdict)| verdict);
    event.agent == "cleanup" && postfix::is_of_content(verdict.as_bytes())
}

fn by_content(recipient: &mut Recipient, event: &LogEvent) {
    let of_recipient = is_of(&event.recipient, &event.log_host);
    recipient.cause = Some(Cause::ContentRejected);
    recipient.title = None;
    recipient.permanent = recipient.permanent.or(Some(!event.enhanced.starts_with('4')));
    recipient.speaker = Some(if of_recipient { Speaker::Receiver } else { Speaker::OwnServer });
    recipient.who = Who::Sender;
    recipient.page = None;
    recipient.advice = vec![
        "Change what the refusal names, and send the message again.".to_owned(),
        format!(
            "Where the content is wanted, change the rule: header_checks, mime_header_checks, nested_header_checks or body_checks of {}.",
            machine(event)
        ),
    ];
}

/// The server that wrote the line, by its name.
fn machine(event: &LogEvent) -> String {
    match event.log_host.as_str() {
        "" => "the server that wrote this log".to_owned(),
        host => plain(host, Width::Name),
    }
}

fn is_of(address: &str, host: &str) -> bool {
    let domain = address.rsplit_once('@').map(|(_, domain)| organization_of(domain));
    host.contains('.') && domain.is_some_and(|domain| domain == organization_of(host))
}

/// A limit or rule of the sender's own server is the sender's, whatever its words are.
fn own_refusal(recipient: &mut Recipient, event: &LogEvent) {
    if !matches!(
        recipient.cause,
        Some(
            Cause::RateLimited
                | Cause::TooManyConnections
                | Cause::PolicyRejected
                | Cause::RemoteError
                | Cause::RemoteFull
                | Cause::MailerError
        )
    ) {
        return;
    }
    recipient.speaker = Some(Speaker::OwnServer);
    recipient.who = Who::Sender;
    let faulty = matches!(recipient.cause, Some(Cause::RemoteError | Cause::RemoteFull | Cause::MailerError));
    if faulty && !event.line.contains("milter-reject: ") {
        let machine = machine(event);
        recipient.advice = vec![format!(
            "Read the lines around this one in the log of {machine}, the sender's own server: a table, directory, policy service or disk of that server fails, and a warning says which."
        )];
        recipient.page = None;
    }
    if recipient.cause == Some(Cause::PolicyRejected) {
        let machine = machine(event);
        recipient.advice = vec![format!(
            "Find the rule that refused it on {machine}, the sender's own server: its policy service, access table or restriction for this sender, client or recipient."
        )];
        recipient.page = None;
    }
}
