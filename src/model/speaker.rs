//! Who gave a reply and at which point of the dialogue: what decides its meaning
//! before its words do.

use serde::Serialize;

/// The party whose words a reply is, by proof of custody or by the reply itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Speaker {
    /// The machine that wrote the log: its queue manager, its mailbox programs.
    OwnServer,
    /// A content filter of the sender: amavis, rspamd, a milter, a virus scanner.
    OwnFilter,
    /// A next hop the sender's side chose: a smarthost, an ESP.
    OwnRelay,
    /// A server of the recipient's domain.
    Receiver,
    /// The receiver's DNS resolver, or a list that refuses to answer it.
    ReceiverResolver,
}

impl Speaker {
    /// All, nearest to the sender first.
    pub const ALL: [Speaker; 5] = [
        Speaker::OwnServer,
        Speaker::OwnFilter,
        Speaker::OwnRelay,
        Speaker::Receiver,
        Speaker::ReceiverResolver,
    ];

    /// As JSON shows it.
    pub fn name(self) -> &'static str {
        match self {
            Speaker::OwnServer => "own-server",
            Speaker::OwnFilter => "own-filter",
            Speaker::OwnRelay => "own-relay",
            Speaker::Receiver => "receiver",
            Speaker::ReceiverResolver => "receiver-resolver",
        }
    }

    /// Whether the fault is on the sender's side of the wire.
    pub fn is_own(self) -> bool {
        matches!(self, Speaker::OwnServer | Speaker::OwnFilter | Speaker::OwnRelay)
    }
}

/// Where in the dialogue a reply came (RFC 5321 section 4.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The greeting, or no connection at all.
    Connect,
    /// `HELO` or `EHLO`: the reply is about the name.
    Hello,
    /// `STARTTLS` and the TLS handshake after it (RFC 3207).
    StartTls,
    /// `AUTH`: the reply is about the account (RFC 4954).
    Auth,
    /// `MAIL FROM`: the reply is about the sender.
    Mail,
    /// `RCPT TO`: the reply is about the recipient.
    Rcpt,
    /// The reply to `DATA` or to the message itself.
    Data,
    /// After the message was accepted: a notification, a quarantine.
    After,
}

impl Stage {
    /// As JSON shows it.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Connect => "connect",
            Stage::Hello => "hello",
            Stage::StartTls => "start-tls",
            Stage::Auth => "auth",
            Stage::Mail => "mail",
            Stage::Rcpt => "rcpt",
            Stage::Data => "data",
            Stage::After => "after",
        }
    }
}
