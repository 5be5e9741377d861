//! The configuration that makes a mail server keep to an [`Advice`], ready to
//! paste. Where a server cannot hold a rate, its text says so and limits connections.
//!
//! Sources: postconf(5) of Postfix 3.7; the Exim specification 4.96, chapters 22 and 43, with the Exim wiki's page
//! RatelimitOutbound; Set-SendConnector and Set-TransportService on learn.microsoft.com; cf/README and doc/op of
//! sendmail 8.17; docs.kumomta.com, "Configuring Traffic Shaping"; IBM's page on CHGSMTPA (7.3).

use std::collections::BTreeSet;

use super::{Advice, Receiver, Span};

/// Connections where nothing tells how many a receiver bears: few, and said to be a guess.
const GUESSED: u64 = 2;

/// A mail server that sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    Postfix,
    Exim,
    Exchange,
    Sendmail,
    Kumomta,
    Ibmi,
}

/// One receiver as configuration names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lane {
    /// The receiver's name.
    pub name: String,
    /// The same as one word.
    label: String,
    /// Its recipients' domains, the busiest first.
    pub domains: Vec<String>,
    /// Percent of its mail that goes to them.
    pub covered: u64,
    pub advice: Advice,
}

impl Lane {
    /// `None` where no domain can be written down, and behind a relay: what goes past it breaks the mail.
    pub(crate) fn new(receiver: &Receiver<'_>) -> Option<Lane> {
        let mut counted: Vec<(&String, u64)> =
            receiver.traffic.domains.iter().map(|(domain, count)| (domain, *count)).collect();
        counted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        let all = receiver.traffic.totals.attempts() + receiver.traffic.totals.expired;
        let (mut domains, mut covered) = (Vec::new(), 0);
        for (domain, count) in counted.into_iter().filter_map(|(domain, n)| Some((ascii(domain)?, n))) {
            // The few that are left change no rate.
            if covered * 100 >= all * 95 {
                break;
            }
            covered += count;
            domains.push(domain);
        }
        let covered = (covered * 100).checked_div(all).unwrap_or(0).min(100);
        let name = match receiver.name {
            "office365" => Some("office365".to_owned()),
            name => ascii(name),
        };
        let name = name.filter(|_| !domains.is_empty() && !receiver.relayed)?;
        Some(Lane { label: name.replace(['.', '-'], "-"), name, domains, covered, advice: receiver.advice })
    }

    /// `slow-gmail-com`, with `join` between the words.
    fn label(&self, join: &str) -> String {
        format!("slow{join}{}", self.label.replace('-', join))
    }
}

/// Lanes whose labels differ also without what joins their words: `a-b.com` and `a.b.com` are two.
fn told_apart(lanes: &[Lane]) -> Vec<Lane> {
    let mut known = BTreeSet::new();
    let mut lanes = lanes.to_vec();
    for lane in &mut lanes {
        let (plain, mut number) = (lane.label.clone(), 1);
        while !known.insert(lane.label.replace('-', "")) {
            number += 1;
            lane.label = format!("{plain}-{number}");
        }
    }
    lanes
}

/// A domain as configuration names it: in ASCII, where it is a plain host name.
fn ascii(domain: &str) -> Option<String> {
    let ascii = if domain.is_ascii() { domain.to_owned() } else { idna::domain_to_ascii(domain).ok()? };
    is_plain(&ascii).then_some(ascii)
}

/// A host name that no configuration file takes for anything else.
fn is_plain(domain: &str) -> bool {
    domain.len() <= 253
        && domain.contains('.')
        && domain.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
}

impl Server {
    pub(crate) const ALL: [Server; 6] =
        [Server::Postfix, Server::Exim, Server::Exchange, Server::Sendmail, Server::Kumomta, Server::Ibmi];

    /// As typed.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Server::Postfix => "postfix",
            Server::Exim => "exim",
            Server::Exchange => "exchange",
            Server::Sendmail => "sendmail",
            Server::Kumomta => "kumomta",
            Server::Ibmi => "ibmi",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Server> {
        Server::ALL.into_iter().find(|server| server.name() == name)
    }

    /// For people.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Server::Postfix => "Postfix",
            Server::Exim => "Exim",
            Server::Exchange => "Exchange",
            Server::Sendmail => "sendmail",
            Server::Kumomta => "KumoMTA",
            Server::Ibmi => "IBM i",
        }
    }

    /// The distance in milliseconds that the server can hold, never below the one advised; `None` where
    /// it holds none, or so coarsely that it would be twice as slow.
    pub(crate) fn interval(self, advice: &Advice) -> Option<u64> {
        let interval = advice.interval?;
        match self {
            Server::Postfix => (interval >= 500).then(|| interval.div_ceil(1000) * 1000),
            Server::Exim => {
                let (count, seconds) = even(interval);
                Some((seconds * 1000).div_ceil(count))
            }
            Server::Kumomta => Some(per(interval).interval().max(interval)),
            Server::Sendmail | Server::Exchange | Server::Ibmi => None,
        }
    }

    /// Why [`Server::interval`] gives none.
    pub(crate) fn why_not(self) -> &'static str {
        match self {
            Server::Postfix => "Postfix waits whole seconds, which would be far slower than needed",
            Server::Sendmail => "sendmail sends in runs of a minute and not evenly",
            Server::Exim | Server::Kumomta | Server::Exchange | Server::Ibmi => {
                "this server cannot hold a rate"
            }
        }
    }

    /// The configuration for all of them.
    pub(crate) fn text(self, lanes: &[Lane]) -> String {
        let (mut out, lanes) = (String::new(), &*told_apart(lanes));
        for lane in lanes {
            out.push_str(&self.remarked(&self.heading(lane)));
        }
        out.push_str(&match self {
            Server::Postfix => postfix(lanes),
            Server::Exim => exim(lanes),
            Server::Exchange => exchange(lanes),
            Server::Sendmail => sendmail(lanes),
            Server::Kumomta => kumomta(lanes),
            Server::Ibmi => ibmi(lanes),
        });
        out
    }

    fn heading(self, lane: &Lane) -> String {
        let mut rate = match lane.advice.interval {
            Some(interval) => format!("at most {}", words(interval)),
            None => "no rate is known".to_owned(),
        };
        let counts = match self {
            Server::Postfix => self.interval(&lane.advice).is_none(),
            Server::Exchange | Server::Ibmi => true,
            Server::Exim | Server::Sendmail | Server::Kumomta => false,
        };
        if counts && lane.advice.connections.is_none() {
            rate.push_str(&format!(
                "; {GUESSED} connections are a guess, as nothing tells how many it bears"
            ));
        }
        let rest = match lane.covered {
            95.. => String::new(),
            covered => format!("; the domains below hold {covered}% of its mail, the rest goes as before"),
        };
        format!("{}: {rate}{rest}", lane.name)
    }

    /// A line that the server passes over.
    pub(crate) fn remarked(self, text: &str) -> String {
        let end = if self == Server::Ibmi { " */" } else { "" };
        format!("{} {text}{end}\n", self.remark())
    }

    fn remark(self) -> &'static str {
        match self {
            Server::Sendmail => "dnl",
            Server::Ibmi => "/*",
            _ => "#",
        }
    }
}

/// `96 a minute`; slower ones by the hour or day.
pub(crate) fn words(interval: u64) -> String {
    per(interval).words()
}

/// The rate in the shortest span that holds five, or the day.
fn per(interval: u64) -> super::Rate {
    let span = [Span::Minute, Span::Hour].into_iter().find(|span| span.millis() / interval.max(1) >= 5);
    let span = span.unwrap_or(Span::Day);
    super::Rate { count: (span.millis() / interval.max(1)).max(1), span }
}

/// A count in whole seconds for the interval. Exim lets so many go at once, so few are best; of one it
/// lets none go (a real 4.96 was asked).
fn even(interval: u64) -> (u64, u64) {
    let seconds = |count: u64| (count * interval).div_ceil(1000).max(1);
    let most = (2000 / interval.max(1)).max(20);
    // Not more than a twentieth slower than advised.
    let count = (2..=most).find(|count| count * interval * 20 >= seconds(*count) * 19_000).unwrap_or(2);
    (count, seconds(count))
}

fn postfix(lanes: &[Lane]) -> String {
    let (mut master, mut main, mut map) = (String::new(), String::new(), String::new());
    for lane in lanes {
        let label = lane.label("-");
        let seconds = Server::Postfix.interval(&lane.advice).map(|interval| interval / 1000);
        let processes = lane.advice.connections.map_or("-".to_owned(), |most| most.to_string());
        master.push_str(&format!("{label} unix - - n - {processes} smtp\n"));
        if let Some(most) = lane.advice.per_connection {
            master.push_str(&format!("    -o smtp_connection_reuse_count_limit={most}\n"));
        }
        match seconds {
            // By recipient, and over all domains of the receiver; a destination_rate_delay would let each
            // domain have the whole rate.
            Some(seconds) => main.push_str(&format!(
                "{label}_destination_recipient_limit = 1\n{label}_transport_rate_delay = {seconds}s\n"
            )),
            None => {
                let most = lane.advice.connections.unwrap_or(GUESSED);
                main.push_str(&format!("{label}_destination_concurrency_limit = {most}\n"));
                if let Some(most) = lane.advice.recipients_per_message {
                    main.push_str(&format!("{label}_destination_recipient_limit = {most}\n"));
                }
                if lane.advice.interval.is_some() {
                    main.push_str("# Postfix waits whole seconds, which would be far slower than needed: connections are held\n");
                }
            }
        }
        lane.domains.iter().for_each(|domain| map.push_str(&format!("{domain} {label}:\n")));
    }
    format!(
        "# append to /etc/postfix/master.cf (Postfix 3.1 and later)\n{master}\
         # /etc/postfix/main.cf; where transport_maps is set, put the new table before the one that is there\n\
         transport_maps = texthash:/etc/postfix/slow_transport\n{main}\
         # /etc/postfix/slow_transport, then postfix reload\n{map}"
    )
}

fn exim(lanes: &[Lane]) -> String {
    let (mut acl, mut routers, mut most) = (String::new(), String::new(), None);
    for lane in lanes {
        most = most.into_iter().chain(lane.advice.per_connection).min();
        let Some(interval) = Server::Exim.interval(&lane.advice) else { continue };
        let (label, (count, seconds)) = (lane.label("_"), even(lane.advice.interval.unwrap_or(interval)));
        acl.push_str(&format!(
            "{label}:\n  accept ratelimit = {count} / {seconds}s / leaky / per_cmd / {label}\n"
        ));
        routers.push_str(&format!(
            "{label}:\n  driver = redirect\n  domains = {}\n  no_verify\n  allow_defer\n  \
             condition = ${{if acl{{{{{label}}}}}}}\n  data = :defer: {} to {}\n",
            lane.domains.join(" : "),
            words(interval),
            lane.name
        ));
    }
    let mut out = String::new();
    if !acl.is_empty() {
        out = format!(
            "# behind begin acl\n{acl}# behind begin routers, before the router that looks up MX records; what is over \
             the rate waits for the next queue run, so let Exim run with -q1m\n{routers}"
        );
    }
    if let Some(most) = most {
        out.push_str(&format!("# in the smtp transport\n  connection_max_messages = {most}\n"));
    }
    out
}

fn exchange(lanes: &[Lane]) -> String {
    let mut out =
        String::from("# Exchange holds no rate; what it can hold are connections, for all receivers\n");
    for lane in lanes {
        let spaces: Vec<String> = lane.domains.iter().map(|domain| format!("\"SMTP:{domain};1\"")).collect();
        out.push_str(&format!(
            "New-SendConnector -Name \"slow {}\" -AddressSpaces {} -DNSRoutingEnabled $true\n",
            lane.name,
            spaces.join(",")
        ));
        if let Some(most) = lane.advice.per_connection {
            out.push_str(&format!(
                "Set-SendConnector \"slow {}\" -SmtpMaxMessagesPerConnection {most}\n",
                lane.name
            ));
        }
    }
    let most = lanes.iter().filter_map(|lane| lane.advice.connections).min().unwrap_or(GUESSED);
    out.push_str(&format!("Set-TransportService NAME -MaxPerDomainOutboundConnections {most}\n"));
    out
}

fn sendmail(lanes: &[Lane]) -> String {
    let (mut groups, mut map) = (String::new(), String::new());
    for lane in lanes {
        let label = lane.label("");
        let jobs = lane.advice.most(Span::Minute).map(|jobs| jobs.max(1));
        let jobs = jobs.map_or(String::new(), |jobs| format!(", J={jobs}"));
        groups.push_str(&format!(
            "QUEUE_GROUP(`{label}', `P=/var/spool/mqueue/{label}, R=1, r=1, I=1m{jobs}, F=f')dnl\n"
        ));
        lane.domains.iter().for_each(|domain| map.push_str(&format!("QGRP:{domain}\t{label}\n")));
    }
    format!(
        "dnl in sendmail.mc; no real sendmail was asked; all mail waits for a queue run then, so run it with -q1m\n\
         define(`confDELIVERY_MODE', `queueonly')dnl\nFEATURE(`access_db')dnl\nFEATURE(`queuegroup')dnl\n{groups}\
         dnl in /etc/mail/access, then makemap\n{map}"
    )
}

fn kumomta(lanes: &[Lane]) -> String {
    let mut out = String::from("# shaping.toml\n");
    for lane in lanes {
        let domains: Vec<String> =
            lane.domains.iter().map(|domain| format!("{{DomainSuffix=\"{domain}\"}}")).collect();
        out.push_str(&format!("[provider.\"{}\"]\nmatch=[{}]\n", lane.label("-"), domains.join(", ")));
        if let Some(interval) = Server::Kumomta.interval(&lane.advice) {
            let rate = per(interval);
            out.push_str(&format!(
                "provider_max_message_rate = \"{}/{},max_burst=1\"\n",
                rate.count,
                rate.span.name()
            ));
        }
        if let Some(most) = lane.advice.connections {
            out.push_str(&format!("provider_connection_limit = {most}\n"));
        }
        if let Some(most) = lane.advice.per_connection {
            out.push_str(&format!("max_deliveries_per_connection = {most}\n"));
        }
    }
    out
}

fn ibmi(lanes: &[Lane]) -> String {
    let most = lanes.iter().filter_map(|lane| lane.advice.connections).min().unwrap_or(GUESSED);
    format!(
        "/* IBM i holds no rate and no receiver apart: let a relay hold the rate (MAILROUTER), or few connections */\n\
         CHGSMTPA MAXOUTEMM({most})\nENDTCPSVR SERVER(*SMTP)\nSTRTCPSVR SERVER(*SMTP)\n"
    )
}
