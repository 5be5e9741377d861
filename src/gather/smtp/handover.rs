//! Hands one message over to a relay, as an application would. Nothing else in
//! the program sends mail.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::time::Instant;

use super::connection::{Connection, Patience};
use super::dialogue::{self, SUBMISSIONS, offers};
use super::{Peer, path, word};
use crate::evidence::handover::{Content, Handover};
use crate::evidence::smtp::{Broken, Exchange};
use crate::facts::transport::certificate::{Chain, fault};
use crate::model::untrusted::Width;
use crate::parse::smtp::outgoing::Outgoing;

/// What is handed over, to whom and how; settled before the first connection.
pub(crate) struct Order<'a> {
    /// The relay's name, or its address where it has none.
    pub relay: &'a str,
    pub port: u16,
    pub addresses: Vec<SocketAddr>,
    /// The name in EHLO; our address on the connection where absent (RFC 5321 section 4.1.3).
    pub helo: Option<&'a str>,
    /// Empty for the null sender.
    pub from: &'a str,
    pub to: &'a [String],
    pub message: &'a Outgoing,
    pub encryption: Encryption,
    pub login: Option<Login>,
    /// Authorities trusted beside the public ones, DER.
    pub roots: Vec<Vec<u8>>,
    /// The clock certificates are judged by, seconds since the Unix epoch.
    pub now: i64,
}

/// Whether TLS is used; on port 465 it always is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encryption {
    Never,
    Offered,
    Required,
}

/// The account to send with. Neither `Debug` nor `Display`: the password is in it.
pub(crate) struct Login {
    pub user: String,
    pub password: String,
}

/// How long to wait.
pub(crate) struct Times {
    pub connect: Duration,
    pub reply: Duration,
    /// For the reply to the final dot.
    pub verdict: Duration,
    pub run: Duration,
}

/// Why the dialogue ended before the message was sent.
enum Stop {
    Broken(Broken),
    Refused(Exchange),
    Unfit(String),
}

impl From<Broken> for Stop {
    fn from(broken: Broken) -> Stop {
        Stop::Broken(broken)
    }
}

/// Hands the message over. The first address that can be connected to decides.
pub(crate) async fn run(order: &Order<'_>, times: &Times) -> Handover {
    let mut out = Handover {
        recipients: order.to.iter().map(|address| (address.clone(), None)).collect(),
        ..Handover::default()
    };
    let until = Instant::now() + times.run;
    let patience = Patience { connect: times.connect, reply: times.reply, until };
    for address in &order.addresses {
        match Connection::open(*address, patience).await {
            Err(broken) => out.unreached.push((*address, broken)),
            Ok(connection) => {
                out.address = Some(*address);
                speak(order, times, connection, *address, &mut out).await;
                return out;
            }
        }
    }
    out.broken = out.unreached.last().map(|(_, broken)| broken.clone());
    out
}

async fn speak(
    order: &Order<'_>,
    times: &Times,
    connection: Connection,
    address: SocketAddr,
    out: &mut Handover,
) {
    let helo = order.helo.map_or_else(|| literal(connection.local.ip()), word);
    let peer = Peer { name: order.relay, address, port: order.port };
    let encrypts = order.encryption != Encryption::Never;
    let (mut connection, tls, met) = dialogue::introduce(connection, &peer, &helo, encrypts).await;
    out.tls = tls;
    let stop = match met {
        Err(broken) => Some(Stop::Broken(broken)),
        // Its greeting says why.
        Ok(None) => connection.exchanges.first().cloned().map(Stop::Refused),
        Ok(Some(offered)) => transact(order, times, &mut connection, &offered, out).await.err(),
    };
    let is_broken = matches!(stop, Some(Stop::Broken(_)));
    match stop {
        Some(Stop::Broken(broken)) => out.broken = Some(broken),
        Some(Stop::Refused(exchange)) => out.refusal = Some(exchange),
        Some(Stop::Unfit(why)) => out.unfit = Some(why),
        None => {}
    }
    if !is_broken && connection.exchanges.iter().all(|exchange| exchange.sent != "QUIT") {
        // What was decided stands, whatever comes of the goodbye.
        connection.wait(times.connect);
        let _ = connection.command("QUIT").await;
    }
    out.exchanges = connection.exchanges;
}

async fn transact(
    order: &Order<'_>,
    times: &Times,
    connection: &mut Connection,
    offered: &[String],
    out: &mut Handover,
) -> Result<(), Stop> {
    let hello =
        connection.exchanges.iter().rev().find(|e| e.sent.starts_with("EHLO") || e.sent.starts_with("HELO"));
    if let Some(refused) = hello.filter(|exchange| !exchange.is_accepted()) {
        return Err(Stop::Refused(refused.clone()));
    }
    if order.encryption == Encryption::Required && !connection.encrypted {
        let refused = connection.exchanges.iter().find(|exchange| exchange.sent == "STARTTLS");
        return Err(match refused {
            Some(refused) => Stop::Refused(refused.clone()),
            None => Stop::Unfit(
                "the relay does not offer STARTTLS, and --tls required wants it; ask its operator for it, or try port 465"
                    .to_owned(),
            ),
        });
    }
    let parameters = parameters(order, offered).map_err(Stop::Unfit)?;
    if let Some(login) = &order.login {
        authenticate(order, login, connection, offered, out).await?;
    }
    let sender = connection.command(&format!("MAIL FROM:<{}>{parameters}", path(order.from))).await?;
    if !sender.is_accepted() {
        return Err(Stop::Refused(sender));
    }
    for (address, reply) in &mut out.recipients {
        *reply = Some(connection.command(&format!("RCPT TO:<{}>", path(address))).await?);
    }
    let taken = |reply: &Option<Exchange>| reply.as_ref().is_some_and(Exchange::is_accepted);
    if !out.recipients.iter().any(|(_, reply)| taken(reply)) {
        return Ok(());
    }
    let ready = connection.command("DATA").await?;
    if ready.code() != Some(354) {
        return Err(Stop::Refused(ready));
    }
    out.content = Content::Part;
    if let Some(early) = connection.content(&order.message.octets).await? {
        return Err(Stop::Refused(early));
    }
    // From here on the server may hold the message, also where its reply is lost.
    out.content = Content::Whole;
    connection.wait(times.verdict);
    out.verdict = Some(connection.command(".").await?);
    Ok(())
}

/// What MAIL FROM is to say, or why this server cannot carry the message.
fn parameters(order: &Order<'_>, offered: &[String]) -> Result<String, String> {
    let message = order.message;
    let mut said = String::new();
    if let Some(limit) = size_limit(offered) {
        if limit > 0 && message.size > limit {
            return Err(format!(
                "the message has {} octets and the relay takes {limit} (SIZE); make it smaller, or have the limit raised",
                message.size
            ));
        }
        said.push_str(&format!(" SIZE={}", message.size));
    }
    if message.eight_bit {
        if !offers(offered, "8BITMIME") {
            return Err(
                "the message has octets over 127 and the relay does not offer 8BITMIME; encode it as quoted-printable or base64"
                    .to_owned(),
            );
        }
        said.push_str(" BODY=8BITMIME");
    }
    let international = std::iter::once(order.from)
        .chain(order.to.iter().map(String::as_str))
        .find(|address| !address.is_ascii());
    if message.utf8_header || international.is_some() {
        if !offers(offered, "SMTPUTF8") {
            return Err(match international {
                Some(address) => format!(
                    "the address {} is not ASCII and the relay does not offer SMTPUTF8; write its domain in A-labels (xn--...), or use another address",
                    crate::model::untrusted::plain(address, Width::Name)
                ),
                None => "the header holds UTF-8 and the relay does not offer SMTPUTF8; write such words as encoded words (=?utf-8?...?=)"
                    .to_owned(),
            });
        }
        said.push_str(" SMTPUTF8");
    }
    Ok(said)
}

/// The parameter of SIZE; 0 where there is none or it is no number (RFC 1870 section 4).
fn size_limit(offered: &[String]) -> Option<u64> {
    offered.iter().skip(1).find_map(|line| {
        let mut words = line.get(4..)?.split_whitespace();
        let is_size = words.next()?.eq_ignore_ascii_case("SIZE");
        is_size.then(|| words.next().and_then(|word| word.parse().ok()).unwrap_or(0))
    })
}

/// AUTH PLAIN or LOGIN (RFC 4954, RFC 4616); the password only over TLS, and only to
/// a server whose certificate is good.
async fn authenticate(
    order: &Order<'_>,
    login: &Login,
    connection: &mut Connection,
    offered: &[String],
    out: &Handover,
) -> Result<(), Stop> {
    if !connection.encrypted {
        return Err(Stop::Unfit(
            "the connection is not encrypted, so the password is not sent; use a port with STARTTLS, or 465"
                .to_owned(),
        ));
    }
    if let Some(why) = unproven(order, connection, out) {
        return Err(Stop::Unfit(format!(
            "the relay's certificate is not good enough for a password, which is not sent: {why}; name the relay as its certificate does, and give its authority with --ca"
        )));
    }
    let mechanisms = mechanisms(offered);
    let knows = |name: &str| mechanisms.iter().any(|known| known == name);
    let password = STANDARD.encode(&login.password);
    let both = STANDARD.encode(format!("\0{}\0{}", login.user, login.password));
    for secret in [&both, &password, &login.password] {
        connection.hide(secret);
    }
    let answer = if knows("PLAIN") {
        connection.command_shown(&format!("AUTH PLAIN {both}"), "AUTH PLAIN ***").await?
    } else if knows("LOGIN") {
        let mut answer = connection.command("AUTH LOGIN").await?;
        if answer.code() == Some(334) {
            answer = connection.command_shown(&STANDARD.encode(&login.user), "(user name)").await?;
        }
        if answer.code() == Some(334) {
            answer = connection.command_shown(&password, "(password)").await?;
        }
        answer
    } else {
        let shown = match mechanisms.as_slice() {
            [] => "none".to_owned(),
            known => crate::model::untrusted::plain(&known.join(" "), Width::Line),
        };
        return Err(Stop::Unfit(format!(
            "the relay offers no way to log in that is spoken here (AUTH PLAIN, LOGIN); it offers: {shown}"
        )));
    };
    if answer.code() == Some(235) { Ok(()) } else { Err(Stop::Refused(answer)) }
}

/// Why the relay's certificate does not prove that it is the relay.
fn unproven(order: &Order<'_>, connection: &Connection, out: &Handover) -> Option<String> {
    let certificates = out.tls.as_ref().map(|tls| tls.certificates.as_slice()).unwrap_or_default();
    match &Chain::read(certificates, &order.roots, order.now) {
        None => Some("no certificate could be read".to_owned()),
        Some(_) if order.relay.parse::<IpAddr>().is_ok() => {
            Some("the relay is named by its address, which no certificate is compared with".to_owned())
        }
        Some(chain) => fault(chain, order.relay, order.now)
            .or_else(|| (!connection.proven).then(|| "the proof of its key could not be checked".to_owned())),
    }
}

/// The ways to log in that the answer to EHLO names.
fn mechanisms(offered: &[String]) -> Vec<String> {
    offered
        .iter()
        .skip(1)
        .filter_map(|line| line.get(4..))
        .map(str::to_ascii_uppercase)
        .filter(|line| line.starts_with("AUTH ") || line.starts_with("AUTH="))
        .flat_map(|line| line[5..].split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

/// Our address as a name for EHLO.
fn literal(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => format!("[{ip}]"),
        IpAddr::V6(ip) => format!("[IPv6:{ip}]"),
    }
}

/// True for the port on which TLS comes first.
pub(crate) fn begins_with_tls(port: u16) -> bool {
    port == SUBMISSIONS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order<'a>(message: &'a Outgoing, from: &'a str, to: &'a [String]) -> Order<'a> {
        Order {
            relay: "relay.example.com",
            port: 25,
            addresses: Vec::new(),
            helo: None,
            from,
            to,
            message,
            encryption: Encryption::Offered,
            login: None,
            roots: Vec::new(),
            now: 0,
        }
    }

    fn ehlo(keywords: &[&str]) -> Vec<String> {
        std::iter::once("250-x".to_owned()).chain(keywords.iter().map(|word| format!("250-{word}"))).collect()
    }

    #[test]
    fn extensions_decide_what_can_be_sent() {
        let plain = Outgoing::read(b"A: b\r\n\r\nx\r\n");
        let body = Outgoing::read("A: b\r\n\r\nü\r\n".as_bytes());
        let header = Outgoing::read("A: ü\r\n\r\nx\r\n".as_bytes());
        let to = ["b@example.org".to_owned()];
        let said = |message: &Outgoing, from: &str, words: &[&str]| {
            parameters(&order(message, from, &to), &ehlo(words))
        };
        assert_eq!(said(&plain, "a@example.com", &[]).unwrap(), "");
        assert_eq!(said(&plain, "a@example.com", &["size"]).unwrap(), " SIZE=11");
        assert_eq!(said(&plain, "a@example.com", &["SIZE 0"]).unwrap(), " SIZE=11");
        assert!(said(&plain, "a@example.com", &["SIZE 10"]).unwrap_err().contains("takes 10"));
        assert!(said(&body, "a@example.com", &[]).unwrap_err().contains("8BITMIME"));
        assert_eq!(said(&body, "a@example.com", &["8BITMIME"]).unwrap(), " BODY=8BITMIME");
        assert!(said(&header, "a@example.com", &["8BITMIME"]).unwrap_err().contains("SMTPUTF8"));
        assert!(said(&plain, "ü@example.com", &["8BITMIME"]).unwrap_err().contains("not ASCII"));
        assert_eq!(said(&plain, "ü@example.com", &["SMTPUTF8"]).unwrap(), " SMTPUTF8");
    }
}
