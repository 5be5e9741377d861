//! Faults of the sending side's own parts: sockets, mailbox programs, scanners
//! and routes that the sending server itself reports. Nobody else is to blame
//! for them, whatever host or address the words name besides. Who is proven to
//! have spoken comes before what the words show: a receiver that reports its own
//! broken part is to blame for that part itself, and vague words of an own
//! component are about the component.

use super::peer::{Peer, peer};
use super::{Basis, Decision, Queue, Setting, Who, passage};
use crate::model::speaker::Speaker;
use crate::model::untrusted::{Width, plain};
use crate::parse::smtp::reply::Reply;
use crate::triage::cause::Cause;
use crate::triage::queue_commands;

/// The decision where the words name an own part that fails; `by_words` is whose
/// words these look like, where nothing is proven.
pub(super) fn decide(
    reply: &Reply,
    lower: &str,
    decision: &Decision,
    setting: &Setting<'_>,
    by_words: Speaker,
) -> Option<Decision> {
    let peer = peer(lower);
    let named = broken_part(reply, lower, peer.as_ref(), decision)
        .or_else(|| own_words(reply, lower))
        .or_else(|| route(lower))
        .or_else(|| mailbox_program(reply, lower, decision));
    match setting.speaker {
        Some(Speaker::Receiver | Speaker::ReceiverResolver) => {
            // That a mailbox is missing, full or disabled is no fault of the server that says so.
            let of_server = matches!(
                decision.cause,
                Cause::NetworkFailure
                    | Cause::RemoteError
                    | Cause::RemoteFull
                    | Cause::MailerError
                    | Cause::ProtocolError
                    | Cause::QueueExpired
                    | Cause::UnknownHost
                    | Cause::Undetermined
            );
            let silent = || (by_words.is_own() && of_server).then(|| decision.clone());
            named.or_else(silent).map(of_receiver)
        }
        Some(_) => named
            .map(|own| Decision { who: Some(Who::Sender), ..own })
            .or_else(|| component(lower, decision, setting)),
        None => named.or_else(|| of_itself(reply, decision, setting, by_words)),
    }
}

/// A line of a log that names no other server tells of the server that wrote it, whatever its words
/// would mean from elsewhere.
fn of_itself(
    reply: &Reply,
    decision: &Decision,
    setting: &Setting<'_>,
    by_words: Speaker,
) -> Option<Decision> {
    let alone = by_words == Speaker::OwnServer && setting.service.is_empty() && !setting.system.is_empty();
    let fault = matches!(decision.cause, Cause::RemoteError | Cause::MailerError | Cause::PolicyRejected);
    if !alone || reply.code.is_some() || !matches!(decision.who, None | Some(Who::Receiver)) || !fault {
        return None;
    }
    let step = "the sending server says so itself and asked no other: read its log around this time and the rule or component that the words name";
    Some(Decision {
        basis: decision.basis.clone(),
        weak: decision.weak,
        ..own(decision.cause, Speaker::OwnServer, step)
    })
}

/// Words of a mail server about its own tables, rules and administrator.
fn own_words(reply: &Reply, lower: &str) -> Option<Decision> {
    const NO_SOURCE: &str = "the sending server found no address of its own to send from: see the src of its relay action, the table behind that, and that the machine has the address";
    const NO_SECRET: &str = "the sending server found no password for the relay: see the auth of its relay action and the table of secrets";
    const WORDS: &[(&str, Cause, &str)] = &[
        (
            "alias database unavailable",
            Cause::MailerError,
            "the sending server cannot open its alias table: build it again (newaliases, postalias, postmap), see that its files can be read, and reload",
        ),
        (
            "map nesting for",
            Cause::MailerError,
            "an alias of the sending server expands into itself: correct the entry of the address in the table the words name (virtual_alias_maps, canonical_maps)",
        ),
        (
            "map expansion for",
            Cause::MailerError,
            "an alias of the sending server expands into too many addresses: correct the entry of the address in the table the words name",
        ),
        ("retrieve source address", Cause::MailerError, NO_SOURCE),
        ("get source address", Cause::MailerError, NO_SOURCE),
        ("could not retrieve secret", Cause::MailerError, NO_SECRET),
        ("could not retrieve credentials", Cause::MailerError, NO_SECRET),
        (
            "delivery cancelled by administrator",
            Cause::PolicyRejected,
            "an administrator of the sending server took the message out of its queue (exim -Mg or the like): ask there why before it is sent again",
        ),
        (
            "no route found to domain",
            Cause::NetworkFailure,
            "the sending Domino server knows no way to this domain: mend its Server, Connection and Domain documents",
        ),
        (
            "deferred transport",
            Cause::RemoteError,
            "the sending server is told to keep mail for this way (Postfix defer_transports): take the transport off that list and flush the queue",
        ),
    ];
    if reply.code.is_some() {
        return None;
    }
    let found = WORDS.iter().find(|(words, ..)| lower.contains(words));
    found.map(|(_, cause, step)| own(*cause, Speaker::OwnServer, *step))
}

/// Words by which a server tells of others that it could not reach or find, or of a circle: no
/// component of its own is down.
fn tells_of_others(lower: &str) -> bool {
    const WORDS: &[&str] = &[
        "hosts for '",
        "any host",
        "retry time",
        "retry timeout",
        "mx records",
        "mx record",
        "host lookup",
        "host or domain name",
        "name service error",
        "host unknown",
        "loop",
        "'received' headers",
        "received headers",
        "hop count",
        "too many hops",
    ];
    WORDS.iter().any(|word| lower.contains(word))
}

/// The same part, broken at the server that reports it.
fn of_receiver(part: Decision) -> Decision {
    let step = part.lead.unwrap_or_else(|| "their server could not pass the message on".to_owned());
    Decision {
        who: Some(Who::Receiver),
        speaker: Some(Speaker::Receiver),
        lead: Some(format!("tell the recipient's administrator, whose own server reports the fault: {step}")),
        ..part
    }
}

/// Words of an own server, filter or relay that name no cause but its own failing.
fn component(lower: &str, decision: &Decision, setting: &Setting<'_>) -> Option<Decision> {
    const VAGUE: &[Cause] = &[
        Cause::NetworkFailure,
        Cause::Undetermined,
        Cause::MailerError,
        Cause::RemoteError,
        Cause::UnknownHost,
        Cause::QueueExpired,
        Cause::ProtocolError,
    ];
    const MISREAD: &[Cause] =
        &[Cause::IpBlocklisted, Cause::BadReputation, Cause::UnknownUser, Cause::SecurityRejected];
    // Nobody was asked: whatever its transport is called, the server speaks of itself.
    let alone = setting.speaker == Some(Speaker::OwnServer) && setting.service.is_empty();
    let local = (alone
        || matches!(setting.transport, "local" | "virtual" | "lmtp" | "pipe" | "error" | "retry"))
        && !lower.contains(" said: ");
    let misread = local && MISREAD.contains(&decision.cause) && is_broken(lower);
    if tells_of_others(lower) || passage::stood(decision) || passage::is_lookup(decision) {
        return None;
    }
    if !misread && !VAGUE.contains(&decision.cause) {
        return None;
    }
    let cause = match decision.cause {
        cause if misread || cause == Cause::Undetermined => Cause::MailerError,
        cause => cause,
    };
    let service = match setting.service {
        "" => "the mail system".to_owned(),
        service => plain(service, Width::Line),
    };
    let machine = match setting.machine {
        "" => "the sending machine".to_owned(),
        machine => plain(machine, Width::Name),
    };
    let then = match setting.queue {
        Queue::Waits => format!(
            "; once the component runs, flush the queue{}",
            queue_commands::flush(setting.system).map(|command| format!(" ({command})")).unwrap_or_default()
        ),
        Queue::Unknown | Queue::GaveUp | Queue::Reported | Queue::Failed => String::new(),
    };
    Some(Decision {
        basis: decision.basis.clone(),
        ..own(
            cause,
            setting.speaker.unwrap_or(Speaker::OwnServer),
            format!(
                "mend {service} on or behind {machine}, a component of the sender's own side: see its own log, and start it if it is down{then}"
            ),
        )
    })
}

/// Words of a component that failed, not of a mailbox that is missing.
fn is_broken(lower: &str) -> bool {
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
    WORDS.iter().any(|word| lower.contains(word))
}

/// Words of a service that does not answer.
const DEAD: &[&str] = &[
    "no such file",
    "connection refused",
    "permission denied",
    "timed out",
    "lost connection",
    "no route to host",
    "network is unreachable",
    "connection reset",
    "host is down",
    "failed to connect",
    "could not connect",
    "unable to connect",
];

fn broken_part(reply: &Reply, lower: &str, peer: Option<&Peer>, decision: &Decision) -> Option<Decision> {
    let holds = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    // Whatever failed there, who is asked within one's own network is one's own part.
    let failed = matches!(decision.cause, Cause::NetworkFailure | Cause::QueueExpired);
    let dead = reply.code.is_none() && (holds(DEAD) || failed);
    match peer {
        Some(Peer::Socket(socket)) if dead => {
            return Some(own(
                Cause::MailerError,
                Speaker::OwnServer,
                format!(
                    "start the service behind the socket {} on the sending server (Dovecot's LMTP, the mailbox or filter program), or correct the path and its permissions in the mail server's configuration",
                    plain(socket, Width::Name)
                ),
            ));
        }
        Some(Peer::Inside(address)) if passage::stood(decision) => {
            return Some(Decision {
                basis: decision.basis.clone(),
                ..own(
                    Cause::NetworkFailure,
                    Speaker::OwnServer,
                    format!(
                        "read the log of the service at {} (content filter, mailbox service or next server of our own) around that time: the service took the connection and broke the session (a crash, a scan that took too long, a limit of size)",
                        plain(address, Width::Name)
                    ),
                )
            });
        }
        Some(Peer::Inside(address)) if dead => {
            return Some(own(
                Cause::NetworkFailure,
                Speaker::OwnServer,
                format!(
                    "start the service that listens at {} (content filter, mailbox service or next server of our own), or correct where the mail server hands its mail",
                    plain(address, Width::Name)
                ),
            ));
        }
        Some(Peer::Inside(address)) if holds(SCANNER_DOWN) => {
            return Some(own(
                Cause::RemoteError,
                Speaker::OwnFilter,
                format!(
                    "our own content filter at {} cannot scan: start the virus scanner (clamd or its like) and read the filter's log",
                    plain(address, Width::Name)
                ),
            ));
        }
        _ => {}
    }
    if reply.code.is_none() && holds(&["mail transport unavailable", "unknown mail transport error"]) {
        // "unverified address: unknown mail transport error" is said by another server.
        let step = "the mail server's own delivery program failed before it spoke to anybody: read the lines before this one in its log, correct the transport (master.cf) and reload";
        let cause = match lower.contains("unavailable") {
            true => Cause::MailerError,
            false => Cause::RemoteError,
        };
        return Some(own(cause, Speaker::OwnServer, step));
    }
    if reply.code.is_none() && holds(&["cannot assign requested address", "address family not supported"]) {
        return Some(own(
            Cause::NetworkFailure,
            Speaker::OwnServer,
            "this server lacks the address it is to send from: switch off IPv6 for outgoing mail (Postfix inet_protocols = ipv4, Exim disable_ipv6) or give the interface the address that the configuration binds to (smtp_bind_address, interface)",
        ));
    }
    None
}

const SCANNER_DOWN: &[&str] = &[
    "virus_scan failed",
    "all virus scanners failed",
    "virus scanner failed",
    "scanner failed",
    "failed to scan",
    "unable to scan",
    "cannot scan",
    "scan failed",
    "scanning failed",
    "scanner not available",
    "scanner unavailable",
    "clamd",
    "error in processing",
];

/// Mail that is led back to the server that sends it, or nowhere.
fn route(lower: &str) -> Option<Decision> {
    let holds = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if holds(&["mailing to remote domains not supported"]) {
        return Some(own(
            Cause::MailerError,
            Speaker::OwnServer,
            "this server is set up for local delivery only: configure it to send to other domains, directly or over a smarthost (Debian: dpkg-reconfigure exim4-config)",
        ));
    }
    let loops = holds(&[
        "loops back to myself",
        "loops back to me",
        "points to local host",
        "remote host address is the local host",
        "best-preference mx for",
    ]);
    if !loops {
        return None;
    }
    Some(own(
        Cause::NetworkFailure,
        Speaker::OwnServer,
        "the domain's mail leads back to the server that sends it: add the domain to those it delivers itself (Postfix mydestination or virtual_mailbox_domains, Exim local_domains, sendmail class w), or correct the MX record or the transport",
    ))
}

/// A local mailbox that cannot be written.
fn mailbox_program(reply: &Reply, lower: &str, decision: &Decision) -> Option<Decision> {
    const WRITING: &[&str] = &[
        "maildir delivery failed",
        "mailbox delivery failed",
        "create maildir",
        "cannot update mailbox",
        "cannot open mailbox",
        "can't open mailbox",
        "unable to open mailbox",
        "failed to open mailbox",
        "failed to create directory",
        "failed to create mail directory",
        "unable to lock mailbox",
        "cannot append message",
        "while opening mailbox",
        "failed to open file",
        "cannot create user output file",
        "mkdir(",
        "creat(",
    ];
    const FAULT: &[&str] = &[
        "permission denied",
        "no such file",
        "read-only file",
        "input/output error",
        "operation not permitted",
        "not permitted",
        "too many open files",
        "not a directory",
        "is a directory",
        "stale",
        "lock",
    ];
    let holds = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if holds(WRITING) && holds(FAULT) {
        let step = "the server that holds the mailbox cannot write it: correct owner and permissions of the mailbox's folder and look at its file system, then flush the queue or send again";
        return Some(Decision { who: who(reply), ..own(Cause::MailerError, Speaker::OwnServer, step) });
    }
    let command = holds(&["command died with", "command line usage error", "command time limit exceeded"]);
    let open = matches!(decision.cause, Cause::MailerError | Cause::RemoteError | Cause::Undetermined);
    if command && open {
        let step = "the program that the mail is piped to failed: run it by hand with the same user, read its output, and correct it or its arguments";
        return Some(Decision { who: who(reply), ..own(Cause::MailerError, Speaker::OwnServer, step) });
    }
    None
}

/// A fault without a reply code is the speaking server's own; with one, another server's.
fn who(reply: &Reply) -> Option<Who> {
    Some(if reply.code.is_none() { Who::Sender } else { Who::Receiver })
}

fn own(cause: Cause, speaker: Speaker, step: impl Into<String>) -> Decision {
    Decision {
        cause,
        who: Some(Who::Sender),
        action: None,
        provider: None,
        basis: Basis::Phrase("own-part".to_owned()),
        weak: false,
        speaker: Some(speaker),
        lead: Some(step.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peer_is_a_socket_an_inside_or_an_outside_address() {
        for socket in [
            "connect to mx.example.org[private/lmtp]: refused",
            "connect to x[/run/d/lmtp]: no",
            "connect to /run/lmtp.sock: x",
        ] {
            assert!(matches!(peer(socket), Some(Peer::Socket(_))), "{socket}");
        }
        assert_eq!(
            peer("connect to 172.20.0.6[172.20.0.6]:2525: connection refused"),
            Some(Peer::Inside("172.20.0.6:2525".to_owned()))
        );
        assert_eq!(peer("conversation with localhost[::1] timed out"), Some(Peer::Inside("::1".to_owned())));
        assert_eq!(peer("connect to mx.example.net[192.0.2.1]:25: x"), Some(Peer::Outside));
        assert_eq!(peer("550 no such user"), None);
    }
}
