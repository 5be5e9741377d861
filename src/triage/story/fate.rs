//! Fates that no other server decided: held, deleted, discarded, kept in
//! quarantine, and what one's own components broke.

use super::{Recipient, Status};
use crate::model::untrusted::{Width, plain};
use crate::parse::log::Kind;
use crate::parse::log::record::LogEvent;
use crate::triage::cause::Cause;
use crate::triage::reply::Who;

/// What a filter or rule says it found: words to causes.
const FOUND: &[(&[&str], Cause)] = &[
    (&["infected", "virus", "malware", "trojan", "eicar"], Cause::Virus),
    (&["spam", "phish"], Cause::SpamContent),
    (&["banned", "attachment", "bad-header", "bad header"], Cause::ContentRejected),
];

/// Cause, who must act and the steps, of mail that stays on the sender's side.
pub(super) fn explain(recipient: &mut Recipient, event: &LogEvent) {
    let text = event.reply.to_ascii_lowercase();
    let found = FOUND.iter().find(|(words, _)| words.iter().any(|word| text.contains(word)));
    recipient.cause = Some(found.map_or(Cause::PolicyRejected, |(_, cause)| *cause));
    recipient.who = Who::Sender;
    let id = plain(&event.id, Width::Name);
    let trace = event.dialect == "microsoft-365-trace";
    recipient.advice = match recipient.status {
        Status::Held => vec![
            format!("Read the message (postcat -q {id}, exim -Mvb {id}) and see why a rule or a person held it."),
            format!("Release it if it is good (postsuper -H {id}, exim -Mt {id}); else delete it and tell the sender."),
        ],
        Status::Deleted => {
            vec!["Ask who runs the sending server why it was taken out of the queue; then send the message again.".to_owned()]
        }
        Status::Quarantined if trace => vec![
            "Look at it in the quarantine (security.microsoft.com/quarantine) and release it there if it is good.".to_owned(),
            "Mend what made it look bad before the next one is sent.".to_owned(),
        ],
        Status::Quarantined => vec![
            "Find the message in the filter's quarantine by its id, and release it if it is good.".to_owned(),
            "Mend what the filter found before the next one is sent.".to_owned(),
        ],
        _ => vec![
            "Find the rule or filter that threw it away (the evidence names it), and change the rule if the message was good.".to_owned(),
            "Send the message again afterwards: no copy is left in the queue.".to_owned(),
        ],
    };
    recipient.named = match (event.kind, recipient.status) {
        (Kind::Redirected, _) => {
            format!("a rule sent it to {} in its place", plain(target(&event.line), Width::Line))
        }
        (_, Status::Deleted) => "somebody took it out of the queue by hand".to_owned(),
        _ if text.is_empty() => String::new(),
        _ => format!("\"{}\"", plain(&event.reply, Width::Line)),
    };
}

/// `...; from=<> to=<> proto=ESMTP helo=<h>: review@example.org`
fn target(line: &str) -> &str {
    line.rsplit_once(": ").map_or("another address", |(_, target)| target.trim())
}

/// One's own server, filter or relay spoke: nobody else can mend it.
pub(super) fn own_component(recipient: &mut Recipient, event: &LogEvent) {
    let vague = matches!(
        recipient.cause,
        None | Some(
            Cause::NetworkFailure
                | Cause::Undetermined
                | Cause::MailerError
                | Cause::RemoteError
                | Cause::UnknownHost
                | Cause::QueueExpired
                | Cause::ProtocolError
        )
    );
    let local = matches!(event.agent.as_str(), "local" | "virtual" | "lmtp" | "pipe" | "error" | "retry")
        && !event.reply.contains(" said: ");
    let misread = local
        && matches!(
            recipient.cause,
            Some(Cause::IpBlocklisted | Cause::BadReputation | Cause::UnknownUser | Cause::SecurityRejected)
        )
        && broken(&event.reply);
    if !vague && !misread {
        return;
    }
    let timed = recipient.status == Status::Expired;
    if misread || matches!(recipient.cause, None | Some(Cause::Undetermined)) {
        recipient.cause = Some(Cause::MailerError);
    } else if timed && recipient.cause == Some(Cause::NetworkFailure) {
        recipient.cause = Some(Cause::QueueExpired);
    }
    recipient.who = Who::Sender;
    recipient.page = None;
    let service = match (event.host.as_str(), event.ip.as_str()) {
        ("" | "none", "") => "the mail system".to_owned(),
        ("" | "none", ip) => plain(ip, Width::Name),
        (host, ip) if host == ip || ip.is_empty() => plain(host, Width::Name),
        (host, ip) => format!("{} ({})", plain(host, Width::Name), plain(ip, Width::Name)),
    };
    let place = if event.log_host.is_empty() {
        "the sending machine".to_owned()
    } else {
        plain(&event.log_host, Width::Name)
    };
    recipient.advice = vec![
        format!("Mend {service} on or behind {place}, a component of the sender's own side: see its own log, and start it if it is down."),
        match recipient.status {
            Status::Deferred => "The message waits in the queue; once the component runs, flush the queue (postqueue -f, exim -qff).".to_owned(),
            _ => "Send the message again once the component runs.".to_owned(),
        },
    ];
}

/// Words of a component that failed, not of a mailbox that is missing.
fn broken(reply: &str) -> bool {
    const WORDS: &[&str] = &[
        "no such file or directory",
        "connection refused",
        "permission denied",
        "transport unavailable",
        "command died",
        "cannot allocate",
        "no space left",
        "temporary failure",
        "delivery failed",
    ];
    let reply = reply.to_ascii_lowercase();
    WORDS.iter().any(|word| reply.contains(word))
}
