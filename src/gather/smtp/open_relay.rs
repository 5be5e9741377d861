//! The usual address tricks against a relay that its operator asked us to test.
//! Every attempt ends with RSET: DATA is never sent.

use super::Peer;
use super::connection::{Connection, Patience};
use super::dialogue::hello;
use crate::evidence::smtp::{Broken, OpenRelayTranscript, RelayAttempt};

/// Servers count errors (Postfix: smtpd_hard_error_limit 20) and hang up.
const CONNECTIONS: usize = 6;

struct Attempt {
    trick: &'static str,
    from: String,
    to: String,
    local: bool,
}

pub(super) async fn run(peer: &Peer<'_>, helo: &str, patience: Patience) -> OpenRelayTranscript {
    let mut transcript = OpenRelayTranscript::default();
    let mut left = std::collections::VecDeque::new();
    let mut planned = false;
    for _ in 0..CONNECTIONS {
        let mut connection = match open(peer, helo, patience).await {
            Ok(connection) => connection,
            Err(broken) => {
                transcript.broken = Some(broken);
                break;
            }
        };
        transcript.local = connection.local.ip().to_string();
        if !planned {
            left = attempts(&own_name(&connection, peer), &peer.address.ip().to_string()).into();
            planned = true;
        }
        transcript.broken = None;
        while let Some(attempt) = left.front() {
            match try_one(&mut connection, attempt).await {
                Ok(reply) => transcript.attempts.push(RelayAttempt {
                    trick: attempt.trick.to_owned(),
                    mail_from: attempt.from.clone(),
                    rcpt_to: attempt.to.clone(),
                    reply,
                    local: attempt.local,
                }),
                Err(broken) => {
                    transcript.broken = Some(broken);
                    break;
                }
            }
            left.pop_front();
        }
        if left.is_empty() {
            let _ = connection.command("QUIT").await;
            break;
        }
    }
    transcript
}

async fn open(peer: &Peer<'_>, helo: &str, patience: Patience) -> Result<Connection, Broken> {
    let mut connection = Connection::open(peer.address, patience).await?;
    connection.greeting().await?;
    hello(&mut connection, helo).await?;
    Ok(connection)
}

/// The name the server gives itself in its EHLO reply.
fn own_name(connection: &Connection, peer: &Peer<'_>) -> String {
    let line = connection.exchanges.iter().rev().find_map(|exchange| exchange.reply.first());
    let word = line.and_then(|line| line.get(4..)).and_then(|rest| rest.split_whitespace().next());
    let is_name = |name: &&str| {
        name.contains('.')
            && name.len() < 200
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b))
    };
    word.filter(is_name).unwrap_or(peer.name).to_owned()
}

/// The reply that decides: to MAIL FROM where that is refused, else to RCPT TO.
async fn try_one(connection: &mut Connection, attempt: &Attempt) -> Result<Vec<String>, Broken> {
    let mut reply = connection.command(&format!("MAIL FROM:<{}>", attempt.from)).await?;
    if reply.is_accepted() {
        reply = connection.command(&format!("RCPT TO:<{}>", attempt.to)).await?;
    }
    connection.command("RSET").await?;
    Ok(reply.reply)
}

/// What relay tests have tried since the nineties: abuse.net's and MAPS' lists.
/// The first is the control: a stranger's local part at the host's own name.
fn attempts(host: &str, ip: &str) -> Vec<Attempt> {
    let ip = if ip.contains(':') { format!("IPv6:{ip}") } else { ip.to_owned() };
    let (user, away) = ("mailvet-relay-test", super::outside(host));
    let stranger = "mailvet-relay-test@example.com".to_owned();
    let plain = format!("{user}@{away}");
    let attempt = |trick, from: &str, to: String, local| Attempt { trick, from: from.to_owned(), to, local };
    vec![
        attempt("no such user here", &stranger, format!("mailvet-no-such-user@{host}"), true),
        attempt("plain address", &stranger, plain.clone(), false),
        attempt("null sender", "", plain.clone(), false),
        attempt("sender at the host", &format!("{user}@{host}"), plain.clone(), false),
        attempt("sender at the address", &format!("{user}@[{ip}]"), plain.clone(), false),
        attempt("sender without domain", user, plain.clone(), false),
        attempt("quoted address", &stranger, format!("\"{plain}\""), false),
        attempt("percent hack", &stranger, format!("{user}%{away}@{host}"), true),
        attempt("percent hack at the address", &stranger, format!("{user}%{away}@[{ip}]"), true),
        attempt("percent hack alone", &stranger, format!("{user}%{away}"), true),
        attempt("quoted address at the host", &stranger, format!("\"{plain}\"@{host}"), true),
        attempt("quoted address at the address", &stranger, format!("\"{plain}\"@[{ip}]"), true),
        attempt("two at signs", &stranger, format!("{plain}@{host}"), true),
        attempt("source route", &stranger, format!("@{host}:{plain}"), false),
        attempt("source route by address", &stranger, format!("@[{ip}]:{plain}"), false),
        attempt("bang path", &stranger, format!("{away}!{user}"), true),
        attempt("bang path at the host", &stranger, format!("{away}!{user}@{host}"), true),
        attempt("bang path at the address", &stranger, format!("{away}!{user}@[{ip}]"), true),
    ]
}
