//! Stories in brief, from what the summary keeps of recipients undelivered:
//! where a log is too large to report every message.

use super::{Message, Recipient, Status, answer};
use crate::model::traffic::{Ending, Undelivered};
use crate::parse::log::event::{Millis, NO_TIME};
use crate::parse::log::record::LogEvent;
use crate::parse::log::{Event, Kind};
use crate::triage::reply;

/// One recipient's story as far as the summary knows it.
pub(crate) fn brief(one: &Undelivered) -> Message {
    let millis =
        |at: Option<jiff::Timestamp>| -> Millis { at.map_or(NO_TIME, jiff::Timestamp::as_millisecond) };
    let (status, kind, permanent) = match one.ending {
        Ending::Delivered => (Status::Delivered, Kind::Delivered, None),
        Ending::Deferred => (Status::Deferred, Kind::Deferred, Some(false)),
        Ending::Bounced => (Status::Bounced, Kind::Bounced, Some(true)),
        Ending::Expired => (Status::Expired, Kind::Expired, Some(true)),
        Ending::Rejected => (Status::Rejected, Kind::Rejected, Some(true)),
    };
    let host = if one.host == "none" { "" } else { &one.host };
    let domain = one.recipient.raw().rsplit_once('@').map(|(_, domain)| domain);
    let read = reply::classify(one.reply.raw(), if host.is_empty() { domain } else { Some(host) });
    let sender = one.sender.as_ref().map(|sender| sender.raw().to_owned()).unwrap_or_default();
    let event = Event {
        kind,
        at: millis(one.last),
        id: one.queue_id.as_bytes(),
        recipient: one.recipient.raw().as_bytes(),
        sender: sender.as_bytes(),
        host: host.as_bytes(),
        reply: one.reply.raw().as_bytes(),
        ..Event::default()
    };
    let events =
        one.location.iter().map(|location| LogEvent::of(&event, location.clone(), "summary")).collect();
    let recipient = Recipient {
        address: one.recipient.raw().to_owned(),
        original: String::new(),
        final_address: String::new(),
        siblings: 1,
        status,
        cause: Some(read.cause),
        title: read.own_title(),
        named: answer::names(&read),
        speaker: None,
        custody: Vec::new(),
        permanent,
        reply: one.reply.raw().to_owned(),
        enhanced: String::new(),
        remote_host: host.to_owned(),
        remote_ip: String::new(),
        at: millis(one.last),
        accepted: NO_TIME,
        since: millis(one.since),
        attempts: one.attempts,
        next_try: NO_TIME,
        until: NO_TIME,
        queue_id: one.queue_id.clone(),
        next_id: String::new(),
        who: read.who,
        advice: read.action,
        page: read.page,
        confirmation: None,
        answer: String::new(),
        events: one.location.iter().map(|_| 0).collect(),
    };
    let mut message = Message {
        ids: vec![one.queue_id.clone()],
        message_id: String::new(),
        sender,
        size: 0,
        client_host: String::new(),
        client_ip: String::new(),
        received: millis(one.since),
        recipients: vec![recipient],
        notifications: Vec::new(),
        events,
        clock: answer::Clock::default(),
    };
    message.retell();
    message
}
