//! What came of a question. NXDOMAIN is knowledge, a timeout is not.

use crate::model::untrusted::Width;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Name, Record, Untrusted};

/// The four things that can be known of an observation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Observation<T> {
    /// It was there. For DNS: the records of the type asked for, at the end of any alias chain.
    Seen(T),
    /// It is proven not to be there (RFC 2308).
    Absent(Absence),
    /// It was asked for, and no usable answer came: nothing is known of it.
    Failed(Failure),
    /// It was not asked for, and why: `--offline`, or a bound of the scope. Nothing is known of it.
    NotAttempted(String),
}

impl<T> Observation<T> {
    /// True where it was asked for, whatever came of it.
    pub fn is_attempted(&self) -> bool {
        !matches!(self, Observation::NotAttempted(_))
    }

    /// True where it was asked for in vain.
    pub fn is_failed(&self) -> bool {
        matches!(self, Observation::Failed(_))
    }
}

/// A proven "there is none".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Absence {
    /// The name does not exist (RFC 8020).
    Nxdomain,
    /// The name exists, without this record type.
    NoData,
}

/// Why a question got no usable answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// No answer within the question's time, after the last try.
    Timeout,
    /// The run's deadline came first.
    Deadline,
    /// With the extended error's text where there was one (RFC 8914).
    Servfail(Option<Untrusted>),
    /// REFUSED (RFC 1035 section 4.1.1, RCODE 5): the server does not answer us.
    Refused,
    /// Any other response code, by name.
    Rcode(String),
    /// Cut off, and TCP brought no whole answer.
    Truncated,
    /// A wrong transaction id or another question's answer.
    Mismatched(String),
    /// Neither an answer nor a proper denial (RFC 2308).
    Empty,
    /// The aliases lead back to a name already followed, or go on for too long.
    CnameLoop,
    /// A server that is not authoritative referred us elsewhere.
    Lame,
    /// Bytes that are no answer of the protocol, such as no DNS message, and what is wrong with
    /// them.
    Malformed(String),
    /// DNSSEC validation failed, with the reason.
    Bogus(String),
    /// The socket said no: unreachable, refused, reset.
    Network(String),
    /// No server can be asked for such a name.
    Unaskable(String),
    /// TLS, HTTP or SMTP went wrong, in that protocol's words.
    Protocol(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Timeout => f.write_str("no answer in time"),
            Failure::Deadline => f.write_str("the run's deadline was reached first"),
            Failure::Servfail(None) => f.write_str("the resolver answered SERVFAIL"),
            Failure::Servfail(Some(text)) => {
                write!(f, "the resolver answered SERVFAIL ({})", text.plain(Width::Line))
            }
            Failure::Refused => f.write_str("the server answered REFUSED"),
            Failure::Rcode(code) => write!(f, "the server answered {code}"),
            Failure::Truncated => f.write_str("the answer was truncated and TCP brought no whole one"),
            Failure::Mismatched(what) => write!(f, "the answer did not match the question ({what})"),
            Failure::Empty => f.write_str("the answer was empty, without the SOA record of a proper denial"),
            Failure::CnameLoop => f.write_str("the CNAME chain runs in a loop or is too long"),
            Failure::Lame => f.write_str("the name server is lame: it does not serve this zone"),
            Failure::Malformed(what) => write!(f, "the answer could not be read ({what})"),
            Failure::Bogus(why) => write!(f, "DNSSEC validation failed ({why})"),
            Failure::Network(what) => write!(f, "the network failed ({what})"),
            Failure::Unaskable(what) => write!(f, "the name cannot be asked for ({what})"),
            Failure::Protocol(what) => f.write_str(what),
        }
    }
}

/// Where an answer came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// Written by hand: a fixture or a computed fix under test.
    #[default]
    Given,
    /// A zone file the user gave, by its path: authoritative for its names.
    ZoneFile(String),
    /// A resolver or name server, as the user or the system named it.
    Resolver(String),
}

/// A DNS answer with its circumstances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The records of the type asked for, at the end of the alias chain.
    pub observation: Observation<Vec<Record>>,
    /// CNAME targets followed, in order.
    pub aliases: Vec<Name>,
    /// Who gave it, which says how far it can be relied on.
    pub source: Source,
    /// Milliseconds from asking to answer; 0 where nothing was waited for.
    pub took_ms: u32,
    /// True where the resolver said the data is DNSSEC-authenticated, or validation proved it.
    pub authenticated: bool,
}

impl Answer {
    /// An answer written by hand: no aliases, nothing waited for, not authenticated.
    pub fn given(observation: Observation<Vec<Record>>) -> Answer {
        Answer { observation, aliases: Vec::new(), source: Source::Given, took_ms: 0, authenticated: false }
    }
}
