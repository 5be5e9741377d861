//! How far an attempt came before it broke, by the words of the server that made it: a name that was not
//! found asks for the DNS, a session that had begun proves the way and the port open. Only who was never
//! connected to may have the port closed.

use super::{Basis, Decision, Queue, Setting, Who};
use crate::model::speaker::Speaker;
use crate::model::untrusted::{Width, plain};
use crate::parse::smtp::reply::Reply;
use crate::triage::cause::Cause;

/// Where an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passage {
    /// A name could not be looked up: nobody was asked.
    Lookup,
    /// The connection stood, and no greeting came.
    Greeting,
    /// The session broke between greeting and message.
    Dialogue,
    /// The session broke while the message was sent, or before its end was confirmed.
    Message,
    /// The session broke, and the words do not say where.
    Session,
    /// The words leave open whether there was a session at all.
    Open,
    /// No connection came about.
    Unreached,
}

impl Passage {
    /// The basis that stands for it.
    fn basis(self) -> &'static str {
        match self {
            Passage::Lookup => "passage-lookup",
            Passage::Greeting => "passage-greeting",
            Passage::Dialogue => "passage-dialogue",
            Passage::Message => "passage-message",
            Passage::Session => "passage-session",
            Passage::Open => "passage-open",
            Passage::Unreached => "passage-unreached",
        }
    }

    /// What happened, in words a helpdesk can paste.
    fn title(self) -> Option<&'static str> {
        Some(match self {
            Passage::Lookup => {
                "a name on the way to the recipient's server could not be looked up in the DNS"
            }
            Passage::Greeting => "the recipient's mail server took the connection and sent no greeting",
            Passage::Dialogue => "the session with the recipient's server broke before the message was sent",
            Passage::Message => "the session with the next server broke while the message was sent",
            Passage::Session => "the session with the next server broke",
            Passage::Open => "the attempt broke on the way to the recipient's mail servers",
            Passage::Unreached => return None,
        })
    }
}

/// The title of a verdict on such words.
pub(super) fn title(basis: &Basis) -> Option<&'static str> {
    const ALL: [Passage; 7] = [
        Passage::Lookup,
        Passage::Greeting,
        Passage::Dialogue,
        Passage::Message,
        Passage::Session,
        Passage::Open,
        Passage::Unreached,
    ];
    let Basis::Phrase(id) = basis else { return None };
    ALL.into_iter().find(|passage| passage.basis() == id).and_then(Passage::title)
}

/// True where the decision tells of a session that stood: whoever took the connection is not down.
pub(super) fn stood(decision: &Decision) -> bool {
    [Passage::Dialogue, Passage::Message, Passage::Session]
        .into_iter()
        .any(|passage| rests_on(decision, passage))
}

/// True where the decision tells of a name that was not found.
pub(super) fn is_lookup(decision: &Decision) -> bool {
    rests_on(decision, Passage::Lookup)
}

fn rests_on(decision: &Decision, passage: Passage) -> bool {
    matches!(&decision.basis, Basis::Phrase(id) if id == passage.basis())
}

/// The words of one's own server that an Exchange server puts behind a code of its own.
const EXCHANGE: &[&str] =
    &["primary target ip address", "winsock error", "socket error code", "connection dropped due to"];

/// Words of a name that was not found or not asked for in time.
const LOOKUP: &[&str] = &[
    "name lookup fail",
    "hostname lookup fail",
    "host lookup fail",
    "host lookup did not complete",
    "look up host",
    "lookup of host",
    "name service error",
    "name resolution",
    "resolve host",
    "resolve the host",
    "primary relay",
    "mx lookup",
    "dns lookup",
    "dns query",
    "dns failure",
    "dns timeout",
    "dns problem",
    "dns server failure",
    "dns temporary",
    "dns soft",
    "dns error",
    "temporary name lookup",
    "name server",
    "nameserver",
    "cname lookup",
    "domain lookup",
    "retrieve dns",
    "getaddrinfo",
];

/// Beside which such words are about a table, an address of mail or the client's own name.
const NOT_LOOKUP: &[&str] =
    &["alias", "table", " map", "ldap", "mysql", "reverse", "ptr", "client", "your ", "sender", "_maps"];

/// Words of an answer that is sure: such a name is not there.
const SURELY_NOT: &[&str] = &[
    "non-existent",
    "nonexistent",
    "not exist",
    "n't exist",
    "nxdomain",
    "not known",
    "unknown",
    "no such host",
    "couldn't find any host",
    "no data",
    "no mx",
    "host not found",
    // Exim: the router was told that there is no such host, which it writes otherwise where it may come yet.
    "failed in",
];

/// Words of an answer that may come yet.
const LATER: &[&str] =
    &["again", "temporar", "timeout", "timed out", "did not complete", "later", "servfail", "soft"];

/// Words of a session that broke, wherever.
const BROKE: &[&str] = &[
    "connection died",
    "connection lost",
    "connection was lost",
    "lost connection",
    "lost input",
    "connection reset",
    "connection was reset",
    "reset by peer",
    "broken pipe",
    "connection closed",
    "closed connection",
    "closed the connection",
    "connection dropped",
    "connection aborted",
    "connection broken",
    "unexpectedly closed",
    "connection unexpectedly",
    "socketerror",
    "unexpected eof",
    "read error",
    "write error",
    "i/o error",
    "io error",
];

/// Words of a wait within a session.
const WAITED: &[&str] = &[
    "timed out while",
    "timed out during",
    "timed out sending",
    "timed out waiting for",
    "timed out reading",
    "timed out writing",
    "timeout after",
    "timeout while",
    "timeout during",
    "timeout sending",
    "timeout writing",
    "timeout reading",
    "timeout waiting for response",
    "timeout waiting for reply",
    "timeout waiting for the",
    "conversation with ",
    "read timeout",
    "write timeout",
];

const AT_GREETING: &[&str] = &["greeting", "banner", "initial connection"];

const AT_MESSAGE: &[&str] = &[
    "body",
    "end of data",
    "after data",
    "on data",
    "to data",
    "data command",
    "data block",
    "data transfer",
    "sending data",
    "during data",
    "bdat",
    "writing message",
    "sending message",
    "sending the message",
    "message was sent",
    "message was transmitted",
    "transmission of",
    "response to .",
    "reply to .",
    "possible duplicate",
    "sent more than once",
];

const AT_DIALOGUE: &[&str] =
    &["ehlo", "helo", "starttls", "mail from", "rcpt", "handshake", "after mail", "mail command", "rset"];

/// How far the attempt came; `None` where the words tell of something else.
fn passage(reply: &Reply, lower: &str) -> Option<Passage> {
    let holds = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if reply.code.is_some() {
        let own = reply.enhanced.is_some_and(|code| code.subject == 4) && holds(EXCHANGE);
        return own.then(|| match holds(&["failed to connect", "unable to connect", "refused"]) {
            true => Passage::Unreached,
            false => Passage::Session,
        });
    }
    if lower.contains("network error on destination mx") {
        return Some(Passage::Open);
    }
    let connecting = lower.contains("connect to ") || holds(&["connection refused", "connect error"]);
    if !connecting && (holds(BROKE) || holds(WAITED)) {
        return Some(match () {
            () if holds(AT_GREETING) => Passage::Greeting,
            () if holds(AT_MESSAGE) => Passage::Message,
            () if holds(AT_DIALOGUE) => Passage::Dialogue,
            () => Passage::Session,
        });
    }
    (holds(LOOKUP) && !holds(NOT_LOOKUP)).then_some(Passage::Lookup)
}

/// The decision, with what the way shows where its words are the sending server's own.
pub(super) fn correct(reply: &Reply, lower: &str, decision: Decision, setting: &Setting<'_>) -> Decision {
    let open = matches!(
        decision.cause,
        Cause::NetworkFailure | Cause::QueueExpired | Cause::RemoteError | Cause::Undetermined
    );
    let Some(passage) = passage(reply, lower) else { return decision };
    let of_name = matches!(decision.cause, Cause::UnknownHost | Cause::RelayingDenied | Cause::PtrRequired);
    let fits = open || passage == Passage::Lookup && of_name;
    let loops = ["loop", "mxloopback", "hop count"].iter().any(|word| lower.contains(word));
    // Another server's words about its own session, and a queue's end, are told elsewhere.
    let over = decision.cause == Cause::QueueExpired
        && super::ending::GAVE_UP.iter().any(|word| lower.contains(word));
    let waited = matches!(&decision.basis, Basis::Phrase(id) if id.starts_with("session-"));
    if !fits || loops || over || waited {
        return decision;
    }
    let later = LATER.iter().any(|word| lower.contains(word));
    let sure = passage == Passage::Lookup
        && !later
        && (decision.cause == Cause::UnknownHost || SURELY_NOT.iter().any(|word| lower.contains(word)));
    let reported = matches!(setting.queue, Queue::Reported | Queue::Failed);
    let cause = match decision.cause {
        _ if sure => Cause::UnknownHost,
        // A notice of failure is about the days that were tried.
        Cause::QueueExpired if reported => Cause::QueueExpired,
        _ => Cause::NetworkFailure,
    };
    if passage == Passage::Unreached {
        let action = Some("check_firewall_port25");
        return Decision { action, speaker: Some(Speaker::OwnServer), ..decision };
    }
    let Some(lead) = lead(passage, lower, sure, setting) else { return decision };
    Decision {
        cause,
        who: Some(Who::Network),
        action: None,
        basis: Basis::Phrase(passage.basis().to_owned()),
        lead: Some(lead),
        ..decision
    }
}

const BREAKS: &str = "a connection stood, so the port is open: look at what sits on the path and ends sessions \
    (a firewall that inspects SMTP or closes idle connections, a packet size (MTU) that does not pass), and ask \
    the other server's postmaster what its log says of that minute";

/// The first step.
fn lead(passage: Passage, lower: &str, sure: bool, setting: &Setting<'_>) -> Option<String> {
    Some(match passage {
        Passage::Lookup => return of_name(lower, sure, setting),
        Passage::Greeting => "a connection stood, so the port is open, and no greeting came in time: the other \
            server is overloaded, keeps unknown senders waiting (give a greeting 5 minutes, RFC 5321 section \
            4.5.3.2), or a firewall in front of the server answers for it"
            .to_owned(),
        Passage::Dialogue | Passage::Session => BREAKS.to_owned(),
        Passage::Message => "the session stood and broke while the message was sent, so the port is open: send a \
            short message to the same address; if that one arrives, look at the packet size on the path (MTU, \
            ICMP \"fragmentation needed\" filtered out), at a firewall's SMTP inspection, and at the size \
            and attachments that the other server scans; ask its postmaster what its log says of that minute. \
            The message may have arrived all the same"
            .to_owned(),
        Passage::Open => "the sending server finished no session with any MX host of the domain: the lines before \
            this one in its log (OpenSMTPD: mta error reason=) say whether the connection, the encryption \
            or the transfer broke; mend that, or ask the recipient's postmaster about it"
            .to_owned(),
        Passage::Unreached => return None,
    })
}

/// What to do about the name that was not found.
fn of_name(lower: &str, sure: bool, setting: &Setting<'_>) -> Option<String> {
    let name = named(lower).or(setting.hosts.last().copied().filter(|host| is_plain(host)));
    let shown = name
        .map_or("the recipient's domain and its mail servers".to_owned(), |name| plain(name, Width::Name));
    let asked = name.map_or("NAME".to_owned(), |name| plain(name, Width::Name));
    let is_domain = |name: &str| setting.hosts.iter().any(|host| host.trim_end_matches('.') == name);
    let of_host = name.is_some_and(|name| !setting.hosts.is_empty() && !is_domain(name))
        || ["look up host", "lookup of host", "resolve host", "primary relay", "type=a"]
            .iter()
            .any(|word| lower.contains(word));
    match (sure, of_host) {
        // The domain itself is not there: its spelling comes first.
        (true, false) => None,
        (true, true) => Some(format!(
            "the DNS has no address for {shown}: ask for it from the sending server (dig {asked}); where the name is the relay or smarthost of that server's own configuration (relayhost, transport, route), correct it there, and where an MX record of the recipient's domain names it, tell that domain's administrator"
        )),
        (false, _) => Some(format!(
            "the DNS gave the sending server no answer for {shown}: ask for it from that machine (dig {asked} MX, dig {asked} A); where nothing else is answered either, mend its resolver (/etc/resolv.conf), else the name servers of that name do not answer"
        )),
    }
}

/// The name that the words say was looked up.
fn named(lower: &str) -> Option<&str> {
    const BEFORE: &[&str] = &[
        "name=",
        "look up host ",
        "lookup of host ",
        "resolve host ",
        "primary relay for ",
        "record for ",
        "lookup failure: ",
        "name server: ",
        "mx lookup for ",
        "domain lookup for ",
    ];
    BEFORE.iter().find_map(|before| {
        let rest = lower.get(lower.find(before)? + before.len()..)?;
        let word =
            rest.split([' ', ',', ';', ')']).next()?.trim_matches(['"', '\'', '.', ':', '<', '>', '(']);
        is_plain(word).then_some(word)
    })
}

/// True of a name that a command may hold: no word of a shell, and no flag.
fn is_plain(name: &str) -> bool {
    name.contains('.')
        && name.len() <= 253
        && !name.starts_with('-')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use crate::triage::reply::classify;

    /// Every way of breaking at every point: a session that stood never has its port tested.
    #[test]
    fn a_session_that_stood_proves_the_port_open() {
        let points = [
            ("while receiving the initial server greeting", "no greeting"),
            ("while performing the EHLO handshake", "before the message"),
            ("while sending RCPT TO", "before the message"),
            ("while sending DATA command", "while the message was sent"),
            ("while sending message body", "while the message was sent"),
            ("while sending end of data -- message may be sent more than once", "while the message was sent"),
        ];
        for (point, title) in points {
            for how in [
                "conversation with mx.example.net[192.0.2.7] timed out",
                "lost connection with mx.example.net[192.0.2.7]",
            ] {
                let read = classify(&format!("{how} {point}"), None);
                assert_eq!(read.cause.name(), "network-failure", "{how} {point}");
                assert!(read.title().contains(title), "{how} {point}: {}", read.title());
                assert!(!read.action.iter().any(|step| step.contains("port 25")), "{:?}", read.action);
            }
        }
        for text in [
            "timed out while sending body",
            "lost connection after DATA",
            "Connected to 192.0.2.7 but connection died. Possible duplicate! (#4.4.2)",
            "H=mx.example.net [192.0.2.7]: Remote host closed connection in response to sending data block",
            "H=mx.example.net [192.0.2.7] SMTP timeout after end of data (12 bytes written): Connection timed out",
            "Timeout waiting for response to .",
            "Deferred: Connection reset by mx.example.net.",
            "451 4.4.0 Primary target IP address responded with: \"421 4.4.2 Connection dropped due to SocketError.\"",
            "Network error on destination MXs",
        ] {
            let read = classify(text, None);
            assert!(read.title().contains("broke"), "{text}: {}", read.title());
            assert!(!read.action.iter().any(|step| step.contains("port 25")), "{text}: {:?}", read.action);
        }
        for text in [
            "connect to mx.example.net[192.0.2.7]:25: Connection timed out",
            "connect to mx.example.net[192.0.2.7]:25: Connection refused",
            "H=mx.example.net [192.0.2.7]: Connection timed out",
            "441 4.4.1 Error encountered while communicating with primary target IP address: \"Failed to connect. Winsock error code: 10060\"",
        ] {
            let read = classify(text, None);
            assert!(read.action.iter().any(|step| step.contains("port 25")), "{text}: {:?}", read.action);
        }
    }

    /// Whatever program looked the name up, the DNS is asked and no port, relay or PTR name is.
    #[test]
    fn a_name_that_is_not_found_is_asked_of_the_dns() {
        for text in [
            "host name lookup failure",
            "Deferred: Name server: mx.example.net.: host name lookup failure",
            "unable to find primary relay for example.net",
            "unable to look up host mx.example.net: Name or service not known",
            "host lookup did not complete",
            "lookup of host \"smtp.example.net\" failed in smarthost router",
            "CNAME lookup failed temporarily. (#4.4.3)",
            "MX lookup failed temporarily",
            "DNS lookup failure: example.net",
            "Hostname lookup failed",
            "getaddrinfo: Temporary failure in name resolution",
            "Could not retrieve DNS A record for example.net",
        ] {
            let read = classify(text, None);
            assert!(read.title().contains("DNS"), "{text}: {}", read.title());
            assert!(read.action[0].contains("dig "), "{text}: {:?}", read.action);
            assert_eq!(read.who.name(), "network", "{text}");
        }
        let relay = classify("unable to look up host smtp.example.net: Name or service not known", None);
        assert!(relay.action[0].contains("relayhost") && relay.action[0].contains("smtp.example.net"));
        // Another server's own trouble with names, and a table that is looked up, are no such thing.
        for text in [
            "451 4.4.3 temporary DNS failure",
            "451 4.3.0 Temporary lookup failure",
            "450 4.7.1 Hostname lookup failed",
        ] {
            assert!(!classify(text, None).title().contains("on the way"), "{text}");
        }
    }
}
