//! Real SMTP to hosts the user agreed to talk to: a bounded dialogue, old TLS
//! versions, and the open-relay test. DATA is never sent there, so no mail ever is;
//! [`handover`] alone sends a message.

mod client_hello;
mod connection;
mod dialogue;
pub(crate) mod handover;
mod old_tls;
mod open_relay;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::time::Instant;

use self::connection::Patience;
pub(crate) use self::connection::Stream;
use super::Limits;
use crate::evidence::{Evidence, Transcript};
use crate::model::question::SmtpTest;
use crate::model::scope::Dialogue;
use crate::model::{Name, Observation, Scope};

/// What is said to whom, settled before the first connection.
pub(crate) struct Job {
    dialogue: Dialogue,
    helo: String,
    /// The relay's host and port; it is asked to relay, all others to take mail for the domain.
    relay: Option<(String, u16)>,
    domain: Option<Name>,
    offline: bool,
}

/// One server to talk to.
struct Peer<'a> {
    /// The name, or the address where there is no name.
    name: &'a str,
    address: SocketAddr,
    port: u16,
}

/// MAIL FROM, the recipients tried with it, then RSET.
struct Transaction {
    from: String,
    to: Vec<String>,
}

impl Job {
    pub(crate) fn of(evidence: &Evidence, scope: &Scope, offline: bool) -> Job {
        let target = &evidence.target;
        let helo = scope.dialogue.helo.clone().or_else(|| target.helo.clone());
        Job {
            helo: helo.map_or_else(|| "mailvet.invalid".to_owned(), |name| word(&name)),
            relay: target
                .relay
                .as_deref()
                .and_then(crate::parse::web::host_port::split)
                .map(|(host, port)| (host.to_owned(), port.unwrap_or(25))),
            domain: target.domain.clone(),
            dialogue: Dialogue {
                from: scope.dialogue.from.clone().or_else(|| target.mail_from.clone()),
                ..scope.dialogue.clone()
            },
            offline,
        }
    }

    /// Puts one test to one server. A server that breaks off half-way still gives a transcript.
    pub(crate) async fn ask(
        &self,
        test: SmtpTest,
        host: &str,
        ip: IpAddr,
        port: u16,
        limits: &Limits,
    ) -> Observation<Transcript> {
        if self.offline {
            return Observation::NotAttempted("the run is offline".to_owned());
        }
        let wanted = SocketAddr::new(ip, port);
        let address = self.dialogue.destination(&Name::lenient(host), wanted);
        let shown = ip.to_string();
        let peer = Peer { name: if host.is_empty() { &shown } else { host }, address, port };
        let patience = Patience {
            connect: limits.question,
            reply: limits.reply,
            until: Instant::now() + limits.dialogue,
        };
        Observation::Seen(match test {
            SmtpTest::Dialogue => {
                dialogue::run(&peer, &self.helo, &self.transactions(&peer), patience).await.into()
            }
            SmtpTest::Tls => old_tls::run(&peer, &self.helo, patience).await.into(),
            SmtpTest::OpenRelay if !self.dialogue.open_relay_test => {
                return Observation::NotAttempted("only the host's operator may ask for it".to_owned());
            }
            SmtpTest::OpenRelay => open_relay::run(&peer, &self.helo, patience).await.into(),
        })
    }

    fn transactions(&self, peer: &Peer) -> Vec<Transaction> {
        let is_relay = self
            .relay
            .as_ref()
            .is_some_and(|(host, port)| host.eq_ignore_ascii_case(peer.name) && *port == peer.port);
        if is_relay && self.dialogue.greet_only {
            return Vec::new();
        }
        if is_relay {
            let from = self.dialogue.from.as_deref().map(path).unwrap_or_default();
            let to = match self.dialogue.to.as_slice() {
                [] => vec![format!("postmaster@{}", outside(peer.name))],
                named => named.iter().map(|address| path(address)).collect(),
            };
            return vec![Transaction { from, to }];
        }
        let Some(domain) = &self.domain else { return Vec::new() };
        let to = ["postmaster", "abuse"].map(|local| path(&format!("{local}@{domain}")));
        vec![Transaction { from: String::new(), to: to.to_vec() }]
    }
}

/// A domain that the host does not serve itself: one of RFC 2606 section 3.
fn outside(host: &str) -> &'static str {
    let host = host.to_ascii_lowercase();
    if host.ends_with("example.org") { "example.net" } else { "example.org" }
}

/// An address for a command line: without brackets, controls or spaces that would start another command.
fn path(address: &str) -> String {
    let address = address.trim().trim_start_matches('<').trim_end_matches('>');
    address.chars().filter(|c| !c.is_control() && *c != '<' && *c != '>').take(320).collect()
}

/// A HELO name for a command line.
fn word(name: &str) -> String {
    name.chars().filter(|c| !c.is_control() && !c.is_whitespace()).take(255).collect()
}

/// What a whole dialogue may take, from the bound on one question.
pub(crate) fn bounds(question: Duration) -> (Duration, Duration) {
    // Servers that test for early talkers greet after 6 s and more (Postfix postscreen), some tarpits
    // after 30 s; RFC 5321 section 4.5.3.2 would have us wait 5 minutes.
    (question * 6, question * 18)
}
