//! Traits of the links: what their addresses look like and where they lead.

use std::net::IpAddr;

use url::{Host, Url};

use super::traits::{Traits, grade, organisation};
use crate::facts::message::MessageFacts;
use crate::model::untrusted::{Width, plain};
use crate::parse::message::LinkPlace;
use crate::parse::text::recent::Recent;
use crate::parse::web::psl;
use crate::parse::web::url::plain_url;

pub(super) fn traits(message: &MessageFacts, body: &str, traits: &mut Traits) {
    let own = organisation(&message.from_domain().unwrap_or_default());
    let mut seen = Seen::default();
    for link in message.links().iter().take(500) {
        if matches!(link.place, LinkPlace::ListUnsubscribe | LinkPlace::Base) {
            continue;
        }
        if link.url.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("mailto:")) {
            seen.mailto += 1;
            continue;
        }
        if let Some(plain) = plain_url(&link.url) {
            seen.domain(plain.host, &own, link.place);
            seen.names(plain.host, link.place, &link.text);
            seen.plain_http += usize::from(link.place == LinkPlace::Anchor && link.url.starts_with("http:"));
            seen.followed += usize::from(link.place.is_followed());
            seen.program |= is_program(plain.path);
            seen.carries_address |= link.url.contains('@') || link.url.contains("%40");
            continue;
        }
        let Ok(url) = Url::parse(&link.url) else { continue };
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
        seen.carries_address |= url.as_str().contains('@') || url.as_str().contains("%40");
    }
    seen.report(body, traits);
}

#[derive(Default)]
struct Seen {
    mailto: usize,
    followed: usize,
    plain_http: usize,
    literal: Option<IpAddr>,
    credentials: bool,
    port: bool,
    encoded: bool,
    program: bool,
    carries_address: bool,
    shows_other: Option<String>,
    named: Recent<String, Named>,
    foreign: usize,
    home: usize,
    odd: Option<String>,
    digits: Option<String>,
    hosted: Option<String>,
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
}

fn named(host: &str) -> Named {
    let organisation = organisation(host);
    let label = organisation.split('.').next().unwrap_or_default();
    let suffix = host.rsplit('.').next().unwrap_or_default();
    let odd = matches!(
        suffix,
        "biz"
            | "info"
            | "top"
            | "xyz"
            | "click"
            | "icu"
            | "shop"
            | "online"
            | "site"
            | "club"
            | "buzz"
            | "tk"
            | "ml"
            | "cf"
            | "ga"
            | "gq"
            | "rest"
            | "cyou"
            | "sbs"
            | "live"
            | "link"
            | "work"
            | "win"
            | "vip"
            | "bond"
            | "cfd"
    );
    let digits = label.bytes().filter(u8::is_ascii_digit).count() >= 2 || label.matches('-').count() >= 2;
    let long = label.len() >= 18;
    let hosted = psl::domain_str(host).is_some() && is_free_hosting(&organisation, host);
    Named { odd, digits, long, hosted, organisation }
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
        let Named { organisation, odd, digits, long, hosted } = self.named.get(host, named);
        if place.is_followed() {
            if organisation == own {
                self.home += 1;
            } else {
                self.foreign += 1;
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
        let host = |host: &Option<String>| plain(host.as_deref().unwrap_or_default(), Width::Name);
        traits.flag("link-address-literal", self.literal.is_some(), || {
            format!("a link to {}", self.literal.map(|ip| ip.to_string()).unwrap_or_default())
        });
        traits.flag("link-credentials", self.credentials, || "a link with user@ before the host".to_owned());
        traits.flag("link-port", self.port, || "a link with a port".to_owned());
        traits.flag("link-host-encoded", self.encoded, || "a link whose host is percent-encoded".to_owned());
        traits.flag("link-program", self.program, || "a link to a program or archive".to_owned());
        traits.flag("link-carries-address", self.carries_address, || {
            "a link that carries a mail address".to_owned()
        });
        traits.flag("link-shows-other", self.shows_other.is_some(), || {
            self.shows_other.clone().unwrap_or_default()
        });
        traits.flag("link-suffix-odd", self.odd.is_some(), || host(&self.odd));
        traits.flag("link-host-random", self.digits.is_some(), || host(&self.digits));
        traits.flag("link-free-hosting", self.hosted.is_some(), || host(&self.hosted));
        traits.flag("link-mailto", self.mailto > 0, || format!("{} mailto links", self.mailto));
        let all = self.home + self.foreign;
        traits.flag("link-single", all == 1, || "a single link".to_owned());
        traits.add("links-many", grade(all, 60.0), || format!("{all} links"));
        traits.flag("links-elsewhere", self.foreign > 0 && self.home == 0, || {
            format!("{} links, none to the sender's domain", self.foreign)
        });
        traits.flag("links-home", self.home > 0, || format!("{} links to the sender's domain", self.home));
        let text = body.chars().count();
        traits.flag("link-over-text", self.followed > 0 && text < 300, || {
            format!("{} links in {text} characters", self.followed)
        });
    }
}

/// Hosting that anybody gets without being asked who they are.
fn is_free_hosting(organisation: &str, host: &str) -> bool {
    const SUFFIXES: [&str; 16] = [
        "web.app",
        "firebaseapp.com",
        "weebly.com",
        "wixsite.com",
        "github.io",
        "pages.dev",
        "workers.dev",
        "vercel.app",
        "netlify.app",
        "herokuapp.com",
        "blogspot.com",
        "r2.dev",
        "storage.googleapis.com",
        "sharepoint.com",
        "myftpupload.com",
        "000webhostapp.com",
    ];
    SUFFIXES.iter().any(|suffix| organisation == *suffix || host.ends_with(suffix))
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
    known && organisation(&shown) != organisation(host)
}
