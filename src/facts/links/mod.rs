//! The message's links taken apart, with what their hosts are. Offline: what a
//! link leads to is judged by its text alone.

pub(crate) mod chains;
pub(crate) mod near_names;
pub(crate) mod posing;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::data::schemes::SEARCHES;
use crate::facts::attachments::Attachments;
use crate::facts::message::MessageFacts;
use crate::model::untrusted::Width;
use crate::model::{Name, Subject};
use crate::parse::message::{Link, LinkPlace};
use crate::parse::text::recent::Recent;
use crate::parse::web::gateway::{Rewritten, unwrapped};
use crate::parse::web::url::{Destination, Host, WebLink, registrable};

/// Where a link stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// To be clicked: anchors, plain text, refresh.
    Followed,
    Form,
    /// Fetched by the mail program: pictures, styles, frames.
    Loaded(LinkPlace),
    Unsubscribe,
    /// In this attachment.
    Attachment(String),
    /// In a QR code in this attachment or image.
    QrCode(String),
}

/// One link.
#[derive(Clone, Debug)]
pub struct SeenLink {
    pub raw: String,
    /// As it stands in the message, blanks and tabs and all; empty where it was put together.
    pub written: String,
    /// The visible text of the anchor.
    pub text: String,
    pub standing: Standing,
    pub line: Option<u32>,
    pub hidden: bool,
    /// It stands in mail that the message quotes: another wrote it.
    pub quoted: bool,
    /// Written out without a scheme. Whoever names a host so may merely name a firm: it is judged
    /// as what it leads to, and speaks for nobody.
    pub bare: bool,
    pub destination: Destination,
    /// A mail gateway rewrote the link; `destination` is what stands inside.
    pub rewritten: bool,
    /// Of a web link: host in ASCII and registrable domain.
    pub host: Option<String>,
    pub registrable: Option<String>,
}

/// All links of a message.
#[derive(Clone, Debug, Default)]
pub struct Links {
    pub all: Vec<SeenLink>,
    /// The host most links go through, where one plainly does: a click counter.
    pub counter: Option<String>,
}

impl SeenLink {
    fn new(
        raw: &str,
        text: &str,
        standing: Standing,
        line: Option<u32>,
        hidden: bool,
        registrables: &mut Recent<String, Option<String>>,
    ) -> SeenLink {
        let inner = unwrapped(raw);
        let destination = match &inner {
            Some(Rewritten::Target(target)) => Destination::parse(target),
            Some(Rewritten::Opaque(Some(host))) => Destination::parse(&format!("https://{host}/")),
            // Where it leads is the gateway's secret: nothing to judge.
            Some(Rewritten::Opaque(None)) => Destination::Relative,
            None => Destination::parse(&with_scheme(raw)),
        };
        let host = destination.web().map(WebLink::host_text);
        let registrable = destination.web().and_then(|web| match &web.host {
            Host::Name(name) => registrables.get(name, registrable).clone(),
            Host::Ip(..) => None,
        });
        SeenLink {
            raw: raw.to_owned(),
            written: String::new(),
            text: text.to_owned(),
            standing,
            line,
            hidden,
            quoted: false,
            bare: false,
            destination,
            rewritten: inner.is_some(),
            host,
            registrable,
        }
    }

    /// The same link as if it had named the address it ends at.
    pub fn ending_at(&self, url: &str) -> SeenLink {
        SeenLink::new(url, &self.text, self.standing.clone(), self.line, self.hidden, &mut Recent::default())
    }

    pub fn web(&self) -> Option<&WebLink> {
        self.destination.web()
    }

    /// Leads somewhere by the reader's own act: click, scan, send.
    pub fn is_followed(&self) -> bool {
        matches!(
            self.standing,
            Standing::Followed | Standing::Form | Standing::Attachment(_) | Standing::QrCode(_)
        )
    }

    pub fn subject(&self) -> Subject {
        Subject::Link { url: self.raw.chars().take(300).collect(), line: self.line }
    }

    /// The host as it should be shown, or the raw link.
    pub fn shown_host(&self) -> String {
        crate::model::untrusted::plain(self.host.as_deref().unwrap_or(&self.raw), Width::Line)
    }
}

/// A search window on a share: what `file:` does, by another door.
pub(crate) fn opens_share(link: &SeenLink) -> bool {
    matches!(&link.destination, Destination::Other(scheme) if SEARCHES.contains(&scheme.as_str()))
        && link.raw.to_ascii_lowercase().contains("location:")
}

/// A bare `www.` address as a mail program opens it.
pub(super) fn with_scheme(raw: &str) -> Cow<'_, str> {
    match raw.get(..4) {
        Some(www) if www.eq_ignore_ascii_case("www.") => Cow::Owned(format!("http://{raw}")),
        _ => Cow::Borrowed(raw),
    }
}

impl Links {
    pub fn read(message: &MessageFacts, attachments: &Attachments) -> Links {
        let mut all = Vec::with_capacity(message.links().len());
        let mut known = Recent::default();
        let base = base(message);
        for link in message.links() {
            let standing = match link.place {
                LinkPlace::ListUnsubscribe => Standing::Unsubscribe,
                LinkPlace::Form => Standing::Form,
                place if place.is_followed() => Standing::Followed,
                place => Standing::Loaded(place),
            };
            let line = Some(link.line);
            let joined = base.as_ref().and_then(|base| joined(base, link));
            let url = joined.as_deref().unwrap_or(&link.url);
            let mut seen = SeenLink::new(url, &link.text, standing, line, link.hidden, &mut known);
            seen.quoted = link.quoted;
            seen.bare = link.is_bare();
            // What is told apart by how it is written must be seen as written.
            if joined.is_none() {
                seen.written = link.raw.chars().take(2000).collect();
            }
            all.push(seen);
        }
        // A message passed on is another's, unless it is all there is to read.
        let passed_on = message.visible_letters().said() >= OWN_TEXT;
        for (path, line, target) in attachments.links() {
            let saved_mail = is_saved_mail(&path);
            let standing = Standing::Attachment(path);
            let mut seen = SeenLink::new(&target, "", standing, Some(line), false, &mut known);
            seen.quoted = saved_mail && passed_on;
            all.push(seen);
        }
        for link in &attachments.mail_links {
            let standing = Standing::Attachment(link.path.clone());
            let mut seen = SeenLink::new(&link.url, &link.text, standing, Some(link.line), false, &mut known);
            seen.quoted = passed_on;
            all.push(seen);
        }
        for code in &attachments.qr_codes {
            let standing = Standing::QrCode(code.path.clone());
            all.push(SeenLink::new(&code.text, "", standing, Some(code.line), false, &mut known));
        }
        let counter = counter(&all);
        Links { all, counter }
    }

    /// Web links a reader may follow.
    pub fn followed(&self) -> impl Iterator<Item = (&SeenLink, &WebLink)> {
        self.all.iter().filter(|link| link.is_followed()).filter_map(|link| Some((link, link.web()?)))
    }

    /// The registrable domains behind all web links, for domain blocklists:
    /// sorted, without duplicates; hosts without one are left out.
    pub fn registrable_domains(&self) -> Vec<Name> {
        let domains: BTreeSet<&str> =
            self.all.iter().filter_map(|link| link.registrable.as_deref()).collect();
        domains.into_iter().filter_map(|domain| Name::parse(domain).ok()).collect()
    }
}

/// Letters and digits above an attached message that make a mail of one's own.
const OWN_TEXT: usize = 40;

/// The file is a message, saved and attached as a file.
fn is_saved_mail(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case("eml"))
}

/// What the first `base` element of the message makes of relative links.
fn base(message: &MessageFacts) -> Option<url::Url> {
    let first = message.links().iter().find(|link| link.place == LinkPlace::Base)?;
    let url = url::Url::parse(&first.url).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(url)
}

/// A relative link of an HTML part as the mail program completes it.
fn joined(base: &url::Url, link: &Link) -> Option<String> {
    let part = matches!(link.place, LinkPlace::Anchor | LinkPlace::Form | LinkPlace::Image);
    let field = ["{{", "{%", "*|", "%%", "[[", "<%", "${"].iter().any(|mark| link.url.contains(mark));
    let relative =
        !field && !link.url.starts_with('#') && Destination::parse(&link.url) == Destination::Relative;
    (part && relative).then(|| base.join(&link.url).ok()).flatten().map(String::from)
}

/// Three links or more, and most of them through one host with long paths.
fn counter(all: &[SeenLink]) -> Option<String> {
    let anchors: Vec<(&SeenLink, &WebLink)> = all
        .iter()
        .filter(|link| link.standing == Standing::Followed && !link.bare)
        .filter_map(|link| Some((link, link.web()?)))
        .collect();
    let mut hosts: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (link, web) in &anchors {
        let host = link.host.as_deref().unwrap_or_default();
        let mut target = String::with_capacity(web.path.len() + 1 + web.query.len());
        target.extend([&web.path, "?", &web.query]);
        hosts.entry(host).or_default().insert(target);
    }
    let (host, targets) = hosts.into_iter().max_by_key(|(_, targets)| targets.len())?;
    let through = anchors.iter().filter(|(link, _)| link.host.as_deref() == Some(host)).count();
    let coded = targets.iter().filter(|target| target.len() >= 20).count();
    (targets.len() >= 3 && through * 2 >= anchors.len() && coded * 2 >= targets.len())
        .then(|| host.to_owned())
}
