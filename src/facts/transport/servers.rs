//! What the mail servers said: the MX hosts and the relay, one session for each
//! address spoken to.

use std::net::IpAddr;

use super::certificate::Chain;
use crate::evidence::smtp::{OpenRelayTranscript, SmtpTranscript};
use crate::facts::Facts;
use crate::model::question::SmtpTest;
use crate::model::untrusted::Width;
use crate::model::{Gap, Name, Question};
use crate::parse::web::host_port;

pub(crate) use crate::evidence::handover::{Content, Handover};
pub(crate) use crate::evidence::smtp::{Broken, Exchange, RelayAttempt, TlsSession, TlsTranscript, Trouble};

/// MX hosts spoken to, best preference first.
const MOST_HOSTS: usize = 10;

/// What a server is to the audited sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It takes mail for the domain.
    Mx,
    /// It takes mail from the sender.
    Relay,
}

/// One address of one mail server.
pub(crate) struct Server {
    /// Its name, or its address where it has none.
    pub host: String,
    pub ip: IpAddr,
    pub port: u16,
    pub session: Result<Session, Gap>,
    /// Old TLS versions and injection; asked of the first address only.
    pub old_tls: Option<Result<TlsTranscript, Gap>>,
    /// Asked of the relay only, and only by its operator.
    pub open_relay: Option<Result<OpenRelayTranscript, Gap>>,
}

impl Server {
    /// The newest of what it takes of what our TLS library does not speak, where it
    /// broke off before it showed a certificate.
    pub(crate) fn takes_older(&self) -> Option<&str> {
        self.session.as_ref().ok().filter(|session| session.chain.is_none())?;
        let old = self.old_tls.as_ref()?.as_ref().ok()?;
        old.offers.iter().rev().find(|offer| offer.accepted == Some(true)).map(|offer| offer.name.as_str())
    }

    /// True where senders with OpenSSL get TLS 1.2 where we did not.
    pub(crate) fn takes_older_ciphers(&self) -> bool {
        self.takes_older().is_some_and(|name| OLDER_CIPHERS.contains(&name))
    }
}

/// Offers of TLS 1.2, by name.
const OLDER_CIPHERS: [&str; 2] = ["RSA key exchange", "CBC or DHE ciphers"];

/// A dialogue, read.
pub(crate) struct Session {
    pub transcript: SmtpTranscript,
    pub chain: Option<Chain>,
}

/// The MX hosts' addresses, spoken to or not.
pub(crate) struct MxServers {
    pub each: Vec<Server>,
    /// Why a host is not among them, where one is not because its addresses got no answer.
    pub unknown: Option<Gap>,
}

impl MxServers {
    /// The addresses of one host; a gap where there may be more hosts than are known, and this is
    /// none of the known ones.
    pub(crate) fn of_host<'f>(&'f self, host: &str) -> Result<Vec<&'f Server>, Gap> {
        let found: Vec<&Server> = self.each.iter().filter(|server| server.host == host).collect();
        match &self.unknown {
            Some(gap) if found.is_empty() => Err(gap.clone()),
            _ => Ok(found),
        }
    }
}

/// How STARTTLS went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StartTls {
    /// The server greeted and did not offer it.
    NotOffered,
    /// Offered, and refused when asked for.
    Refused(String),
    /// The handshake failed.
    Broken(Broken),
    Done,
    /// The dialogue ended before it could show.
    Unseen,
}

impl Session {
    pub(crate) fn greeting(&self) -> Option<&Exchange> {
        self.transcript.exchanges.first().filter(|exchange| exchange.sent.is_empty())
    }

    /// The reply to EHLO in plain text.
    pub(crate) fn ehlo(&self) -> Option<&Exchange> {
        self.transcript
            .exchanges
            .iter()
            .find(|exchange| exchange.sent.starts_with("EHLO") && !exchange.encrypted)
    }

    /// The last reply to EHLO that was accepted, inside TLS where there is one.
    pub(crate) fn last_ehlo(&self) -> Option<&Exchange> {
        let mut said = self.transcript.exchanges.iter().rev();
        said.find(|exchange| exchange.sent.starts_with("EHLO") && exchange.is_accepted())
    }

    /// The server's keywords with their parameters, from one EHLO reply.
    pub(crate) fn keywords(ehlo: &Exchange) -> impl Iterator<Item = &str> {
        ehlo.reply.iter().skip(1).filter_map(|line| line.get(4..)).map(str::trim).filter(|l| !l.is_empty())
    }

    pub(crate) fn starttls(&self) -> StartTls {
        if self.transcript.tls.is_some() && self.is_encrypted() {
            return StartTls::Done;
        }
        if let Some(broken) = self.transcript.broken.as_ref().filter(|broken| broken.stage == "handshake") {
            return StartTls::Broken(broken.clone());
        }
        let asked = self.transcript.exchanges.iter().find(|exchange| exchange.sent == "STARTTLS");
        if let Some(refused) = asked.filter(|exchange| exchange.code().is_some_and(|code| code != 220)) {
            return StartTls::Refused(refused.text());
        }
        let greeted = |exchange: &&Exchange| {
            exchange.is_accepted() && (exchange.sent.starts_with("EHLO") || exchange.sent.starts_with("HELO"))
        };
        match self.transcript.exchanges.iter().find(greeted) {
            Some(_) if asked.is_none() => StartTls::NotOffered,
            _ => StartTls::Unseen,
        }
    }

    /// True where commands went through TLS.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.transcript.exchanges.iter().any(|exchange| exchange.encrypted)
    }

    /// The reply to a recipient, or to the sender where that was refused already.
    pub(crate) fn recipient(&self, address: &str) -> Option<&Exchange> {
        let wanted = format!("RCPT TO:<{address}>");
        let refused_sender = || {
            self.said().find(|exchange| exchange.sent.starts_with("MAIL FROM:") && !exchange.is_accepted())
        };
        self.said().find(|exchange| exchange.sent == wanted).or_else(refused_sender)
    }

    /// All that was said, also in clear after a handshake that failed.
    pub(crate) fn said(&self) -> impl Iterator<Item = &Exchange> {
        let again = self.transcript.in_clear.iter().flat_map(|again| &again.exchanges);
        self.transcript.exchanges.iter().chain(again)
    }

    /// The senders and recipients tried, with their replies.
    pub(crate) fn asked(&self) -> impl Iterator<Item = &Exchange> {
        let is_one = |exchange: &&Exchange| {
            exchange.sent.starts_with("RCPT TO:")
                || (exchange.sent.starts_with("MAIL FROM:") && !exchange.is_accepted())
        };
        self.said().filter(is_one)
    }

    /// Our address as the server sees it, where it says so in its EHLO reply.
    pub(crate) fn seen_as(&self) -> Option<IpAddr> {
        let line = self.transcript.exchanges.iter().find(|e| e.sent.starts_with("EHLO"))?.reply.first()?;
        let text = |c: char| !(c.is_ascii_hexdigit() || c == '.' || c == ':');
        line.get(4..)?
            .split(['[', ']', '(', ')', ' ', ','])
            .map(|word| word.strip_prefix("IPv6:").unwrap_or(word))
            .filter(|word| !word.contains(text))
            .find_map(|word| word.parse().ok())
    }
}

/// `--probe`, or a recording that holds the answer.
fn allowed(facts: &Facts, question: &Question) -> Result<(), Gap> {
    if facts.scope().probe || facts.is_recorded(question) {
        return Ok(());
    }
    Err(no_permission())
}

fn session(facts: &Facts, host: &str, ip: IpAddr, port: u16) -> Result<Session, Gap> {
    let question = Question::Smtp { test: SmtpTest::Dialogue, host: host.to_owned(), ip, port };
    allowed(facts, &question)?;
    let transcript: SmtpTranscript = facts.ledger().transcript(&question).cloned()?;
    let certificates = transcript.tls.as_ref().map(|tls| tls.certificates.as_slice()).unwrap_or_default();
    let chain = Chain::read(certificates, &facts.scope().roots, facts.now());
    Ok(Session { transcript, chain })
}

fn server(facts: &Facts, role: Role, host: &str, ip: IpAddr, port: u16, first: bool) -> Server {
    let session = session(facts, host, ip, port);
    let shown = if host.is_empty() { ip.to_string() } else { host.to_owned() };
    let ask = |test| {
        let question = Question::Smtp { test, host: host.to_owned(), ip, port };
        allowed(facts, &question).map(|()| question)
    };
    let offers_tls = session.as_ref().is_ok_and(|session| {
        matches!(session.starttls(), StartTls::Done | StartTls::Broken(_)) && session.ehlo().is_some()
    });
    let old_tls = (first && offers_tls)
        .then(|| ask(SmtpTest::Tls).and_then(|question| facts.ledger().transcript(&question).cloned()));
    let question = Question::Smtp { test: SmtpTest::OpenRelay, host: host.to_owned(), ip, port };
    let wanted = facts.scope().dialogue.open_relay_test || facts.is_recorded(&question);
    let open_relay = (first && role == Role::Relay && wanted)
        .then(|| ask(SmtpTest::OpenRelay).and_then(|question| facts.ledger().transcript(&question).cloned()));
    Server { host: shown, ip, port, session, old_tls, open_relay }
}

/// Of each family the first: enough to see whether it works.
fn one_of_each(addresses: &[IpAddr]) -> impl Iterator<Item = IpAddr> {
    let first = |v6: bool| addresses.iter().copied().filter(|ip| ip.is_ipv6() == v6).min();
    [first(false), first(true)].into_iter().flatten()
}

/// The MX hosts, or the domain itself where it has none.
pub(in crate::facts) fn mx(facts: &Facts) -> Result<MxServers, Gap> {
    let mx = facts.mx()?;
    let (mut found, mut unknown) = (Vec::new(), None);
    let mut visit = |name: &Name, addresses: &[IpAddr]| {
        for (at, ip) in one_of_each(addresses).enumerate() {
            found.push(server(facts, Role::Mx, name.as_str(), ip, 25, at == 0));
        }
    };
    for host in mx.hosts.iter().take(MOST_HOSTS) {
        match &host.addresses {
            Ok(addresses) => visit(&host.name, addresses),
            // Where nobody may talk to the host, its address would change nothing.
            Err(_) if !facts.scope().probe && !facts.has_session(host.name.as_str(), 25) => {
                unknown = unknown.or(Some(no_permission()));
            }
            Err(why) => unknown = Some(why.clone()),
        }
    }
    if let Some(addresses) = &mx.implicit {
        visit(&mx.domain, addresses.as_ref().map_err(Gap::clone)?);
    }
    Ok(MxServers { each: found, unknown })
}

fn no_permission() -> Gap {
    Gap::NotSupplied { what: "permission to talk to mail servers", flag: "--probe" }
}

/// The relay's addresses.
pub(in crate::facts) fn relay(facts: &Facts) -> Result<Vec<Server>, Gap> {
    let missing = Gap::NotSupplied { what: "relay", flag: "--relay HOST[:PORT]" };
    let text = facts.target().relay.as_deref().ok_or(missing)?;
    let Some((host, port)) = host_port::split(text) else {
        let shown = crate::model::untrusted::plain(text, Width::Name);
        return Err(Gap::undecidable(format!("{shown:?} is no HOST[:PORT]")));
    };
    let port = port.unwrap_or(25);
    if let Ok(ip) = host.parse() {
        return Ok(vec![server(facts, Role::Relay, "", ip, port, true)]);
    }
    // RFC 6761 section 6.3: never asked for in DNS.
    let addresses = match host.eq_ignore_ascii_case("localhost") {
        true => vec![IpAddr::from([127, 0, 0, 1])],
        // Without `--probe` the name is of no use, so it is not even asked for.
        false if !facts.scope().probe && !facts.has_session(host, port) => {
            return Err(no_permission());
        }
        false => facts.ledger().some_addresses(&Name::lenient(host))?,
    };
    if addresses.is_empty() {
        return Err(Gap::undecidable(format!(
            "{} has no address in DNS; give the relay's address instead of its name",
            crate::model::untrusted::plain(host, Width::Name)
        )));
    }
    let each = one_of_each(&addresses).enumerate();
    Ok(each.map(|(at, ip)| server(facts, Role::Relay, host, ip, port, at == 0)).collect())
}

/// True where the trouble may lie on our side: a firewall near us, or no route.
pub(crate) fn may_be_ours(trouble: Trouble) -> bool {
    matches!(trouble, Trouble::Timeout | Trouble::Unreachable | Trouble::Forbidden)
}
