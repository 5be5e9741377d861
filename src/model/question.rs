//! What a run may ask. Serialises as readable text, so fixtures are written by hand.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Name, RecordType};

/// One question to the world: `"example.com TXT"`, `"example.com MX dnssec"`,
/// `"@192.0.2.53 example.com MX"`, `"smtp mx.example.com[192.0.2.1]:25"`,
/// `"https://mta-sts.example.com/.well-known/mta-sts.txt"`, `"scan clamd"`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    /// Records of one type at one name, from the resolver or a zone file.
    Dns {
        /// Whose records.
        name: Name,
        /// Of which type.
        rtype: RecordType,
    },
    /// Whether a DNS answer holds before DNSSEC.
    Dnssec {
        /// Whose records are to be validated.
        name: Name,
        /// Of which type.
        rtype: RecordType,
    },
    /// What one of a zone's own name servers says, without recursion.
    Authority {
        /// The address of the name server that is asked.
        server: std::net::IpAddr,
        /// Whose records.
        name: Name,
        /// Of which type.
        rtype: RecordType,
    },
    /// A dialogue with a mail server; `host` is empty where only the address is known.
    Smtp {
        /// How far the dialogue goes.
        test: SmtpTest,
        /// The host's name as MX or the user gave it, for TLS and for people.
        host: String,
        /// The address that is connected to.
        ip: IpAddr,
        /// The TCP port: 25, 465 or 587 as a rule.
        port: u16,
    },
    /// GET of a policy or certificate, never of a link found in a message.
    Http {
        /// The page's address with its scheme.
        url: String,
    },
    /// The POST of RFC 8058 to a one-click address, on the user's word only.
    Post {
        /// The HTTPS address in List-Unsubscribe.
        url: String,
    },
    /// HEAD of a link found in a message, on the user's word only.
    Head {
        /// The link's target as the message has it.
        url: String,
    },
    /// A local scanner's verdict on the message: `clamd`, `rspamd`, `spamd`.
    Scan {
        /// Its name, and where it listens if that is not the usual place.
        engine: String,
    },
}

/// What is tried with a mail server. Each is a question of its own, so that an
/// answer to one is not lost with the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SmtpTest {
    /// Greeting, EHLO, STARTTLS, certificate, recipients; never DATA.
    Dialogue,
    /// Old TLS versions, and commands injected before the handshake.
    Tls,
    /// Whether strangers may relay through address tricks; never DATA.
    OpenRelay,
}

impl SmtpTest {
    const WORDS: [(SmtpTest, &'static str); 3] =
        [(SmtpTest::Dialogue, "smtp"), (SmtpTest::Tls, "tls"), (SmtpTest::OpenRelay, "open-relay")];

    fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(test, _)| *test == self).map_or("smtp", |(_, word)| word)
    }
}

impl Question {
    /// The question for `rtype` at `name`.
    pub fn dns(name: impl Into<Name>, rtype: RecordType) -> Question {
        Question::Dns { name: name.into(), rtype }
    }

    /// True where it takes a resolver or a name server to answer it.
    pub fn is_of_dns(&self) -> bool {
        matches!(self, Question::Dns { .. } | Question::Dnssec { .. } | Question::Authority { .. })
    }
}

impl From<&Name> for Name {
    fn from(name: &Name) -> Name {
        name.clone()
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Question::Dns { name, rtype } => write!(f, "{name} {rtype}"),
            Question::Dnssec { name, rtype } => write!(f, "{name} {rtype} dnssec"),
            Question::Authority { server, name, rtype } => write!(f, "@{server} {name} {rtype}"),
            Question::Smtp { test, host, ip, port } => write!(f, "{} {host}[{ip}]:{port}", test.word()),
            Question::Http { url } => f.write_str(url),
            Question::Post { url } => write!(f, "post {url}"),
            Question::Head { url } => write!(f, "head {url}"),
            Question::Scan { engine } => write!(f, "scan {engine}"),
        }
    }
}

impl FromStr for Question {
    type Err = String;

    fn from_str(text: &str) -> Result<Question, String> {
        if text.starts_with("https://") || text.starts_with("http://") {
            return Ok(Question::Http { url: text.to_owned() });
        }
        let wrong = || format!("{text:?} is no question; write \"example.com TXT\"");
        let (left, right) = text.rsplit_once(' ').ok_or_else(wrong)?;
        if let Some((server, name)) = left.strip_prefix('@').and_then(|rest| rest.split_once(' ')) {
            return Ok(Question::Authority {
                server: server.parse().map_err(|_| wrong())?,
                name: Name::lenient(name),
                rtype: RecordType::from_text(right).ok_or_else(wrong)?,
            });
        }
        match left {
            "smtp" | "tls" | "open-relay" => {
                let test = SmtpTest::WORDS.iter().find(|(_, word)| *word == left);
                let (host, rest) = right.split_once('[').ok_or_else(wrong)?;
                let (ip, port) = rest.split_once("]:").ok_or_else(wrong)?;
                Ok(Question::Smtp {
                    test: test.map_or(SmtpTest::Dialogue, |(test, _)| *test),
                    host: host.to_owned(),
                    ip: ip.parse().map_err(|_| wrong())?,
                    port: port.parse().map_err(|_| wrong())?,
                })
            }
            "post" => Ok(Question::Post { url: right.to_owned() }),
            "head" => Ok(Question::Head { url: right.to_owned() }),
            "scan" => Ok(Question::Scan { engine: right.to_owned() }),
            _ if right == "dnssec" => {
                let (name, rtype) = left.rsplit_once(' ').ok_or_else(wrong)?;
                let rtype = RecordType::from_text(rtype).ok_or_else(wrong)?;
                Ok(Question::Dnssec { name: Name::lenient(name), rtype })
            }
            _ => Ok(Question::Dns {
                name: Name::lenient(left),
                rtype: RecordType::from_text(right).ok_or_else(wrong)?,
            }),
        }
    }
}

impl Serialize for Question {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Question {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_survive_their_text() {
        for text in [
            "example.com TXT",
            "smtp mx.example.com[192.0.2.1]:25",
            "tls [2001:db8::1]:2525",
            "open-relay mx.example.com[192.0.2.1]:25",
            "https://mta-sts.example.com/.well-known/mta-sts.txt",
            "post https://example.com/u/1",
            "head https://example.com/a%20b?c=d",
            "scan clamd",
        ] {
            assert_eq!(text.parse::<Question>().unwrap().to_string(), text);
        }
        assert!("smtp mx.example.com:25".parse::<Question>().is_err());
    }
}
