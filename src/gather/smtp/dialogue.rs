//! The dialogue: greeting, EHLO, STARTTLS, EHLO again, recipients, QUIT.

use super::connection::{Connection, Patience};
use super::{Peer, Transaction};
use crate::evidence::smtp::{Broken, InClear, SmtpTranscript, TlsSession};

/// The port on which TLS comes first (RFC 8314 section 3.3).
pub(super) const SUBMISSIONS: u16 = 465;

/// Speaks to the server as far as it goes.
pub(super) async fn run(
    peer: &Peer<'_>,
    helo: &str,
    plan: &[Transaction],
    patience: Patience,
) -> SmtpTranscript {
    let mut transcript = SmtpTranscript::default();
    let connection = match Connection::open(peer.address, patience).await {
        Ok(connection) => connection,
        Err(broken) => {
            transcript.broken = Some(broken);
            return transcript;
        }
    };
    transcript.connect_ms = connection.connect_ms;
    transcript.local = connection.local.ip().to_string();
    let (connection, tls, broken) = speak(connection, peer, helo, plan).await;
    transcript.exchanges = connection.exchanges;
    transcript.tls = tls;
    let handshake_failed = broken.as_ref().is_some_and(|broken| broken.stage == "handshake");
    if handshake_failed && peer.port != SUBMISSIONS && !plan.is_empty() {
        transcript.in_clear = Some(in_clear(peer, helo, plan, patience).await);
    }
    transcript.broken = broken;
    transcript
}

/// The recipients once more without TLS, within the same bound of time.
async fn in_clear(peer: &Peer<'_>, helo: &str, plan: &[Transaction], patience: Patience) -> InClear {
    let mut connection = match Connection::open(peer.address, patience).await {
        Ok(connection) => connection,
        Err(broken) => return InClear { exchanges: Vec::new(), broken: Some(broken) },
    };
    let said = async {
        if greet(&mut connection, helo).await?.is_some() {
            transact(&mut connection, plan).await?;
        }
        Ok(())
    };
    let broken = said.await.err();
    InClear { exchanges: connection.exchanges, broken }
}

/// True where an EHLO reply offers the keyword.
pub(super) fn offers(reply: &[String], keyword: &str) -> bool {
    let of_line =
        |line: &String| line.get(4..).and_then(|rest| rest.split_whitespace().next()).map(str::to_owned);
    reply.iter().skip(1).filter_map(of_line).any(|word| word.eq_ignore_ascii_case(keyword))
}

/// EHLO, or HELO where the server does not know it (RFC 5321 section 3.2).
pub(super) async fn hello(connection: &mut Connection, helo: &str) -> Result<Vec<String>, Broken> {
    let reply = connection.command(&format!("EHLO {helo}")).await?;
    if reply.code().is_some_and(|code| code / 100 == 5) {
        connection.command(&format!("HELO {helo}")).await?;
        return Ok(Vec::new());
    }
    Ok(if reply.is_accepted() { reply.reply } else { Vec::new() })
}

async fn speak(
    connection: Connection,
    peer: &Peer<'_>,
    helo: &str,
    plan: &[Transaction],
) -> (Connection, Option<TlsSession>, Option<Broken>) {
    let (mut connection, tls, met) = introduce(connection, peer, helo, true).await;
    let broken = match met {
        Ok(Some(_)) => transact(&mut connection, plan).await.err(),
        Ok(None) => None,
        Err(broken) => Some(broken),
    };
    (connection, tls, broken)
}

/// Up to the first MAIL FROM: greeting, EHLO, STARTTLS where `encrypts` and offered,
/// EHLO again. Gives the last reply to EHLO; `None` where the server does not want us.
pub(super) async fn introduce(
    mut connection: Connection,
    peer: &Peer<'_>,
    helo: &str,
    encrypts: bool,
) -> (Connection, Option<TlsSession>, Result<Option<Vec<String>>, Broken>) {
    let mut tls = None;
    if peer.port == SUBMISSIONS {
        match connection.encrypt(peer.name).await {
            Ok((encrypted, session)) => (connection, tls) = (encrypted, Some(session)),
            Err((plain, session, broken)) => return (plain, Some(session), Err(broken)),
        }
    }
    let offered = match greet(&mut connection, helo).await {
        Ok(Some(offered)) => offered,
        other => return (connection, tls, other),
    };
    if !encrypts || connection.encrypted || !offers(&offered, "STARTTLS") {
        return (connection, tls, Ok(Some(offered)));
    }
    match connection.command("STARTTLS").await {
        Err(broken) => (connection, tls, Err(broken)),
        Ok(reply) if reply.code() == Some(220) => match connection.encrypt(peer.name).await {
            Err((plain, session, broken)) => (plain, Some(session), Err(broken)),
            Ok((mut connection, session)) => {
                let offered = hello(&mut connection, helo).await;
                (connection, Some(session), offered.map(Some))
            }
        },
        Ok(_) => (connection, tls, Ok(Some(offered))),
    }
}

/// The greeting and EHLO; `None` where the server does not want us.
async fn greet(connection: &mut Connection, helo: &str) -> Result<Option<Vec<String>>, Broken> {
    if connection.greeting().await?.code() != Some(220) {
        let _ = connection.command("QUIT").await;
        return Ok(None);
    }
    hello(connection, helo).await.map(Some)
}

/// Sender and recipients, taken back each time; then goodbye.
async fn transact(connection: &mut Connection, plan: &[Transaction]) -> Result<(), Broken> {
    for transaction in plan {
        if connection.command(&format!("MAIL FROM:<{}>", transaction.from)).await?.is_accepted() {
            for recipient in &transaction.to {
                connection.command(&format!("RCPT TO:<{recipient}>")).await?;
            }
        }
        connection.command("RSET").await?;
    }
    // A server that hangs up without its 221 has said all that matters.
    let _ = connection.command("QUIT").await;
    Ok(())
}
