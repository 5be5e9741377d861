//! Where the sample message's links lead, hop by hop: asked with HEAD only, and only with
//! `--follow-links`. Each hop is a question of its own, after the DNS questions for its
//! host, so that `gather` connects to addresses that were looked at. Must not judge.

use std::collections::BTreeSet;

use url::{Host, Url};

use crate::evidence::head::HeadReply;
use crate::facts::Facts;
use crate::facts::links::{Links, SeenLink, Standing, with_scheme};
use crate::facts::message::MessageFacts;
use crate::facts::subscription::unsubscribe::{Unsubscribe, is_way_out, ways_out};
use crate::model::untrusted::{Width, plain};
use crate::model::{Gap, Name, Question};

/// Links of one message that are followed.
pub(crate) const MOST_LINKS: usize = 30;
/// Redirects of one link that are followed; browsers give up after 20 (WHATWG Fetch).
pub(crate) const MOST_REDIRECTS: usize = 10;

/// All links that were followed, and what was not.
#[derive(Clone, Debug, Default)]
pub(crate) struct LinkChains {
    pub chains: Vec<Chain>,
    pub left_out: LeftOut,
}

/// Links that are not requested, by the reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LeftOut {
    /// A HEAD can unsubscribe at a sloppy server.
    pub unsubscribe: usize,
    /// A form is sent, not visited.
    pub forms: usize,
    /// Beyond the most that are followed.
    pub excess: usize,
}

/// One link, and where it leads.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    /// Index into [`Links::all`], of the first link with this address.
    pub link: usize,
    pub hops: Vec<Hop>,
    pub end: End,
}

/// One address on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hop {
    pub url: Url,
    /// `None` where it did not answer.
    pub status: Option<u16>,
}

/// How a chain ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The last hop answered, and leads no further.
    Arrived(u16),
    /// The DNS says that the last hop's host is not there.
    NoSuchHost(Name),
    /// Back at an address it came through.
    Loop,
    TooLong,
    /// To a scheme that is not followed: `mailto:`, `tel:`, an app's own.
    Elsewhere(String),
    /// To a page that unsubscribes; left alone.
    Unsubscribe,
    Unknown(Gap),
}

/// The links to be followed: index into [`Links::all`] and the first address.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub links: Vec<(usize, Url)>,
    pub left_out: LeftOut,
}

impl Plan {
    /// Distinct addresses in the order of the message, at most `most`.
    pub(crate) fn of(message: &MessageFacts, links: &Links, most: usize) -> Plan {
        let ways_out = ways_out(message);
        let leaving: BTreeSet<String> = unsubscribe_pages(message);
        let mut seen = BTreeSet::new();
        let mut plan = Plan::default();
        // The same address may stand elsewhere under words that say what it does.
        let says = |at: &usize| links.all.get(*at).and_then(|link| address(&link.raw));
        let said: BTreeSet<Url> = ways_out.iter().filter_map(says).collect();
        for (at, link) in links.all.iter().enumerate() {
            if matches!(link.standing, Standing::Loaded(_)) {
                continue;
            }
            let Some(url) = address(&link.raw) else { continue };
            if !seen.insert(url.clone()) {
                continue;
            }
            let leaves = link.standing == Standing::Unsubscribe
                || said.contains(&url)
                || leaving.contains(&page(&url))
                || is_way_out(url.as_str());
            match () {
                () if leaves => plan.left_out.unsubscribe += 1,
                () if link.standing == Standing::Form => plan.left_out.forms += 1,
                () if plan.links.len() >= most => plan.left_out.excess += 1,
                () => plan.links.push((at, url)),
            }
        }
        plan
    }
}

/// A web address as it is requested: no login, no fragment.
fn address(raw: &str) -> Option<Url> {
    requested(Url::parse(with_scheme(raw).trim()).ok()?)
}

fn requested(mut url: Url) -> Option<Url> {
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() || url.as_str().len() > 4000 {
        return None;
    }
    url.set_fragment(None);
    // Both succeed on an address with a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Some(url)
}

/// Host and path: a token may stand in the query, or not.
fn page(url: &Url) -> String {
    format!("{}{}", url.host_str().unwrap_or_default(), url.path())
}

/// The pages of the List-Unsubscribe header that are more than a bare host.
fn unsubscribe_pages(message: &MessageFacts) -> BTreeSet<String> {
    let Some(unsubscribe) = Unsubscribe::read(message) else { return BTreeSet::new() };
    let urls = unsubscribe.targets.iter().filter_map(|target| address(&target.raw));
    urls.filter(|url| url.path().len() > 1 || url.query().is_some()).map(|url| page(&url)).collect()
}

impl LinkChains {
    pub(in crate::facts) fn read(facts: &Facts) -> Result<LinkChains, Gap> {
        let message = facts.message()?;
        let most = match &facts.scope().links {
            Some((_, most)) => *most,
            None if facts.has_followed() => MOST_LINKS,
            None => {
                return Err(Gap::NotSupplied { what: "leave to follow links", flag: "--follow-links" });
            }
        };
        let links = facts.links()?;
        let plan = Plan::of(message, links, most);
        let leaving = unsubscribe_pages(message);
        let chains = plan.links.into_iter().map(|(link, url)| follow(facts, link, url, &leaving)).collect();
        Ok(LinkChains { chains, left_out: plan.left_out })
    }

    /// Hosts that the followed links were led to, beyond those the message names.
    pub(crate) fn led_to(&self) -> BTreeSet<Name> {
        let beyond = self.chains.iter().flat_map(|chain| chain.hops.iter().skip(1));
        beyond.filter_map(|hop| hop.url.domain()).filter_map(|host| Name::parse(host).ok()).collect()
    }

    /// Why not all ends are known: what must keep a check from passing.
    pub(crate) fn gap(&self) -> Option<Gap> {
        let gaps = || {
            self.chains.iter().filter_map(|chain| match &chain.end {
                End::Unknown(gap) => Some(gap),
                _ => None,
            })
        };
        if let Some(gap) = gaps().find(|gap| matches!(gap, Gap::Unasked(_))).or_else(|| gaps().next()) {
            return Some(gap.clone());
        }
        let left = self.left_out.excess;
        (left > 0).then(|| {
            let all = left + self.chains.len();
            Gap::undecidable(format!(
                "{left} of {all} links were left out; {MOST_LINKS} are followed of a message"
            ))
        })
    }
}

impl End {
    /// One word, for programs.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            End::Arrived(_) => "arrived",
            End::NoSuchHost(_) => "no-such-host",
            End::Loop => "loop",
            End::TooLong => "too-long",
            End::Elsewhere(_) => "elsewhere",
            End::Unsubscribe => "unsubscribe",
            End::Unknown(_) => "unknown",
        }
    }

    /// Why the link was not followed to a page.
    pub(crate) fn reason(&self) -> Option<String> {
        match self {
            End::Arrived(_) => None,
            End::NoSuchHost(name) => Some(format!("{} is not in the DNS", plain(name.as_str(), Width::Line))),
            End::Loop => Some("a circle of redirects".to_owned()),
            End::TooLong => Some(format!("more than {MOST_REDIRECTS} redirects")),
            End::Elsewhere(scheme) => Some(format!("goes on to {}:", plain(scheme, Width::Word))),
            End::Unsubscribe => Some("goes on to a page that unsubscribes; left alone".to_owned()),
            End::Unknown(gap) => Some(gap.to_string()),
        }
    }
}

impl Chain {
    /// The last address that answered or was to be asked.
    pub(crate) fn last(&self) -> Option<&Url> {
        self.hops.last().map(|hop| &hop.url)
    }

    /// The link as if it had named its end, where redirects led there.
    pub(crate) fn target(&self, links: &Links) -> Option<SeenLink> {
        let known = matches!(self.end, End::Arrived(_) | End::NoSuchHost(_) | End::TooLong | End::Unknown(_));
        let link = links.all.get(self.link).filter(|_| known && self.hops.len() > 1)?;
        Some(link.ending_at(self.last()?.as_str()))
    }

    /// `301 https://a.example/, 200 https://b.example/`.
    pub(crate) fn shown(&self) -> String {
        let hops = self.hops.iter().map(|hop| {
            let url = plain(hop.url.as_str(), Width::Line);
            hop.status.map_or_else(|| url.clone(), |status| format!("{status} {url}"))
        });
        hops.collect::<Vec<_>>().join(", then ")
    }
}

/// Follows one link as far as there are answers; the next question becomes wanted.
fn follow(facts: &Facts, link: usize, first: Url, leaving: &BTreeSet<String>) -> Chain {
    let mut hops: Vec<Hop> = Vec::new();
    let mut cookies = false;
    let mut url = first;
    let end = loop {
        if hops.iter().any(|hop| hop.url == url) {
            // A browser would have come back with the cookie; we have none to show.
            break match cookies {
                true => End::Unknown(Gap::undecidable(format!(
                    "{} redirects in a circle to a visitor without its cookie",
                    plain(url.as_str(), Width::Line)
                ))),
                false => End::Loop,
            };
        }
        if hops.len() > MOST_REDIRECTS {
            break End::TooLong;
        }
        if !hops.is_empty() && (leaving.contains(&page(&url)) || is_way_out(url.as_str())) {
            break End::Unsubscribe;
        }
        hops.push(Hop { url: url.clone(), status: None });
        let reply = match answer(facts, &url) {
            Ok(Ok(reply)) => reply,
            Ok(Err(name)) => break End::NoSuchHost(name),
            Err(gap) => break End::Unknown(gap),
        };
        cookies |= reply.sets_cookie;
        if let Some(hop) = hops.last_mut() {
            hop.status = Some(reply.status);
        }
        let Some(next) = leads_to(&reply) else { break End::Arrived(reply.status) };
        // A relative address counts from where it stands (RFC 9110 section 10.2.2).
        url = match url.join(next) {
            Ok(next) => match requested(next.clone()) {
                Some(next) => next,
                None => break End::Elsewhere(next.scheme().chars().take(40).collect()),
            },
            Err(_) => {
                break End::Unknown(Gap::undecidable(format!(
                    "{} redirects to {:?}, which is no address",
                    plain(url.as_str(), Width::Line),
                    plain(next, Width::Name)
                )));
            }
        };
    };
    Chain { link, hops, end }
}

/// The next address: of a redirect, or of a `Refresh` field.
fn leads_to(reply: &HeadReply) -> Option<&str> {
    let location = reply.location.trim();
    if matches!(reply.status, 301 | 302 | 303 | 307 | 308) && !location.is_empty() {
        return Some(location);
    }
    let (_, target) = reply.refresh.split_once(';')?;
    let target = target.trim();
    let target = match target.get(..4) {
        Some(key) if key.eq_ignore_ascii_case("url=") => target.get(4..)?,
        _ => target,
    };
    Some(target.trim_matches(['\'', '"', ' '])).filter(|target| !target.is_empty())
}

/// The reply of one hop, or the host that is not there.
fn answer(facts: &Facts, url: &Url) -> Result<Result<HeadReply, Name>, Gap> {
    let question = Question::Head { url: url.to_string() };
    if !facts.is_recorded(&question)
        && let Some(Host::Domain(host)) = url.host()
    {
        let name = Name::lenient(host);
        // RFC 7686: such names are not for the DNS.
        if name.as_str().ends_with(".onion") {
            return Err(Gap::NotAttempted {
                question,
                why: "the host is reached through Tor only".to_owned(),
            });
        }
        if !facts.ledger().has_address(&name)? {
            return Ok(Err(name));
        }
    }
    facts.ledger().transcript::<HeadReply>(&question).cloned().map(Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_are_told_from_answers() {
        let reply = |status, location: &str, refresh: &str| HeadReply {
            status,
            location: location.to_owned(),
            refresh: refresh.to_owned(),
            sets_cookie: false,
        };
        assert_eq!(leads_to(&reply(302, "/b", "")), Some("/b"));
        assert_eq!(leads_to(&reply(304, "/b", "")), None);
        assert_eq!(leads_to(&reply(201, "/b", "")), None);
        assert_eq!(leads_to(&reply(301, " ", "")), None);
        assert_eq!(leads_to(&reply(200, "", "0; URL='https://example.com/'")), Some("https://example.com/"));
        assert_eq!(leads_to(&reply(200, "", "5")), None);
        assert_eq!(leads_to(&reply(200, "", "0;é")), Some("é"));
    }

    #[test]
    fn what_is_requested_carries_no_login() {
        let shown = |text: &str| address(text).map(|url| url.to_string());
        assert_eq!(shown("http://u:p@example.com/a#b").as_deref(), Some("http://example.com/a"));
        assert_eq!(shown("WWW.example.com").as_deref(), Some("http://www.example.com/"));
        for none in ["mailto:a@example.com", "javascript:1", "/a", "https://", "ftp://example.com/"] {
            assert_eq!(shown(none), None, "{none}");
        }
    }
}
