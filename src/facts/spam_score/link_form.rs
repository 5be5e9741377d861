//! Traits of the links: what their addresses look like and where they lead.

use std::net::IpAddr;

use url::{Host, Url};

use super::traits::{Kind, Traits, counted, grade};
use crate::data::brands::owner;
use crate::data::link_hosts::{FREE_HOSTING, SHORTENERS, WORKSPACES, below, cheap, shop, throwaway};
use crate::data::sign_in::lure_words;
use crate::facts::links::posing::{carried, look};
use crate::facts::message::MessageFacts;
use crate::model::untrusted::{Width, plain};
use crate::parse::message::LinkPlace;
use crate::parse::text::recent::Recent;
use crate::parse::web::gateway::{Rewritten, unwrapped};
use crate::parse::web::psl;
use crate::parse::web::psl::organization_of;
use crate::parse::web::url::plain_url;

pub(super) fn traits(message: &MessageFacts, body: &str, traits: &mut Traits) {
    let own = organization_of(&message.from_domain().unwrap_or_default());
    let mut seen = Seen::default();
    for link in message.links().iter().take(500) {
        // The weights were fitted on addresses that say their scheme.
        if link.quoted || link.is_bare() || matches!(link.place, LinkPlace::ListUnsubscribe | LinkPlace::Base)
        {
            continue;
        }
        if link.url.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("mailto:")) {
            continue;
        }
        // A gateway's link is judged by what stands inside; what it keeps secret, not at all.
        let inner = match unwrapped(&link.url) {
            Some(Rewritten::Target(target)) => target,
            Some(Rewritten::Opaque(_)) => continue,
            None => link.url.clone(),
        };
        if let Some(plain) = plain_url(&inner) {
            seen.domain(plain.host, &own, link.place);
            seen.names(plain.host, link.place, &link.text);
            seen.plain_http += usize::from(link.place == LinkPlace::Anchor && inner.starts_with("http:"));
            seen.followed += usize::from(link.place.is_followed());
            seen.program |= is_program(plain.path);
            seen.fragment |= plain.fragment.contains('@');
            continue;
        }
        let Ok(url) = Url::parse(&inner) else { continue };
        if !matches!(url.scheme(), "http" | "https") {
            continue;
        }
        match url.host() {
            Some(Host::Domain(host)) => {
                seen.domain(host, &own, link.place);
                seen.names(host, link.place, &link.text);
            }
            Some(Host::Ipv4(address)) => seen.literal = Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => seen.literal = Some(IpAddr::V6(address)),
            None => {}
        }
        seen.credentials |= !url.username().is_empty();
        seen.port |= url.port().is_some();
        seen.encoded |= link.raw.split('/').nth(2).is_some_and(|authority| authority.contains('%'));
        seen.plain_http += usize::from(link.place == LinkPlace::Anchor && url.scheme() == "http");
        seen.followed += usize::from(link.place.is_followed());
        seen.program |= is_program(url.path());
        seen.fragment |= url.fragment().is_some_and(|fragment| fragment.contains('@'));
    }
    seen.report(body, traits);
}

#[derive(Default)]
struct Seen {
    followed: usize,
    plain_http: usize,
    literal: Option<IpAddr>,
    credentials: bool,
    port: bool,
    encoded: bool,
    program: bool,
    shows_other: Option<String>,
    named: Recent<String, Named>,
    foreign: usize,
    home: usize,
    odd: Option<String>,
    digits: Option<String>,
    hosted: Option<String>,
    short: Option<String>,
    lure: Option<String>,
    poses: Option<String>,
    /// The reader's address behind the #.
    fragment: bool,
}

/// What a host's name shows.
struct Named {
    organisation: String,
    /// Under a suffix that spam is fond of.
    odd: bool,
    /// The organisation's name has digits or hyphens as generated names have.
    digits: bool,
    long: bool,
    hosted: bool,
    short: bool,
    /// Put together of words that phishing asks for.
    lure: bool,
    /// Looks like or carries a brand's name.
    poses: bool,
}

fn named(host: &str) -> Named {
    let organisation = organization_of(host);
    let label = organisation.split('.').next().unwrap_or_default();
    let odd = throwaway(host).or_else(|| shop(host)).or_else(|| cheap(host)).is_some();
    let digits = label.bytes().filter(u8::is_ascii_digit).count() >= 2 || label.matches('-').count() >= 2;
    let long = label.len() >= 18;
    let hosted = below(host, &FREE_HOSTING).is_some() && below(host, &WORKSPACES).is_none();
    let short = below(host, &SHORTENERS).is_some();
    let words = lure_words(host);
    let lure = words.named.len() >= 3 || (words.named.len() == 2 && words.bare);
    let poses = owner(&organisation).is_none()
        && (look(&organisation).is_some() || carried(host, Some(&organisation)).is_some());
    Named { odd, digits, long, hosted, short, lure, poses, organisation }
}

fn is_program(path: &str) -> bool {
    [".exe", ".scr", ".zip"].iter().any(|end| path.ends_with(end))
}

impl Seen {
    /// The text of an anchor beside the host it leads to.
    fn names(&mut self, host: &str, place: LinkPlace, text: &str) {
        if place == LinkPlace::Anchor && self.shows_other.is_none() && shows_other(text, host) {
            self.shows_other =
                Some(format!("{} leads to {}", plain(text, Width::Word), plain(host, Width::Name)));
        }
    }

    fn domain(&mut self, host: &str, own: &str, place: LinkPlace) {
        // What a host is by its name alone: a message has many links and few hosts.
        let Named { organisation, odd, digits, long, hosted, short, lure, poses } =
            self.named.get(host, named);
        if place.is_followed() {
            if organisation == own {
                self.home += 1;
            } else {
                self.foreign += 1;
            }
        }
        if organisation == own || !place.is_followed() {
            return;
        }
        for (seen, first) in [(*short, &mut self.short), (*lure, &mut self.lure), (*poses, &mut self.poses)] {
            if seen {
                first.get_or_insert_with(|| host.to_owned());
            }
        }
        if *odd {
            self.odd.get_or_insert_with(|| host.to_owned());
        }
        if *digits || (*long && place.is_followed()) {
            self.digits.get_or_insert_with(|| host.to_owned());
        }
        if *hosted {
            self.hosted.get_or_insert_with(|| host.to_owned());
        }
    }

    fn report(&self, body: &str, traits: &mut Traits) {
        traits.kind = Kind::Links;
        let host = |host: &Option<String>| plain(host.as_deref().unwrap_or_default(), Width::Name);
        traits.flag("link-address-literal", self.literal.is_some(), || {
            format!("a link to {}", self.literal.map(|ip| ip.to_string()).unwrap_or_default())
        });
        traits.flag("link-credentials", self.credentials, || "a link with user@ before the host".to_owned());
        traits.flag("link-port", self.port, || "a link with a port".to_owned());
        traits.flag("link-host-encoded", self.encoded, || "a link whose host is percent-encoded".to_owned());
        traits.flag("link-program", self.program, || "a link to a program or archive".to_owned());
        traits.flag("link-shows-other", self.shows_other.is_some(), || {
            self.shows_other.clone().unwrap_or_default()
        });
        traits.flag("link-suffix-odd", self.odd.is_some(), || host(&self.odd));
        traits.flag("link-host-random", self.digits.is_some(), || host(&self.digits));
        traits.flag("link-free-hosting", self.hosted.is_some(), || host(&self.hosted));
        traits.flag("link-shortened", self.short.is_some(), || host(&self.short));
        traits.flag("link-lure-host", self.lure.is_some(), || host(&self.lure));
        traits.flag("link-brand-posed", self.poses.is_some(), || host(&self.poses));
        traits.flag("link-address-in-fragment", self.fragment, || {
            "a link that hands an address to the page behind the #".to_owned()
        });
        let all = self.home + self.foreign;
        traits.add("links-many", grade(all, 60.0), || counted(all, "link"));
        traits.flag("links-elsewhere", self.foreign > 0 && self.home == 0, || {
            format!("{}, none to the sender's domain", counted(self.foreign, "link"))
        });
        let text = body.chars().count();
        traits.flag("link-over-text", self.followed > 0 && text < 300, || {
            format!("{} in {text} characters", counted(self.followed, "link"))
        });
    }
}

/// The text of a link is itself an address, of another organisation.
fn shows_other(text: &str, host: &str) -> bool {
    let text = text.trim();
    if text.len() > 200 || text.contains(char::is_whitespace) || text.contains('@') {
        return false;
    }
    let bare = text.split_once("://").map_or(text, |(_, rest)| rest);
    let shown = bare.split(['/', '?', '#', ':']).next().unwrap_or_default().to_ascii_lowercase();
    let known = shown.contains('.')
        && psl::domain_str(&shown).is_some()
        && psl::suffix(shown.as_bytes()).is_some_and(|s| s.is_known());
    known && organization_of(&shown) != organization_of(host)
}
