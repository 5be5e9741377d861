//! What never got a queue id: refused before it was queued, or ended by a rule at once.

use super::outcome::{blank, complained, heading, stage, status};
use super::{Message, Recipient, Status, answer};
use super::{early, fate};
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
    let inside = event.ip.parse::<std::net::IpAddr>().is_ok_and(|ip| match ip {
        std::net::IpAddr::V4(ip) => ip.is_private() || ip.is_loopback(),
        std::net::IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
    });
    let domain = |address: &str| address.rsplit_once('@').map(|(_, domain)| organization_of(domain));
    let of_sender = event.log_host.contains('.')
        && domain(&event.sender).is_some_and(|own| own == organization_of(&event.log_host));
    let of_recipient = event.log_host.contains('.')
        && domain(&event.recipient).is_some_and(|own| own == organization_of(&event.log_host));
    event.kind == Kind::Rejected
        && !of_recipient
        && (inside || of_sender || event.line.contains("sasl_username="))
}

/// A limit or rule of the sender's own server is the sender's, whatever its words are.
fn own_refusal(recipient: &mut Recipient, event: &LogEvent) {
    if !matches!(
        recipient.cause,
        Some(Cause::RateLimited | Cause::TooManyConnections | Cause::PolicyRejected)
    ) {
        return;
    }
    recipient.speaker = Some(Speaker::OwnServer);
    recipient.who = Who::Sender;
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
        permanent: read.permanent.or_else(|| early::finality(event)),
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
    if is_own_refusal(event) {
        own_refusal(&mut recipient, event);
    }
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
