//! What the one-click address of the sample message answered (RFC 8058): asked only
//! with `--probe-unsubscribe`, and never followed further.

use std::net::{IpAddr, Ipv4Addr};

use url::{Host, Url};

pub use crate::evidence::post::PostReply;
use crate::facts::Facts;
use crate::facts::listings::public::not_public;
use crate::facts::message::MessageFacts;
use crate::facts::subscription::unsubscribe::{Scheme, Unsubscribe};
use crate::model::{Gap, Name, Question};

/// The address that a mailbox provider would POST to: the first https one, where the
/// message offers one-click at all.
pub fn address(message: &MessageFacts) -> Option<Url> {
    let unsubscribe = Unsubscribe::read(message)?;
    unsubscribe.post?;
    let target = unsubscribe.of(&Scheme::Https).next()?;
    let url = Url::parse(&target.raw).ok()?;
    (url.scheme() == "https" && url.host().is_some()).then_some(url)
}

/// The question that stands for the POST.
pub fn question(url: &Url) -> Question {
    Question::Post { url: url.to_string() }
}

/// Why an address is none that a stranger's message may make us talk to.
pub fn refused(ip: IpAddr) -> Option<String> {
    let ip = ip.to_canonical();
    let inner = translated(ip).map(IpAddr::from);
    let hidden = inner.is_some_and(|inner| not_public(inner).is_some());
    (hidden || not_public(ip).is_some())
        .then(|| format!("{ip} is no public address; --allow-private permits it"))
}

/// The IPv4 address that a gateway reaches for an IPv6 one: NAT64 (RFC 6052), 6to4 (RFC 3056),
/// and the deprecated compatible form (RFC 4291 section 2.5.5.1).
fn translated(ip: IpAddr) -> Option<Ipv4Addr> {
    let IpAddr::V6(ip) = ip else { return None };
    let low = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match ip.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, a, b] | [0, 0, 0, 0, 0, 0, a, b] => Some(low(a, b)),
        [0x2002, a, b, ..] => Some(low(a, b)),
        _ => None,
    }
}

/// The answer; asked only where the scope says so.
pub(in crate::facts) fn read(facts: &Facts) -> Result<Option<PostReply>, Gap> {
    let message = facts.message()?;
    let Some(url) = address(message) else { return Ok(None) };
    let question = question(&url);
    if !facts.is_recorded(&question) {
        if facts.scope().unsubscribe.is_none() {
            return Err(Gap::NotSupplied {
                what: "leave to ask the unsubscribe address",
                flag: "--probe-unsubscribe",
            });
        }
        // The addresses are our own questions, so that no name can lead us inside unseen.
        if let Some(Host::Domain(name)) = url.host() {
            let name = Name::lenient(name);
            if facts.ledger().addresses(&name)?.is_empty() {
                return Err(Gap::undecidable(format!("{name} has no address; nobody can unsubscribe there")));
            }
        }
    }
    facts.ledger().transcript::<PostReply>(&question).cloned().map(Some)
}

#[cfg(test)]
mod tests {
    use super::refused;

    #[test]
    fn no_way_inside_through_a_gateway() {
        for inside in
            ["127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "::1", "::c0a8:1"]
        {
            assert!(refused(inside.parse().unwrap()).is_some(), "{inside}");
        }
        for outside in ["8.8.8.8", "64:ff9b::808:808", "2002:808:808::1", "2a00::1"] {
            assert_eq!(refused(outside.parse().unwrap()), None, "{outside}");
        }
    }
}
