//! What the one-click address of the sample message answered (RFC 8058): asked only
//! with `--probe-unsubscribe`, and never followed further.

use std::net::IpAddr;

use url::{Host, Url};

pub(crate) use crate::evidence::post::PostReply;
use crate::facts::Facts;
use crate::facts::listings::public::is_global_unicast;
use crate::facts::message::MessageFacts;
use crate::facts::subscription::unsubscribe::{Scheme, Unsubscribe};
use crate::model::{Gap, Name, Question};

/// The address that a mailbox provider would POST to: the first https one, where the
/// message offers one-click at all.
pub(crate) fn address(message: &MessageFacts) -> Option<Url> {
    let unsubscribe = Unsubscribe::read(message)?;
    unsubscribe.post?;
    let target = unsubscribe.of(&Scheme::Https).next()?;
    let url = Url::parse(&target.raw).ok()?;
    (url.scheme() == "https" && url.host().is_some()).then_some(url)
}

/// The question that stands for the POST.
pub(crate) fn question(url: &Url) -> Question {
    Question::Post { url: url.to_string() }
}

/// Why an address is none that a stranger's message may make us talk to.
pub(crate) fn refused(ip: IpAddr) -> Option<String> {
    (!is_global_unicast(ip)).then(|| format!("{ip} is no public address; --allow-private permits it"))
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
            if !facts.ledger().has_address(&name)? {
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
