//! What a reply names: addresses, links, lists.

use std::net::IpAddr;

use super::Reply;

/// Words by which a sending server names the peer it talks to; the address stands right behind,
/// or behind the peer's name.
const PEER: &[&str] = &[
    "connected to ",
    "connect to ",
    "connection to ",
    "connection with ",
    "conversation with ",
    "giving up on ",
    "h=",
    "relay=",
    "lastattemptedip=",
    "remote-mta: ",
];

/// Words behind a peer's address.
const PEER_BEFORE: &[&str] =
    &["does not like ", "failed after ", "failed on ", "said:", "refused to talk", "did not like "];

/// Words that stand before the address a reply is about, or behind it.
const BLAMED_BEFORE: &[&str] =
    &["client", "your", "sender", "sending", "source", "originating", "from ", "ip ", "ip:", "ip="];
const BLAMED_BEHIND: &[&str] = &[
    "listed",
    "block",
    "blacklist",
    "banned",
    "denied",
    "refused",
    "reputation",
    "rejected",
    "is not allowed",
];

/// Bytes before and behind an address in which words are about it, and the farthest of them that blame it.
const BESIDE: usize = 120;
const BLAMED: usize = 40;

/// Most addresses kept of one reply.
const MOST: usize = 16;

impl Reply {
    /// Every IP address the server's own words name, those it blames first: its peer, as the
    /// sending server names it, is not what a reply is about. Loopback addresses are answers of lists.
    pub fn addresses(&self) -> Vec<IpAddr> {
        let lower = self.whole.to_ascii_lowercase();
        let own = self.said.and_then(|at| lower.get(at..)).unwrap_or_default();
        let mut found = named(own);
        if found.is_empty() {
            found = named(&lower);
        }
        found.sort_by_key(|(_, far)| *far);
        found.into_iter().map(|(address, _)| address).collect()
    }

    /// Every `http(s)` link named, in order, once.
    pub fn links(&self) -> Vec<String> {
        let lower = self.whole.to_ascii_lowercase();
        let mut found: Vec<String> = Vec::new();
        for (at, _) in lower.match_indices("http") {
            let Some(rest) = self.whole.get(at..) else { continue };
            let scheme =
                ["http://", "https://"].iter().any(|s| lower.get(at..).is_some_and(|l| l.starts_with(s)));
            let end = rest
                .find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\'' | ')' | ']' | '|'));
            let link = rest
                .get(..end.unwrap_or(rest.len()))
                .unwrap_or_default()
                .trim_end_matches(['.', ',', ';', ':']);
            if scheme && link.len() > 8 && found.len() < 16 && !found.iter().any(|f| f == link) {
                found.push(link.to_owned());
            }
        }
        found
    }

    /// Names of DNS lists the reply says it asked: `zen.spamhaus.org`.
    pub fn lists(&self) -> Vec<String> {
        const BEFORE: &[&str] = &[
            "blocked using ",
            "listed by ",
            "listed in ",
            "listed on ",
            "listed at ",
            "list ",
            "rejected by the ",
            "rejected by ",
            "dnsbl ",
            "rbl ",
            "lookup site '",
            "blacklisted by ",
            "blacklisted at ",
            "using ",
            "found in ",
            "blocked by ",
        ];
        let lower = self.whole.to_ascii_lowercase();
        let mut found: Vec<String> = Vec::new();
        for before in BEFORE {
            for (at, _) in lower.match_indices(before) {
                let rest = lower.get(at + before.len()..).unwrap_or_default();
                let rest = rest.trim_start_matches(['\'', '"', '<', '(']);
                let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')));
                let name = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default().trim_end_matches('.');
                let is_name = name.contains('.') && name.bytes().any(|b| b.is_ascii_alphabetic());
                if is_name && name.len() <= 253 && found.len() < 8 && !found.iter().any(|f| f == name) {
                    found.push(name.to_owned());
                }
            }
        }
        found
    }
}

/// The addresses in `lower` that name no peer, and how far the words stand that blame them.
fn named(lower: &str) -> Vec<(IpAddr, usize)> {
    let mut found: Vec<(IpAddr, usize)> = Vec::new();
    let is_part = |c: char| c.is_ascii_hexdigit() || matches!(c, '.' | ':');
    let mut at = 0;
    for token in lower.split(|c: char| !is_part(c)) {
        let start = at;
        at += token.len()
            + lower.get(at + token.len()..).and_then(|t| t.chars().next()).map_or(0, char::len_utf8);
        let plain = token.trim_end_matches(['.', ':']).trim_start_matches('.');
        if plain.len() < 3 || !plain.contains(['.', ':']) {
            continue;
        }
        let parsed = plain.parse::<IpAddr>().ok().or_else(|| {
            // `1.2.3.4:24706`: the port of a client.
            plain.split_once(':').and_then(|(host, _)| host.parse().ok())
        });
        let Some(address) = parsed.filter(|address| !address.is_loopback()) else { continue };
        let (before, behind) = beside(lower, start, start + token.len());
        if is_peer(before, behind) {
            continue;
        }
        let far = distance(before, behind);
        if let Some((_, known)) = found.iter_mut().find(|(known, _)| *known == address) {
            *known = far.min(*known);
        } else if found.len() < MOST {
            found.push((address, far));
        } else {
            break;
        }
    }
    found
}

/// Bytes between an address and the nearest word that blames it.
fn distance(before: &str, behind: &str) -> usize {
    let left = BLAMED_BEFORE.iter().filter_map(|word| before.rfind(word).map(|at| before.len() - at));
    let right = BLAMED_BEHIND.iter().filter_map(|word| behind.find(word));
    left.chain(right).filter(|far| *far <= BLAMED).min().unwrap_or(usize::MAX)
}

/// The text right before `start` and right behind `end`.
fn beside(text: &str, start: usize, end: usize) -> (&str, &str) {
    let mut from = start.saturating_sub(BESIDE);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let mut to = (end + BESIDE).min(text.len());
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    (text.get(from..start).unwrap_or_default(), text.get(end..to).unwrap_or_default())
}

/// True where the words around an address name the server that was talked to.
fn is_peer(before: &str, behind: &str) -> bool {
    let open = before.trim_end_matches(['[', '(', '<', '"', '\'']);
    let behind = behind.trim_start_matches([']', ')', '>', '"', '\'', ' ', '.']);
    if PEER_BEFORE.iter().any(|words| behind.starts_with(words)) {
        return true;
    }
    // The peer's name may stand between the words and the address.
    let bare = open.len() == before.len();
    let name_end = open.trim_end();
    let name = name_end.rsplit([' ', '=']).next().unwrap_or_default();
    let unnamed = if bare { open } else { name_end.get(..name_end.len() - name.len()).unwrap_or_default() };
    let led = |text: &str| {
        PEER.iter().any(|words| {
            text.strip_suffix(words).is_some_and(|rest| !rest.ends_with(|c: char| c.is_ascii_alphanumeric()))
        })
    };
    if led(open) || led(unnamed) {
        return true;
    }
    // `host mx.example.net[192.0.2.1]: 550`; a "client host [192.0.2.1]" is the one complained of.
    let host = ["host ", "host: ", "server "].iter().any(|words| unnamed.ends_with(words));
    let of_client =
        ["client host ", "your host ", "sending host ", "remote host ", "your server ", "sending server "]
            .iter()
            .any(|words| unnamed.ends_with(words));
    let quoted = [":", "said", "reason", "replied", "timed out", "while "]
        .iter()
        .any(|words| behind.starts_with(words));
    host && !bare && name.contains('.') && !of_client && (quoted || behind.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Option<String> {
        Reply::read(text).addresses().first().map(ToString::to_string)
    }

    #[test]
    fn the_peer_is_not_what_a_reply_is_about() {
        for text in [
            "Connected to 192.0.2.21 but sender was rejected. Remote host said: 553 5.7.1 192.0.2.5 is listed",
            "host: mx.example.net (192.0.2.21) reason: 550 5.7.1 client [192.0.2.5] blocked",
            "192.0.2.21 does not like recipient. Remote host said: 554 your IP 192.0.2.5 is blocked. Giving up on 192.0.2.21.",
            "H=mx.example.net [192.0.2.21]: SMTP error from remote mail server after RCPT TO:<a@example.net>: 550 [192.0.2.5] blocked",
            "SMTP error from remote mail server after MAIL FROM:<a@example.com>: host mx.example.net [192.0.2.21]: 550 192.0.2.5 is blocked",
            "host mx.example.net[192.0.2.21] said: 554 5.7.1 Client host [192.0.2.5] blocked using zen.example.org",
            "host mx.example.net[192.0.2.21] refused to talk to me: 554 [192.0.2.5] banned",
            "550 192.0.2.21 says that client 192.0.2.5 is listed (127.0.0.4)",
            "554 host app.example.com [192.0.2.5] is blocked",
            "591 your host [192.0.2.5] is blacklisted",
        ] {
            assert_eq!(first(text).as_deref(), Some("192.0.2.5"), "{text}");
        }
        for text in [
            "connect to mx.example.net[192.0.2.21]:25: Connection timed out",
            "192.0.2.21 failed after I sent the message. Remote host said: 554 spam",
            "host mx.example.net [192.0.2.21]: 550 spam Giving up on 192.0.2.21.",
            "lost connection with mx.example.net[192.0.2.21] while sending RCPT TO",
            "550 listed (127.0.0.2)",
        ] {
            assert_eq!(first(text), None, "{text}");
        }
    }
}
