//! The answer first: one sentence a helpdesk clerk can paste to the user.

use jiff::Timestamp;

use super::{Message, Recipient, Status};
use crate::model::untrusted::plain;
use crate::parse::log::event::{Millis, NO_TIME};
use crate::parse::log::record::LogEvent;
use crate::triage::cause::Cause;

/// `2024-03-03 10:15 UTC`.
pub fn moment(at: Millis) -> Option<String> {
    if at == NO_TIME {
        return None;
    }
    Timestamp::from_millisecond(at).ok().map(|at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

fn when(at: Millis, word: &str) -> String {
    moment(at).map_or(String::new(), |moment| format!(" {word} {moment}"))
}

fn server(recipient: &Recipient) -> String {
    match (recipient.remote_host.as_str(), recipient.remote_ip.as_str()) {
        ("", "") => "the next mail server".to_owned(),
        ("", ip) => plain(ip, 60),
        (host, "") => plain(host, 100),
        (host, ip) if host == ip => plain(host, 100),
        (host, ip) => format!("{} ({})", plain(host, 100), plain(ip, 60)),
    }
}

/// `the relay mx.example.net`, or without a name `the next mail server`.
fn relay(recipient: &Recipient) -> String {
    let server = server(recipient);
    if server.starts_with("the ") { server } else { format!("the relay {server}") }
}

/// One sentence, in words without protocol.
pub fn sentence(message: &Message, recipient: &Recipient) -> String {
    let to = match recipient.address.as_str() {
        "" => "the recipients".to_owned(),
        address => plain(address, 120),
    };
    let mail = format!("The message{} to {to}", when(message.received, "of"));
    let cause = recipient.cause.map_or("the reason is not stated", Cause::title);
    if recipient.cause == Some(Cause::Complaint) {
        return format!("{mail} arrived, and the recipient marked it as spam{}.", when(recipient.at, "on"));
    }
    match recipient.status {
        Status::Delivered => match recipient.remote_host.is_empty() && recipient.remote_ip.is_empty() {
            true => format!("{mail} was delivered to the mailbox{}.", when(recipient.at, "on")),
            false => format!(
                "{mail} was delivered: {} took it{}; if it is not in the inbox, the receiving side has it, in the spam folder or in quarantine.",
                server(recipient),
                when(recipient.at, "on")
            ),
        },
        Status::AcceptedByRelay => {
            let id = if recipient.next_id.is_empty() {
                String::new()
            } else {
                format!(" under queue id {}", plain(&recipient.next_id, 60))
            };
            format!(
                "{mail} left this machine but is not proven delivered: {} took it{}{id}, and only that server's log says what became of it.",
                relay(recipient),
                when(recipient.at, "on")
            )
        }
        Status::Deferred => {
            let until = match moment(recipient.until) {
                Some(until) => format!("; the server keeps trying until about {until}"),
                None => "; the server keeps trying".to_owned(),
            };
            // A server that could not be reached refuses nothing.
            let silent = matches!(recipient.cause, Some(Cause::NetworkFailure | Cause::UnknownHost));
            let named = !recipient.remote_host.is_empty() || !recipient.remote_ip.is_empty();
            let by = match (silent, named) {
                (true, true) => format!(" ({} was tried)", server(recipient)),
                (true, false) => String::new(),
                (false, _) => format!(" ({} refuses it for now)", server(recipient)),
            };
            format!("{mail} has not arrived yet: {cause}{by}{until}.")
        }
        Status::Bounced => {
            let by = if recipient.remote_host.is_empty() {
                String::new()
            } else {
                format!(", refused by {}", server(recipient))
            };
            let on = moment(recipient.at).map_or(String::new(), |at| format!(" ({at})"));
            format!("{mail} was not delivered and will not be tried again: {cause}{by}{on}.")
        }
        Status::Expired => format!(
            "{mail} was given up{} after {}: {cause}.",
            when(recipient.at, "on"),
            if recipient.attempts > 0 {
                format!("{} attempts", recipient.attempts)
            } else {
                "days of trying".to_owned()
            }
        ),
        Status::Rejected => match recipient.address.is_empty() {
            true => format!(
                "A session from {} was refused{}: {}.",
                server(recipient),
                when(recipient.at, "on"),
                plain(&recipient.reply, 120)
            ),
            false => format!("{mail} was refused before it was queued{}: {cause}.", when(recipient.at, "on")),
        },
        Status::NeverLeft => {
            format!("{mail} has not left this machine: no delivery was tried as far as the log goes.")
        }
        Status::Unknown => {
            format!("What became of the message{} to {to} is not in this log.", when(message.received, "of"))
        }
    }
}

/// What to do about mail that was taken.
pub(super) fn after_acceptance(recipient: &Recipient, event: &LogEvent) -> Vec<String> {
    let id = match recipient.next_id.as_str() {
        "" => String::new(),
        id => format!(" queue id {}", plain(id, 60)),
    };
    let seen = moment(recipient.at).unwrap_or_else(|| "the time in the log".to_owned());
    match recipient.status {
        Status::AcceptedByRelay => vec![
            format!(
                "Get the mail log of {} around {seen} and run mailvet triage on it together with this one{}.",
                server(recipient),
                if id.is_empty() { String::new() } else { format!("; look for{id}") }
            ),
            "Do not answer \"sent\" yet: acceptance by a relay is not delivery.".to_owned(),
        ],
        _ if recipient.remote_host.is_empty() => Vec::new(),
        _ => vec![
            "Ask the recipient to look in the spam folder and the quarantine.".to_owned(),
            format!(
                "If it is not there, the receiving administrator can find it by: {} took it at {seen}, reply \"{}\"{}.",
                server(recipient),
                plain(&event.reply, 160),
                id
            ),
        ],
    }
}
