//! The answer first: one sentence a helpdesk clerk can paste to the user:
//! recipient, what became of the message, since when, the cause with its names,
//! what happens next and who must act.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

use super::{Message, Recipient, Status, fate, order};
use crate::model::untrusted::{Width, plain};
use crate::parse::log::event::{Millis, NO_TIME};
use crate::triage::cause::Cause;
use crate::triage::custody::Party;
use crate::triage::reply::{ReplyVerdict, Who};

/// By which clock a log is read, and how its times are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clock {
    /// The zone of the log, minutes east of UTC.
    pub offset: i32,
    /// The clock; [`NO_TIME`]: unknown, nothing is long ago.
    pub now: Millis,
    /// The last stamp of the log; [`NO_TIME`]: unknown.
    pub ends: Millis,
}

impl Default for Clock {
    fn default() -> Clock {
        Clock { offset: 0, now: NO_TIME, ends: NO_TIME }
    }
}

/// After so long without a line the log is of the past.
const LONG_AGO: i64 = 86_400_000;

impl Clock {
    /// `2024-03-03 10:15 UTC`, or in the log's zone `2024-03-03 11:15 +01:00`.
    pub(crate) fn moment(&self, at: Millis) -> Option<String> {
        if self.offset == 0 || at == NO_TIME {
            return moment(at);
        }
        let offset = Offset::from_seconds(self.offset.checked_mul(60)?).ok()?;
        let at = Timestamp::from_millisecond(at).ok()?.to_zoned(TimeZone::fixed(offset));
        Some(at.strftime("%Y-%m-%d %H:%M %:z").to_string())
    }

    fn when(&self, at: Millis, word: &str) -> String {
        self.moment(at).map_or(String::new(), |moment| format!(" {word} {moment}"))
    }

    /// True where `at` is long before now, as far as both are known.
    pub(crate) fn is_past(&self, at: Millis) -> bool {
        at != NO_TIME && self.now != NO_TIME && self.now.saturating_sub(at) > LONG_AGO
    }

    /// The end of a log that ends long before now; `at` is a stamp in it.
    pub(super) fn past_end(&self, at: Millis) -> Option<Millis> {
        let ends = if self.ends == NO_TIME { at } else { self.ends.max(at) };
        self.is_past(ends).then_some(ends)
    }
}

/// `2024-03-03 10:15 UTC`.
pub(crate) fn moment(at: Millis) -> Option<String> {
    if at == NO_TIME {
        return None;
    }
    Timestamp::from_millisecond(at).ok().map(|at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

fn server(recipient: &Recipient) -> String {
    match (recipient.remote_host.as_str(), recipient.remote_ip.as_str()) {
        ("", "") if recipient.status == Status::Delivered => "the recipient's mail server".to_owned(),
        ("", "") => "the next mail server".to_owned(),
        ("", ip) => plain(ip, Width::Name),
        (host, "") => plain(host, Width::Line),
        (host, ip) if host == ip => plain(host, Width::Line),
        (host, ip) => format!("{} ({})", plain(host, Width::Line), plain(ip, Width::Name)),
    }
}

/// Whether the last one to have it was the mailbox, or a program that fills mailboxes.
fn is_in_mailbox(recipient: &Recipient) -> bool {
    recipient.custody.last().is_none_or(|hop| hop.party == Party::Mailbox)
}

fn is_named(recipient: &Recipient) -> bool {
    !recipient.remote_host.is_empty() || !recipient.remote_ip.is_empty()
}

/// True where a transport is named and no host: Postfix's `relay=local`.
fn is_program(recipient: &Recipient) -> bool {
    recipient.remote_ip.is_empty() && !recipient.remote_host.contains(['.', ':'])
}

/// The names of a cause as the reply gives them: who lists which address, as what.
pub(super) fn names(read: &ReplyVerdict) -> String {
    let listed = matches!(
        read.cause,
        Cause::IpBlocklisted | Cause::BadReputation | Cause::PolicyRejected | Cause::SpamContent
    );
    let ip = read.addresses.first().map(ToString::to_string);
    let suspect = read.text.contains("CSI");
    let by = match (read.lists.first(), read.provider) {
        (Some(list), _) => Some(plain(list, Width::Name)),
        (None, _) if suspect => Some("Cloudmark".to_owned()),
        (None, Some(provider)) => Some(plain(&provider.name, Width::Name)),
        (None, None) => None,
    };
    let as_what = if suspect { " as CSI Suspect" } else { "" };
    match (listed, by, ip) {
        (true, Some(by), Some(ip)) if suspect || !read.lists.is_empty() => {
            format!("{by} lists {ip}{as_what}")
        }
        (true, Some(by), Some(ip)) => format!("{by} refuses {ip}"),
        (_, _, _) if read.text.is_empty() => String::new(),
        _ => format!("\"{}\"", plain(&read.text, Width::Line)),
    }
}

/// `the mailbox is full: "452 4.2.2 ..."`.
fn cause(recipient: &Recipient) -> String {
    let title = |cause: Cause| cause.title_of(recipient.speaker, recipient.who == Who::Sender);
    let title = recipient.title.unwrap_or_else(|| recipient.cause.map_or("the reason is not stated", title));
    match recipient.named.as_str() {
        "" => title.to_owned(),
        named => format!("{title}: {named}"),
    }
}

/// Who must act, as the end of the sentence.
fn must_act(recipient: &Recipient) -> &'static str {
    match recipient.who {
        Who::Sender => "; whoever runs the sending server must act",
        Who::Recipient => "; the recipient, or who keeps the address, must act",
        Who::Receiver => "; whoever runs the recipient's mail server must act",
        Who::Network => "; whoever runs the network or DNS between the servers must act",
        Who::Nobody => "",
    }
}

/// `jane@example.org, one of 2 addresses behind team@example.org`.
fn addressee(recipient: &Recipient) -> String {
    let to = match recipient.address.as_str() {
        "" => "the recipients".to_owned(),
        address => plain(address, Width::Line),
    };
    match (recipient.original.as_str(), recipient.final_address.as_str(), recipient.siblings) {
        ("", "", _) => to,
        ("", last, _) => format!("{to} (as {})", plain(last, Width::Line)),
        (original, _, 1) => format!("{to} (for {})", plain(original, Width::Line)),
        (original, _, many) => {
            format!("{to} (one of {many} addresses behind {})", plain(original, Width::Line))
        }
    }
}

/// One sentence, in words without protocol.
pub(crate) fn sentence(message: &Message, recipient: &Recipient) -> String {
    let clock = &message.clock;
    let mail = format!("The message{} to {}", clock.when(message.received, "of"), addressee(recipient));
    let on = clock.when(recipient.at, "on");
    if recipient.cause == Some(Cause::Complaint) {
        return complained(&mail, clock, recipient);
    }
    match recipient.status {
        Status::Delivered if !is_named(recipient) && is_in_mailbox(recipient) => {
            let filed = folder(&recipient.reply).map_or(String::new(), |folder| {
                format!(
                    ", filed into the folder \"{}\" by a rule or filter of the mailbox: look there, not in the inbox",
                    plain(folder, Width::Name)
                )
            });
            format!("{mail} was delivered to the mailbox{on}{filed}.")
        }
        Status::Delivered => format!(
            "{mail} was delivered: {} took it{on}; if it is not in the inbox, the receiving side has it, in the spam folder or in quarantine.",
            server(recipient)
        ),
        Status::AcceptedByRelay => accepted(&mail, recipient, &on),
        Status::Deferred => waiting(&mail, message, recipient),
        Status::Bounced => {
            let by = match (is_named(recipient), is_program(recipient)) {
                (false, _) => String::new(),
                (true, true) => format!(" by the mailbox program of this machine ({})", server(recipient)),
                (true, false) => format!(" by {}", server(recipient)),
            };
            let again = if clock.is_past(recipient.at) { "was not" } else { "will not be" };
            format!(
                "{mail} was refused{by}{on} and {again} tried again: {}{}.",
                cause(recipient),
                must_act(recipient)
            )
        }
        Status::Expired => format!(
            "{mail} was given up{on} after {}: {}{}.",
            if recipient.attempts > 1 {
                format!("{} attempts", recipient.attempts)
            } else {
                "days of trying".to_owned()
            },
            cause(recipient),
            must_act(recipient)
        ),
        Status::Rejected if recipient.address.is_empty() => {
            format!(
                "A session from {} was refused{on}: {}.",
                server(recipient),
                plain(&recipient.reply, Width::Line)
            )
        }
        Status::Rejected => {
            format!(
                "{mail} was refused before it was queued{on}: {}{}.",
                cause(recipient),
                must_act(recipient)
            )
        }
        _ => on_this_side(&mail, message, recipient, &on),
    }
}

/// A complaint comes after the message was taken, often by days.
fn complained(mail: &str, clock: &Clock, recipient: &Recipient) -> String {
    let (taken, on) = (clock.when(recipient.accepted, "on"), clock.when(recipient.at, "on"));
    if recipient.status == Status::Unknown {
        let who = match recipient.address.as_str() {
            "" => "A recipient whom the receiver does not name".to_owned(),
            _ => addressee(recipient),
        };
        return format!(
            "{who} marked the message as spam{on}, as the receiver reports; its delivery is not in this log{}.",
            must_act(recipient)
        );
    }
    format!("{mail} arrived{taken}, and the recipient marked it as spam{on}{}.", must_act(recipient))
}

/// The folder a mailbox program names, other than the inbox.
fn folder(reply: &str) -> Option<&str> {
    let quoted = reply.split_once("into mailbox '").and_then(|(_, rest)| rest.split_once('\''));
    let folder = quoted.map(|(folder, _)| folder).or_else(|| reply.strip_prefix("saved mail to "))?;
    (!folder.eq_ignore_ascii_case("inbox") && !folder.is_empty()).then_some(folder)
}

/// The program on the sender's machine that took it, where that fills no mailbox.
fn program(recipient: &Recipient) -> Option<String> {
    let proof = &recipient.custody.last()?.proof;
    let proof = proof.strip_prefix("the program ").filter(|_| proof.ends_with("its own log has the rest"))?;
    Some(plain(proof.split(' ').next()?, Width::Name))
}

fn accepted(mail: &str, recipient: &Recipient, on: &str) -> String {
    if recipient.named.starts_with(fate::IN_ITS_PLACE) {
        return format!(
            "{mail} reached the mailbox server{on} and is not kept there: {}; what became of it there is not proven by these lines.",
            recipient.named
        );
    }
    if let Some(program) = program(recipient) {
        return format!(
            "{mail} was handed to the program {program} of this machine{on}, which fills no mailbox: what the program did with the message is in its own log."
        );
    }
    let id = match recipient.next_id.as_str() {
        "" => String::new(),
        id => format!(" under queue id {}", plain(id, Width::Name)),
    };
    let unproven = recipient.custody.last().is_some_and(|hop| hop.proof.starts_with("nothing shows"));
    let server = server(recipient);
    if unproven && server != "the next mail server" {
        return format!(
            "{mail} left this machine but is not proven delivered: {server} took it{on}{id}, which may or may not be the recipient's own server; only that server's log says what became of it."
        );
    }
    let relay = if server.starts_with("the ") { server } else { format!("the relay {server}") };
    format!(
        "{mail} left this machine but is not proven delivered: {relay} took it{on}{id}, and only that server's log says what became of it."
    )
}

fn waiting(mail: &str, message: &Message, recipient: &Recipient) -> String {
    let clock = &message.clock;
    let since = clock.when(recipient.since, "since");
    // A server that could not be reached refuses nothing, and no server is named by a trace.
    let silent = matches!(recipient.cause, Some(Cause::NetworkFailure | Cause::UnknownHost));
    let own = recipient.speaker.is_some_and(|speaker| speaker.is_own());
    let by = match (is_named(recipient), silent || own) {
        (false, _) => String::new(),
        (true, true) => format!(" ({} was tried)", server(recipient)),
        (true, false) => format!(" ({} refuses it for now)", server(recipient)),
    };
    let cause = cause(recipient);
    if clock.is_past(recipient.at) {
        let until = match clock.moment(recipient.until).filter(|_| recipient.until < clock.now) {
            Some(until) => format!("; unless it was delivered since, the server gave up about {until}"),
            None => "; what became of it since is not in this log".to_owned(),
        };
        let last = match clock.past_end(recipient.at).map(|ends| clock.when(ends, "on")) {
            Some(ends) if ends == clock.when(recipient.at, "on") => format!(" when the log ends{ends}"),
            Some(ends) => {
                format!(" when the log ends{ends}, last tried{}", clock.when(recipient.at, "on"))
            }
            // The log goes on, and says no more of it.
            None => clock.when(recipient.at, "at the last try logged, on"),
        };
        return format!("{mail} was still waiting{last}: {cause}{by}{until}{}.", must_act(recipient));
    }
    let until = match clock.moment(recipient.until) {
        Some(until) => format!("; the server keeps trying until about {until}"),
        None => "; the server keeps trying".to_owned(),
    };
    format!("{mail} has not arrived yet, it waits{since}: {cause}{by}{until}{}.", must_act(recipient))
}

/// Fates before any other server took it.
fn on_this_side(mail: &str, message: &Message, recipient: &Recipient, on: &str) -> String {
    let clock = &message.clock;
    let was =
        clock.past_end(recipient.at).map(|ends| format!(" when the log ends{}", clock.when(ends, "on")));
    let named = if recipient.named.is_empty() { String::new() } else { format!(": {}", recipient.named) };
    let act = must_act(recipient);
    let service = message.events.iter().any(order::is_of_a_service);
    let whose = if service { "the e-mail service" } else { "this machine" };
    match recipient.status {
        Status::Held => {
            let waits = match &was {
                Some(ends) => format!("was held in the queue{ends},"),
                None => "is held in the queue".to_owned(),
            };
            let since = clock.when(recipient.at, "since");
            format!("{mail} {waits}{since} until somebody releases it{named}{act}.")
        }
        Status::Discarded if recipient.named.starts_with(fate::IN_ITS_PLACE) => {
            format!("{mail} did not go to this address{on}{named}{act}.")
        }
        Status::Discarded => format!("{mail} was thrown away{on} and nobody was told{named}{act}."),
        Status::Quarantined if was.is_some() => format!(
            "{mail} was put into quarantine{on}, not into the mailbox{named}; whether somebody released it since is not in this log{act}."
        ),
        Status::Quarantined => format!("{mail} is in quarantine{on}, not in the mailbox{named}{act}."),
        Status::Deleted => format!("{mail} was deleted from the queue{on}{named}{act}."),
        Status::Queued => match was {
            Some(ends) => format!(
                "{mail} was still in the queue of {whose}{ends}: no delivery was tried as far as the log goes{act}."
            ),
            None => {
                format!("{mail} is in the queue of {whose}{on}: no delivery was tried so far{act}.")
            }
        },
        Status::NeverLeft => {
            let not_left = match was {
                Some(ends) => format!("had not left this machine{ends}"),
                None => "has not left this machine".to_owned(),
            };
            format!("{mail} {not_left}: no delivery was tried as far as the log goes{act}.")
        }
        Status::Unknown if !recipient.named.is_empty() => {
            format!("No message was sent to {}{on}: {}.", addressee(recipient), recipient.named)
        }
        _ => format!("What became of {} is not in this log.", mail.replacen("The message", "the message", 1)),
    }
}

/// What to do, in place of waiting, about mail that a log of the past leaves open.
pub(super) fn after_the_log(recipient: &Recipient, clock: &Clock, listing: Option<&str>) -> Option<String> {
    let open = matches!(
        recipient.status,
        Status::Deferred | Status::Held | Status::Queued | Status::NeverLeft | Status::Quarantined
    );
    let ends = clock.past_end(recipient.at).filter(|_| open)?;
    Some(format!(
        "See first what became of it since: the log ends{}; run mailvet triage on the logs after it, and look into the queue of today{}.",
        clock.when(ends, "on"),
        listing.map(|command| format!(" ({command})")).unwrap_or_default()
    ))
}

/// What to do about mail that was taken.
pub(super) fn after_acceptance(recipient: &Recipient, clock: &Clock) -> Vec<String> {
    let id = match recipient.next_id.as_str() {
        "" => String::new(),
        id => format!(" queue id {}", plain(id, Width::Name)),
    };
    let seen = clock.moment(recipient.accepted).unwrap_or_else(|| "the time in the log".to_owned());
    match recipient.status {
        Status::AcceptedByRelay if program(recipient).is_some() => vec![
            format!(
                "Look into the log of the program {} around {seen}.",
                program(recipient).unwrap_or_default()
            ),
            "Do not answer \"sent\" yet: the mail server handed the message over, and knows no more."
                .to_owned(),
        ],
        Status::AcceptedByRelay => vec![
            format!(
                "Get the mail log of {} around {seen} and run mailvet triage on it together with this one{}.",
                server(recipient),
                if id.is_empty() { String::new() } else { format!("; look for{id}") }
            ),
            "Do not answer \"sent\" yet: acceptance by a relay is not delivery.".to_owned(),
        ],
        _ if !is_named(recipient) && is_in_mailbox(recipient) => Vec::new(),
        _ => vec![
            "Ask the recipient to look in the spam folder and the quarantine.".to_owned(),
            format!(
                "If it is not there, the receiving administrator can find it by: {} took it at {seen}, reply \"{}\"{}.",
                server(recipient),
                plain(&recipient.reply, Width::Line),
                id
            ),
        ],
    }
}
