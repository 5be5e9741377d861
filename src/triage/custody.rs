//! Who has a message, and how that is known: each hop that took it is one's own,
//! a filter, a relay, a server of the recipient's domain or a mailbox, with its
//! proof. Without proof nothing is delivered. Pure.

mod kept;
mod programs;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use programs::{FILTERS, LISTS, MAILBOX_PROGRAMS, names};

use crate::data::exchangers::{Inbound, inbound, is_outbound};
use crate::data::special_addresses::is_inside;
use crate::model::speaker::Speaker;
use crate::parse::log::Kind;
use crate::parse::log::event::Millis;
use crate::parse::log::provider::{is_providers, provider};
use crate::parse::log::record::{LogEvent, queued_as};
use crate::parse::smtp::reply::Reply;
use crate::parse::web::psl;
pub(crate) use kept::{Kept, kept, kept_by};

/// What a hop is to the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Party {
    /// The same machine, or the application that wrote the message.
    Own,
    /// Takes the message to look at it and hands it back.
    Filter,
    /// A next server on the way, or one of which nothing more is known.
    Relay,
    /// A server of the recipient's domain.
    Receiver,
    /// The mailbox, or the program that fills it.
    Mailbox,
}

impl Party {
    /// As JSON shows it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Party::Own => "own",
            Party::Filter => "filter",
            Party::Relay => "relay",
            Party::Receiver => "receiver",
            Party::Mailbox => "mailbox",
        }
    }

    /// Whether this party's "taken" is delivery.
    pub(crate) fn delivers(self) -> bool {
        matches!(self, Party::Receiver | Party::Mailbox)
    }
}

/// A party and why it is held to be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taker {
    pub party: Party,
    /// In words, for the report.
    pub proof: String,
    /// False where the host may or may not be the recipient's own.
    pub proven: bool,
}

/// One hop of a recipient's copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hop {
    pub host: String,
    pub party: Party,
    pub proof: String,
    pub at: Millis,
}

/// What the logs together, and the DNS where it was asked, say of hosts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hosts {
    /// Recipient domain to the names of its mail exchangers, as the DNS has them.
    exchangers: BTreeMap<String, BTreeSet<String>>,
    /// Host that took mail to the unrelated domains it took it for.
    served: BTreeMap<String, BTreeSet<String>>,
}

/// Domains remembered of a host: two decide.
const SERVED: usize = 3;

impl Hosts {
    /// What the events show of next hops.
    pub(crate) fn seen(events: &[LogEvent]) -> Hosts {
        let mut hosts = Hosts::default();
        for event in events {
            let peer = peer(event);
            let domain = domain(&event.recipient);
            if peer.is_empty() || domain.is_empty() {
                continue;
            }
            let of = hosts.served.entry(peer).or_default();
            if of.len() < SERVED {
                of.insert(base(&domain).to_owned());
            }
        }
        hosts
    }

    /// Domains of recipients whose mail was taken by a host that nothing proves to be
    /// theirs, the most frequent first: whose MX records the DNS can be asked for.
    pub(crate) fn open_domains(&self, events: &[LogEvent]) -> Vec<String> {
        let mut counted: BTreeMap<String, usize> = BTreeMap::new();
        for event in events.iter().filter(|event| event.kind == Kind::Delivered) {
            let inside = by_dialect(event).or_else(|| by_program(event)).or_else(|| by_address(event));
            let domain = domain(&event.recipient);
            let named = !event.host.is_empty() && event.host != "none";
            if inside.is_none()
                && named
                && !domain.is_empty()
                && !by_name(event, &event.sender, self).party.delivers()
            {
                *counted.entry(domain).or_default() += 1;
            }
        }
        let mut domains: Vec<(String, usize)> = counted.into_iter().collect();
        domains.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        domains.into_iter().map(|(domain, _)| domain).collect()
    }

    /// Adds the answer of the DNS for a domain.
    pub(crate) fn exchanger(&mut self, domain: &str, host: &str) {
        let name = |text: &str| text.trim_end_matches('.').to_ascii_lowercase();
        self.exchangers.entry(name(domain)).or_default().insert(name(host));
    }

    fn is_exchanger(&self, domain: &str, host: &str) -> bool {
        self.exchangers.get(domain).is_some_and(|hosts| hosts.contains(host))
    }

    fn is_shared(&self, event: &LogEvent) -> bool {
        self.served.get(&peer(event)).is_some_and(|domains| domains.len() > 1)
    }
}

fn peer(event: &LogEvent) -> String {
    match (event.host.trim_end_matches('.'), event.ip.as_str()) {
        ("" | "none", ip) => ip.to_owned(),
        (host, _) => host.to_ascii_lowercase(),
    }
}

fn domain(address: &str) -> String {
    let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
    domain.trim_end_matches(['.', '>']).to_ascii_lowercase()
}

/// The registrable domain, by the public suffix list.
fn base(name: &str) -> &str {
    psl::domain_str(name).unwrap_or(name)
}

fn taker(party: Party, proof: impl Into<String>) -> Taker {
    Taker { party, proof: proof.into(), proven: true }
}

/// Who the peer of an event is: the one that took the message, or was asked to.
pub(crate) fn of(event: &LogEvent, sender: &str, hosts: &Hosts) -> Taker {
    by_dialect(event)
        .or_else(|| by_program(event))
        .or_else(|| by_address(event))
        .unwrap_or_else(|| by_name(event, sender, hosts))
}

/// Logs that know one kind of next hop only.
fn by_dialect(event: &LogEvent) -> Option<Taker> {
    Some(match event.dialect {
        "ibmi-imail" | "ibmi-qzmf" => {
            taker(Party::Relay, "IBM i knows only the server that it hands its mail to")
        }
        "amazon-ses" => taker(Party::Receiver, "Amazon SES reports that the recipient's server took it"),
        "sendgrid" => taker(Party::Receiver, "SendGrid reports that the recipient's server took it"),
        "mailgun" | "postmark" | "sparkpost" | "brevo" | "mailjet" | "mandrill" => {
            taker(Party::Receiver, "the sending service reports that the recipient's server took it")
        }
        "microsoft-365-trace" => taker(Party::Receiver, "the message trace reports it delivered"),
        _ => return None,
    })
}

/// Transports that end on the machine that wrote the line.
fn by_program(event: &LogEvent) -> Option<Taker> {
    let agent = event.agent.to_ascii_lowercase();
    let reply = event.reply.to_ascii_lowercase();
    let host = event.host.trim_end_matches('.').to_ascii_lowercase();
    let service =
        reply.strip_prefix("delivered via ").map(|rest| rest.strip_suffix(" service").unwrap_or(rest));
    let what = service.unwrap_or(&host);
    let piped = matches!(agent.as_str(), "pipe" | "address_pipe" | "prog") || service.is_some();
    let local = piped
        || matches!(
            agent.as_str(),
            "local"
                | "virtual"
                | "mda"
                | "storedriver"
                | "local_delivery"
                | "appendfile"
                | "lmtp"
                | "address_file"
        )
        || event.dialect == "qmail" && event.ip.is_empty()
        || event.dialect == "exim" && host.is_empty() && event.ip.is_empty()
        || matches!(host.as_str(), "local" | "virtual" | "dovecot")
        || event.ip.starts_with("private/")
        || event.ip.contains('/')
        || host.is_empty() && event.ip.is_empty();
    if !local {
        return None;
    }
    if names(&agent, FILTERS) || names(what, FILTERS) || names(&reply, &["spamc", "spamassassin"]) {
        return Some(taker(Party::Filter, format!("the transport {} is a filter", shown(what, &agent))));
    }
    if names(&agent, LISTS) || names(what, LISTS) || port(event) == Some(8024) || names(&reply, LISTS) {
        return Some(taker(Party::Relay, "a mailing list program took it and sends copies of its own"));
    }
    // qmail counts files, forwards and programs: `did 0+2+0`.
    let only_forwarded = event.dialect == "qmail" && counted(&reply) == Some((0, 0));
    if reply.starts_with("forwarded as ") || only_forwarded {
        return Some(taker(Party::Own, "forwarded on this machine under another queue id"));
    }
    if agent == "lmtp" && handed_back(event) {
        return Some(taker(Party::Filter, "its port or its reply is a filter's"));
    }
    let command = reply.strip_prefix("delivered to command: ");
    if let Some(program) = command.or(service).filter(|program| !names(program, MAILBOX_PROGRAMS)) {
        let program = program.split(' ').next().unwrap_or_default();
        return Some(taker(
            Party::Relay,
            format!("the program {program} took it, and its own log has the rest"),
        ));
    }
    Some(taker(Party::Mailbox, format!("{} fills mailboxes on this machine", shown(&agent, &host))))
}

/// Copies in files and taken by programs.
fn counted(reply: &str) -> Option<(u64, u64)> {
    let mut counts = reply.strip_prefix("did ")?.split(['+', ' ']);
    let (files, _, programs) = (counts.next()?, counts.next()?, counts.next()?);
    Some((files.parse().ok()?, programs.parse().ok()?))
}

fn shown<'t>(first: &'t str, second: &'t str) -> &'t str {
    match (first, second) {
        ("", "") => "the transport",
        ("", second) => second,
        (first, _) => first,
    }
}

/// Ports filters listen on by their own manuals: amavis 10024 and its policy
/// banks, spampd and dkimproxy beside them.
const FILTER_PORTS: std::ops::RangeInclusive<u16> = 10_021..=10_040;

fn handed_back(event: &LogEvent) -> bool {
    event.reply.contains("from MTA(")
        || port(event).is_some_and(|port| FILTER_PORTS.contains(&port))
        || kept(event) == Some(Kept::Discarded)
}

/// Peers told by their address.
fn by_address(event: &LogEvent) -> Option<Taker> {
    let host = event.host.to_ascii_lowercase();
    let ip = event.ip.parse::<IpAddr>().or_else(|_| event.host.parse::<IpAddr>()).ok();
    let loopback = ip.is_some_and(|ip| ip.is_loopback()) || host == "localhost";
    if handed_back(event) {
        return Some(taker(
            Party::Filter,
            "the port or the reply is a filter's, which hands the message back",
        ));
    }
    if loopback {
        return Some(match queued_as(&event.reply) {
            Some(_) => taker(Party::Filter, "a program on this machine hands it back under another queue id"),
            None => taker(Party::Own, "the address is this machine's own"),
        });
    }
    None
}

/// Peers told by what their names and the way to them say.
fn by_name(event: &LogEvent, sender: &str, hosts: &Hosts) -> Taker {
    let host = event.host.trim_end_matches('.').to_ascii_lowercase();
    let (to, from) = (domain(&event.recipient), domain(sender));
    if let Some(way) = submission(event) {
        return taker(Party::Relay, way);
    }
    if hosts.is_exchanger(&to, &host) {
        return taker(Party::Receiver, format!("the DNS names {host} as a mail server of {to}"));
    }
    match inbound(&host, &to) {
        Some(Inbound::Named) => {
            return taker(Party::Receiver, format!("{host} is the provider's host for {to} alone"));
        }
        Some(Inbound::Hosted) => {
            return taker(Party::Receiver, format!("{host} takes mail only for the domains it holds"));
        }
        None => {}
    }
    let private = event.ip.parse::<IpAddr>().is_ok_and(is_inside);
    let known = provider(&to, "");
    let of_provider = is_providers(&to) && provider("", &host) == known;
    let below = !to.is_empty() && !host.is_empty() && base(&host) == base(&to);
    let outward = is_outbound(&host);
    // A server that goes out for the recipient's own people is no exchanger; a
    // small domain's only server may well be called smtp.
    let smtp_only = host.starts_with("smtp.") && !is_providers(&to);
    if (below || of_provider) && (!outward || smtp_only) {
        let internal = base(&from) == base(&to) && !from.is_empty();
        let exchanger =
            ["mx", "mail", "in", "smtp", "inbound", "exchange"].iter().any(|word| host.starts_with(word));
        if !internal || exchanger {
            return taker(
                Party::Receiver,
                format!("{host} lies in the recipient's domain and was reached as its server"),
            );
        }
    }
    if outward {
        return taker(Party::Relay, format!("{host} is a server for mail on its way out"));
    }
    if private {
        return taker(Party::Relay, format!("{} is a private address: a server of one's own", event.ip));
    }
    if !from.is_empty() && base(&host) == base(&from) {
        return taker(Party::Relay, format!("{host} lies in the sender's domain"));
    }
    if let Some(looked_up) = looked_up(event) {
        return taker(Party::Receiver, looked_up);
    }
    let proof = match hosts.is_shared(event) {
        true => "the same host took mail of unrelated domains",
        false => "nothing shows that it is a mail server of the recipient's domain",
    };
    Taker { party: Party::Relay, proof: proof.to_owned(), proven: false }
}

/// Signs that the message was submitted to a server that passes it on.
fn submission(event: &LogEvent) -> Option<String> {
    if let Some(port @ (587 | 465 | 2525)) = port(event) {
        return Some(format!("port {port} takes mail of customers, not for mailboxes"));
    }
    let agent = event.agent.to_ascii_lowercase();
    if event.dialect == "exim" {
        if event.line.contains(" A=") {
            return Some("the connection was authenticated".to_owned());
        }
        let router = field(&event.line, " R=").unwrap_or_default().to_ascii_lowercase();
        for name in [router.as_str(), agent.as_str()] {
            let routed =
                ["smarthost", "satellite", "relay", "manualroute", "send_via", "gateway", "outbound"];
            if routed.iter().any(|word| name.contains(word)) {
                return Some(format!("the router or transport {name} sends everything to one host"));
            }
        }
    }
    if event.dialect == "sendmail" && agent == "relay" {
        return Some("mailer=relay: the smart host".to_owned());
    }
    names(&agent, &["smarthost", "relayhost"]).then(|| format!("the transport {agent} names a smart host"))
}

/// Mail systems that say in the line that they asked the DNS for the exchanger.
fn looked_up(event: &LogEvent) -> Option<String> {
    match event.dialect {
        "exim" if field(&event.line, " R=").is_some_and(|router| router.starts_with("dnslookup")) => {
            Some("the router dnslookup goes to the mail servers the DNS names".to_owned())
        }
        "sendmail" if event.agent == "esmtp" => {
            Some("mailer=esmtp goes to the mail servers the DNS names".to_owned())
        }
        "qmail" => Some("qmail-remote goes to the mail servers the DNS names".to_owned()),
        _ => None,
    }
}

fn field<'t>(line: &'t str, key: &str) -> Option<&'t str> {
    let rest = &line[line.find(key)? + key.len()..];
    Some(&rest[..rest.find(' ').unwrap_or(rest.len())])
}

/// The peer's port, where the line states it behind its address.
fn port(event: &LogEvent) -> Option<u16> {
    let from = event.line.find("relay=").or_else(|| event.line.find(" H="))?;
    let rest = &event.line[from..];
    let close = rest.find(']')?;
    let digits = rest[close + 1..].strip_prefix(':')?;
    digits[..digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len())].parse().ok()
}

/// Who gave the reply of a failed attempt; `None` where nobody answered at all, or
/// nothing proves whose the host is: then the words decide.
pub(crate) fn speaker(event: &LogEvent, sender: &str, hosts: &Hosts) -> Option<Speaker> {
    let quoted = [" said: ", "refused to talk to me", "SMTP error from", "Remote host said"]
        .iter()
        .any(|words| event.reply.contains(words));
    let nobody = matches!(event.host.as_str(), "" | "none") && event.ip.is_empty();
    // Exchange's own rules and its routing: no other server was asked.
    let by_itself = matches!(event.agent.as_str(), "AGENT" | "ROUTING");
    if event.dialect == "exchange-tracking"
        && by_itself
        && base(&domain(sender)) != base(&domain(&event.recipient))
    {
        return Some(Speaker::OwnServer);
    }
    if event.ip.starts_with("private/") || event.ip.starts_with('/') {
        return Some(Speaker::OwnServer);
    }
    if nobody && !quoted {
        let own = matches!(event.agent.as_str(), "local" | "virtual" | "pipe" | "error" | "retry" | "lmtp");
        let unresolved = ["not found", "ame service", "onnect"].iter().any(|word| event.reply.contains(word));
        // An Exim router that refuses without asking anybody is the server's own.
        let routed = event.dialect == "exim" && !event.reply.contains("nrouteable");
        return ((own || routed) && !unresolved).then_some(Speaker::OwnServer);
    }
    let inside = event.ip.parse::<IpAddr>().is_ok_and(is_inside);
    let taker = of(event, sender, hosts);
    match taker.party {
        Party::Filter => Some(Speaker::OwnFilter),
        Party::Own | Party::Mailbox => Some(Speaker::OwnServer),
        // Of a server that did not answer, the sender's own speaks.
        Party::Receiver if !quoted && Reply::read(&event.reply).code.is_none() => None,
        Party::Receiver => Some(Speaker::Receiver),
        Party::Relay if inside || taker.proven => Some(Speaker::OwnRelay),
        Party::Relay => None,
    }
}

#[cfg(test)]
mod tests;
