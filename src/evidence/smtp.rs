//! What a mail server said, raw: the dialogue line by line, the certificates as
//! they came, the old protocol versions it takes. Nothing is judged here.

use crate::model::untrusted::Width;
use std::fmt;

use serde::{Deserialize, Serialize};

/// One dialogue with a mail server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmtpTranscript {
    /// Milliseconds until the connection stood.
    pub connect_ms: u32,
    /// Our own address, as the socket had it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub local: String,
    /// In order; the first is the greeting, which nothing was sent for.
    pub exchanges: Vec<Exchange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsSession>,
    /// Why the dialogue did not come to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken: Option<Broken>,
    /// After a handshake that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_clear: Option<InClear>,
}

/// The same again without TLS, on a new connection: what opportunistic senders
/// do after a failed handshake (RFC 7435 section 3; Postfix: security level may).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InClear {
    pub exchanges: Vec<Exchange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken: Option<Broken>,
}

/// A command and the reply to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Exchange {
    /// Empty for the greeting.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sent: String,
    /// The lines of the reply, without line ends.
    pub reply: Vec<String>,
    /// Milliseconds from the command to the end of the reply.
    #[serde(skip_serializing_if = "is_zero")]
    pub ms: u32,
    /// Inside TLS.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub encrypted: bool,
}

fn is_zero(ms: &u32) -> bool {
    *ms == 0
}

impl Exchange {
    /// The reply's code; `None` where the last line carries none, or another line another.
    pub fn code(&self) -> Option<u16> {
        let last = self.reply.last()?;
        let digits = last.get(..3)?;
        // One reply has one code on all its lines (RFC 5321 section 4.2.1).
        if self.reply.iter().any(|line| line.get(..3) != Some(digits)) {
            return None;
        }
        let code = digits.parse().ok()?;
        let ends = last.as_bytes().get(3).is_none_or(|byte| *byte == b' ');
        (ends && (200..600).contains(&code)).then_some(code)
    }

    /// The code that means success at this stage, and no other (RFC 5321 section 4.3.2): a 250 in the
    /// place of 354, or a 221 behind the final dot, took no message. 354 and 334 ask for more and are
    /// no success.
    pub fn is_accepted(&self) -> bool {
        let verb = self.sent.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let allowed: &[u16] = match verb.as_str() {
            "EHLO" | "HELO" | "MAIL" | "RSET" | "NOOP" | "." => &[250],
            "RCPT" => &[250, 251],
            "STARTTLS" => &[220],
            "AUTH" => &[235],
            "QUIT" => &[221],
            "DATA" | "(THE" => &[],
            // What is not known here, and replies kept without their command.
            _ => return self.code().is_some_and(|code| code / 100 == 2),
        };
        self.code().is_some_and(|code| allowed.contains(&code))
    }

    /// The reply on one line, codes of the later lines left out.
    pub fn text(&self) -> String {
        let words = |(at, line): (usize, &String)| match at {
            0 => line.replacen('-', " ", usize::from(line.as_bytes().get(3) == Some(&b'-'))),
            _ => line.get(4..).unwrap_or(line).to_owned(),
        };
        self.reply.iter().enumerate().map(words).collect::<Vec<_>>().join(" ")
    }
}

/// What TLS came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TlsSession {
    /// `TLS 1.3`.
    pub version: String,
    /// By its IANA name.
    pub cipher: String,
    /// The key exchange group, such as `X25519`.
    pub group: String,
    /// As sent, the server's own first; base64 of DER.
    pub certificates: Vec<String>,
}

/// Where a dialogue ended before its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Broken {
    /// `connect`, `greeting`, a command, or `handshake`.
    pub stage: String,
    pub trouble: Trouble,
    /// In the words of the system or library.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// The symptom, exactly: a firewall shows in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    /// A reset in answer to the first packet.
    Refused,
    /// Nothing came in time.
    Timeout,
    /// No route, or an ICMP answer.
    Unreachable,
    /// This machine's own firewall forbids it.
    Forbidden,
    /// An established connection was reset.
    Reset,
    /// The other side closed.
    Closed,
    /// The TLS handshake failed.
    Tls,
    /// A line or reply beyond all bounds, or no SMTP at all.
    Malformed,
    Other,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage = crate::model::untrusted::plain(&self.stage, Width::Name);
        match (self.stage.as_str(), self.trouble) {
            ("connect", Trouble::Refused) => f.write_str("the connection is refused"),
            ("connect", Trouble::Timeout) => f.write_str("the connection is not answered (timeout)"),
            ("connect", Trouble::Unreachable) => f.write_str("there is no route to the address"),
            ("connect", Trouble::Forbidden) => f.write_str("this machine's firewall forbids the connection"),
            ("connect", Trouble::Reset) => f.write_str("the connection is reset"),
            ("DNS", _) => {
                let detail = crate::model::untrusted::plain(&self.detail, Width::Record);
                write!(f, "there is no address to connect to: {detail}")
            }
            (".", Trouble::Timeout) => f.write_str("no reply to the end of the message in time"),
            (".", Trouble::Closed) => f.write_str("the connection is closed before the reply to the message"),
            (".", Trouble::Reset) => f.write_str("the connection is reset before the reply to the message"),
            ("greeting", Trouble::Timeout) => {
                f.write_str("the connection stands, and no greeting comes (timeout)")
            }
            ("greeting", Trouble::Closed) => f.write_str("the connection is closed without a greeting"),
            ("greeting", Trouble::Reset) => f.write_str("the connection is reset before the greeting"),
            ("handshake", Trouble::Timeout) => f.write_str("the TLS handshake is not answered (timeout)"),
            ("handshake", _) => {
                write!(
                    f,
                    "the TLS handshake fails ({})",
                    crate::model::untrusted::plain(&self.detail, Width::Line)
                )
            }
            (_, Trouble::Timeout) => write!(f, "no reply to {stage} in time"),
            (_, Trouble::Closed) => write!(f, "the connection is closed at {stage}"),
            (_, Trouble::Reset) => write!(f, "the connection is reset at {stage}"),
            ("greeting", Trouble::Malformed) => {
                write!(
                    f,
                    "the greeting is no SMTP: {}",
                    crate::model::untrusted::plain(&self.detail, Width::Line)
                )
            }
            (_, Trouble::Malformed) => {
                let detail = crate::model::untrusted::plain(&self.detail, Width::Line);
                write!(f, "the reply to {stage} is no SMTP: {detail}")
            }
            (_, _) => {
                write!(
                    f,
                    "it breaks at {stage} ({})",
                    crate::model::untrusted::plain(&self.detail, Width::Line)
                )
            }
        }
    }
}

/// What old clients and attackers get.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TlsTranscript {
    pub offers: Vec<Offer>,
    /// True where a command sent in plain text behind STARTTLS was obeyed inside TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub injected: Option<bool>,
    /// How the test of the injection went.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub injection: String,
}

/// One old version or key exchange, offered alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// `SSL 3.0`, `TLS 1.0`, `TLS 1.1`, `RSA key exchange`.
    pub name: String,
    /// `None` where it could not be found out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<bool>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// Address tricks against a relay, none of them followed by DATA.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OpenRelayTranscript {
    /// Our own address, as the socket had it.
    pub local: String,
    pub attempts: Vec<RelayAttempt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken: Option<Broken>,
}

/// One sender and recipient, and what came of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RelayAttempt {
    /// `percent hack`, `bang path`, ...
    pub trick: String,
    pub mail_from: String,
    pub rcpt_to: String,
    /// The reply to MAIL FROM where that was refused, else to RCPT TO.
    pub reply: Vec<String>,
    /// Where an accepted recipient means little: a stranger's local part at the host's own name.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub local: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        let reply = |lines: &[&str]| Exchange {
            reply: lines.iter().map(|line| (*line).to_owned()).collect(),
            ..Exchange::default()
        };
        assert_eq!(reply(&["250-a", "250 b"]).code(), Some(250));
        assert_eq!(reply(&["250-a", "250 b"]).text(), "250 a b");
        assert_eq!(reply(&["250"]).code(), Some(250));
        assert_eq!(reply(&["550-no", "250 ok"]).code(), None);
        assert_eq!(reply(&["25ö x"]).code(), None);
        assert_eq!(reply(&["2500"]).code(), None);
        assert_eq!(reply(&[]).code(), None);
        assert_eq!(reply(&["999 x"]).code(), None);
    }

    /// RFC 5321 section 4.3.2: stage by reply, and whether it is a success.
    #[test]
    fn only_the_code_of_the_stage_is_a_success() {
        let stages: [(&str, &[u16]); 8] = [
            ("EHLO mail.example.com", &[250]),
            ("MAIL FROM:<a@example.com>", &[250]),
            ("RCPT TO:<b@example.net>", &[250, 251]),
            ("DATA", &[]),
            (".", &[250]),
            ("(the message, cut off)", &[]),
            ("AUTH PLAIN", &[235]),
            ("QUIT", &[221]),
        ];
        for (sent, good) in stages {
            for code in [200, 211, 220, 221, 235, 250, 251, 252, 334, 354, 421, 450, 500, 550, 554] {
                let reply = vec![format!("{code} words")];
                let exchange = Exchange { sent: sent.to_owned(), reply, ..Exchange::default() };
                assert_eq!(exchange.is_accepted(), good.contains(&code), "{sent} {code}");
            }
        }
    }
}
