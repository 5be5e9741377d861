//! Old TLS versions, each offered alone on a connection of its own, and a
//! command sent in plain text behind STARTTLS (CVE-2011-0411).

use super::Peer;
use super::client_hello::{OLD, Old, answer, client_hello};
use super::connection::{Connection, Patience};
use super::dialogue::{hello, offers};
use crate::evidence::smtp::{Broken, Offer, TlsTranscript, Trouble};

pub(super) async fn run(peer: &Peer<'_>, helo: &str, patience: Patience) -> TlsTranscript {
    let mut transcript = TlsTranscript::default();
    for old in OLD {
        let (accepted, detail) = match offer(peer, helo, old, patience).await {
            Ok(said) => said,
            Err(broken) => (None, broken.to_string()),
        };
        transcript.offers.push(Offer { name: old.name.to_owned(), accepted, detail });
    }
    match inject(peer, helo, patience).await {
        Ok((injected, how)) => (transcript.injected, transcript.injection) = (injected, how.to_owned()),
        Err(broken) => transcript.injection = broken.to_string(),
    }
    transcript
}

/// A connection on which STARTTLS has just been offered.
async fn ready(peer: &Peer<'_>, helo: &str, patience: Patience) -> Result<Connection, Broken> {
    let refused = |detail: &str| Broken {
        stage: "STARTTLS".to_owned(),
        trouble: Trouble::Other,
        detail: detail.to_owned(),
    };
    let mut connection = Connection::open(peer.address, patience).await?;
    let greeting = connection.greeting().await?;
    if greeting.code() != Some(220) {
        return Err(refused(&greeting.text()));
    }
    if !offers(&hello(&mut connection, helo).await?, "STARTTLS") {
        return Err(refused("it is not offered"));
    }
    Ok(connection)
}

async fn offer(
    peer: &Peer<'_>,
    helo: &str,
    old: Old,
    patience: Patience,
) -> Result<(Option<bool>, String), Broken> {
    let mut connection = ready(peer, helo, patience).await?;
    let reply = connection.command("STARTTLS").await?;
    if reply.code() != Some(220) {
        return Ok((None, reply.text()));
    }
    connection.write("handshake", &client_hello(old, peer.name)).await?;
    match connection.bytes(11).await {
        Ok(bytes) => Ok(answer(old, &bytes)),
        // A server that hangs up on the offer does not take it.
        Err(broken) if matches!(broken.trouble, Trouble::Closed | Trouble::Reset) => {
            Ok((Some(false), "the connection is closed".to_owned()))
        }
        Err(broken) => Err(broken),
    }
}

/// NOOP behind STARTTLS in one packet. A server that keeps it answers it inside
/// TLS, and every later reply is one command late.
async fn inject(
    peer: &Peer<'_>,
    helo: &str,
    patience: Patience,
) -> Result<(Option<bool>, &'static str), Broken> {
    let mut connection = ready(peer, helo, patience).await?;
    connection.write("STARTTLS", b"STARTTLS\r\nNOOP\r\n").await?;
    let reply = connection.more("STARTTLS").await?;
    if reply.code() != Some(220) {
        return Ok((Some(false), "the server refuses STARTTLS with a command behind it"));
    }
    let mut connection = match connection.encrypt(peer.name).await {
        Ok((connection, _)) => connection,
        // A server that answers NOOP in plain text, or hangs up, has not taken it into TLS.
        Err((_, _, broken)) if broken.trouble != Trouble::Timeout => {
            return Ok((Some(false), "the server ends the connection"));
        }
        Err((_, _, broken)) => return Err(broken),
    };
    let first = connection.command(&format!("EHLO {helo}")).await?;
    connection.write("QUIT", b"QUIT\r\n").await?;
    let second = connection.more("QUIT").await?;
    Ok(match (first.code(), second.code()) {
        (Some(250), Some(250)) => (Some(true), "a plain-text NOOP is answered inside TLS"),
        (_, Some(221)) => (Some(false), "the server forgets what stands behind STARTTLS"),
        _ => (None, "the replies fit neither case"),
    })
}
