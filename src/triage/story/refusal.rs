//! What never got a queue id: refused before it was queued, or ended by a rule at once.

use super::fate;
use super::outcome::{blank, complained, heading, stage, status};
use super::{Message, Recipient, Status, answer};
use crate::data::special_addresses::is_inside;
use crate::model::enhanced_code::EnhancedCode;
use crate::model::speaker::Speaker;
use crate::model::untrusted::{Width, plain};
use crate::parse::log::Kind;
use crate::parse::log::event::NO_TIME;
use crate::parse::log::record::LogEvent;
use crate::parse::web::psl::organization_of;
use crate::triage::cause::Cause;
use crate::triage::custody::Hosts;
use crate::triage::reply::{self, Setting, Who};

/// True where the server that refused is the sender's own: who logs in, comes from within, or shares its domain.
fn is_own_refusal(event: &LogEvent) -> bool {
    let inside = event.ip.parse::<std::net::IpAddr>().is_ok_and(is_inside);
    let of_sender = is_of(&event.sender, &event.log_host);
    let of_recipient = is_of(&event.recipient, &event.log_host);
    event.kind == Kind::Rejected
        && !of_recipient
        && (inside || of_sender || event.line.contains("sasl_username="))
}

/// Whose a refusal is, as far as its line shows more than the words.
pub(super) fn settle(recipient: &mut Recipient, event: &LogEvent) {
    if event.line.contains("milter-reject: ") {
        by_milter(recipient, event);
    }
    if is_own_refusal(event) {
        own_refusal(recipient, event);
    }
}

/// A filter that the server which wrote the line asks (Postfix `smtpd_milters`, sendmail `InputMailFilters`): a
/// temporary answer is mostly that the filter did not answer, and neither side else can mend that.
fn by_milter(recipient: &mut Recipient, event: &LogEvent) {
    let machine = match event.log_host.as_str() {
        "" => "the server that wrote this log".to_owned(),
        host => plain(host, Width::Name),
    };
    let of_recipient = is_of(&event.recipient, &event.log_host);
    recipient.speaker = Some(if of_recipient { Speaker::Receiver } else { Speaker::OwnFilter });
    if recipient.permanent != Some(false) {
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
        let machine = match event.log_host.as_str() {
            "" => "the server that wrote this log".to_owned(),
            host => plain(host, Width::Name),
        };
        recipient.advice = vec![format!(
            "Read the lines around this one in the log of {machine}, the sender's own server: a table, directory, policy service or disk of that server fails, and a warning says which."
        )];
        recipient.page = None;
    }
    if recipient.cause == Some(Cause::PolicyRejected) {
        let machine = match event.log_host.as_str() {
            "" => "the server that wrote this log".to_owned(),
            host => plain(host, Width::Name),
        };
        recipient.advice = vec![format!(
            "Find the rule that refused it on {machine}, the sender's own server: its policy service, access table or restriction for this sender, client or recipient."
        )];
        recipient.page = None;
    }
}

/// A refusal or another fate of what never got a queue id.
pub(super) fn refusal(event: &LogEvent) -> Message {
    if event.kind == Kind::Complained {
        let mut message = heading(vec![event.clone()]);
        let mut recipient = Recipient { events: vec![0], ..blank(event.recipient.clone()) };
        complained(&mut recipient, event);
        message.recipients.push(recipient);
        message.retell();
        return message;
    }
    let setting =
        Setting { stage: stage(event), status: EnhancedCode::parse(&event.enhanced), ..Setting::default() };
    let read = reply::classify_in(&event.reply, &setting);
    let status = match event.kind {
        Kind::Delivered => Status::AcceptedByRelay,
        // Of what was taken, the rules of the whole story hold.
        _ => status(event, &event.sender, &Hosts::default()),
    };
    let mut recipient = Recipient {
        status,
        cause: Some(read.cause),
        title: read.own_title(),
        permanent: read.permanent.or(event.permanent),
        reply: event.reply.clone(),
        enhanced: event.enhanced.clone(),
        remote_host: event.host.clone(),
        remote_ip: event.ip.clone(),
        at: event.at,
        accepted: if status == Status::AcceptedByRelay { event.at } else { NO_TIME },
        since: event.at,
        attempts: 1,
        who: read.who,
        named: answer::names(&read),
        advice: read.action,
        page: read.page,
        events: vec![0],
        ..blank(event.recipient.clone())
    };
    settle(&mut recipient, event);
    if fate::is_own(status, event) {
        recipient.permanent = None;
        fate::explain(&mut recipient, event);
    }
    let mut message = heading(vec![event.clone()]);
    message.ids.clear();
    message.size = 0;
    (message.client_host, message.client_ip) = (event.host.clone(), event.ip.clone());
    message.received = event.at;
    message.recipients.push(recipient);
    message.retell();
    message
}
