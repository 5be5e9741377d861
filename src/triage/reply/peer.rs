//! What the sending server tried to reach, by the words of its report: a socket, an address within, or another's.

use std::net::IpAddr;

use crate::data::special_addresses::is_inside;

/// What the sending server tried to reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Peer {
    /// A socket file: `private/dovecot-lmtp`.
    Socket(String),
    /// A loopback or private address, with its port where one is given.
    Inside(String),
    Outside,
}

/// The host, address or socket of `connect to NAME[ADDR]:PORT` and the like.
pub(super) fn peer(lower: &str) -> Option<Peer> {
    const BEFORE: &[&str] = &[
        "connect to ",
        "connection to ",
        "conversation with ",
        "lost connection with ",
        "host ",
        "]: ",
        "relay=",
    ];
    for before in BEFORE {
        for (at, _) in lower.match_indices(before).take(8) {
            let Some(word) = lower.get(at + before.len()..).and_then(|rest| rest.split([' ', ',']).next())
            else {
                continue;
            };
            if let Some(found) = of_word(word) {
                return Some(found);
            }
        }
    }
    None
}

fn of_word(word: &str) -> Option<Peer> {
    let word = word.trim_end_matches([':', ',', ';', '.']);
    let is_path = |text: &str| {
        text.starts_with('/') && text.len() > 1
            || text.starts_with("private/")
            || text.starts_with("public/")
            || text.starts_with("unix:")
    };
    if is_path(word) {
        return Some(Peer::Socket(word.to_owned()));
    }
    let inner = word.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
    let (address, port) = match inner {
        Some((inner, _)) if is_path(inner) => return Some(Peer::Socket(inner.to_owned())),
        Some((inner, rest)) => (inner, rest.trim_start_matches(':')),
        None => word.rsplit_once(':').unwrap_or((word, "")),
    };
    let address = address.strip_prefix("ipv6:").unwrap_or(address);
    let inside = match address.parse::<IpAddr>() {
        Ok(ip) => is_inside(ip),
        Err(_) if inner.is_none() => address == "localhost",
        Err(_) => return None,
    };
    if !inside {
        return address.parse::<IpAddr>().is_ok().then_some(Peer::Outside);
    }
    let port = port.chars().take_while(char::is_ascii_digit).collect::<String>();
    Some(Peer::Inside(if port.is_empty() { address.to_owned() } else { format!("{address}:{port}") }))
}
