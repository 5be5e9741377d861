//! What never got a queue id: refused before it was queued, or ended by a rule at once.

use super::outcome::{blank, complained, heading, stage, status};
use super::{Message, Recipient, Status, answer};
use super::{fate, whose};
use crate::model::enhanced_code::EnhancedCode;
use crate::parse::log::Kind;
use crate::parse::log::event::NO_TIME;
use crate::parse::log::record::LogEvent;
use crate::triage::custody::Hosts;
use crate::triage::reply::{self, Setting};

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
    whose::settle(&mut recipient, event);
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
