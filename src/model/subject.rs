//! What a problem is about, typed, so that renderers can group, point and locate.

use crate::model::untrusted::Width;
use std::fmt;
use std::net::IpAddr;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::Name;

/// A line of a file the user can open.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Location {
    /// The path as the user gave it.
    pub file: String,
    /// From 1.
    pub line: u32,
}

/// The thing a problem is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A domain of the sender: of From, envelope, signature or zone.
    Domain(Name),
    /// A machine: an MX host, a HELO name, a relay.
    Host(Name),
    /// A sending address, or a host's.
    Ip(IpAddr),
    /// A record, its text and the guilty bytes in it.
    Record {
        /// What was asked, such as `example.com TXT`.
        question: String,
        /// The record's data as it was published.
        text: String,
        /// Offsets in bytes of `text`.
        span: Option<Range<usize>>,
    },
    /// A header field of the message, by name, with its line.
    Header {
        /// The field's name, such as `List-Unsubscribe`.
        name: String,
        /// From 1, counted in the message.
        line: Option<u32>,
    },
    /// A MIME part, by path such as `1.2` and type.
    Part {
        /// Position in the tree of parts from 1, and media type.
        path: String,
        /// From 1: where the part begins in the message.
        line: Option<u32>,
    },
    /// A link in the message.
    Link {
        /// The target as the message has it.
        url: String,
        /// From 1, counted in the message.
        line: Option<u32>,
    },
    /// A mailbox provider or receiving domain.
    Receiver(String),
    /// A recipient or sender address.
    Address(String),
    /// An entry of the settings file.
    Setting(String),
    /// The message as a whole.
    Message,
    /// The traffic as a whole, as the logs show it.
    Traffic,
}

impl fmt::Display for Subject {
    /// Attacker-written parts come through escaped and cut.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |text: &str| super::untrusted::plain(text, Width::Line);
        match self {
            Subject::Domain(name) | Subject::Host(name) => f.write_str(&plain(name.as_str())),
            Subject::Ip(ip) => ip.fmt(f),
            Subject::Record { question, .. } => f.write_str(&plain(question)),
            Subject::Header { name, line: Some(line) } => write!(f, "{}: header (line {line})", plain(name)),
            Subject::Header { name, line: None } => write!(f, "{}: header", plain(name)),
            Subject::Part { path, line: Some(line) } => write!(f, "part {} (line {line})", plain(path)),
            Subject::Part { path, line: None } => write!(f, "part {}", plain(path)),
            Subject::Link { url, line: Some(line) } => write!(f, "link {} (line {line})", plain(url)),
            Subject::Link { url, line: None } => write!(f, "link {}", plain(url)),
            Subject::Receiver(name) | Subject::Address(name) => f.write_str(&plain(name)),
            Subject::Setting(entry) => f.write_str(&plain(entry)),
            Subject::Message => f.write_str("message"),
            Subject::Traffic => f.write_str("traffic"),
        }
    }
}
