//! How one message was handed over to a relay, raw. It goes into no recording:
//! a replay must not look as if it could send.

use std::net::SocketAddr;

use super::smtp::{Broken, Exchange, TlsSession};

/// The dialogue in which a message was handed over, or was not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Handover {
    /// Addresses that could not be connected to, and why.
    pub unreached: Vec<(SocketAddr, Broken)>,
    /// The address that was spoken to.
    pub address: Option<SocketAddr>,
    /// In order; the first is the greeting, which nothing was sent for.
    pub exchanges: Vec<Exchange>,
    pub tls: Option<TlsSession>,
    /// The recipients in the order asked, each with the reply to RCPT TO.
    pub recipients: Vec<(String, Option<Exchange>)>,
    /// The reply that ended it for all recipients before the message was sent.
    pub refusal: Option<Exchange>,
    /// Why we did not go on, though the server would have.
    pub unfit: Option<String>,
    /// Where the connection broke off.
    pub broken: Option<Broken>,
    pub content: Content,
    /// The reply to the final dot.
    pub verdict: Option<Exchange>,
}

/// How much of the message went over the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Content {
    #[default]
    Nothing,
    /// Without its end: a server must not take it (RFC 5321 section 4.1.1.4).
    Part,
    /// With the final dot.
    Whole,
}
