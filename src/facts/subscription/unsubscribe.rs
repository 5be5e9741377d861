//! The ways out that a message offers: the List-Unsubscribe header (RFC 2369), its
//! one-click form (RFC 8058), and what stands in the body. Must not judge.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use unicode_normalization::char::is_combining_mark;

use crate::data::unsubscribe_words::{PHRASES, URL_WORDS};
use crate::facts::message::MessageFacts;
use crate::facts::message::words::is_invisible;
use crate::parse::message::{Field, Link, LinkPlace, Tag};

/// The List-Unsubscribe header, taken apart.
#[derive(Debug)]
pub struct Unsubscribe<'m> {
    /// The List-Unsubscribe field itself.
    pub field: &'m Field,
    /// Unfolded.
    pub text: String,
    /// The addresses in angle brackets, in order.
    pub targets: Vec<Target>,
    /// Text outside of angle brackets that is neither comma, comment nor space.
    pub loose: String,
    /// Written as encoded words, which have no place in this header (RFC 2047 section 5).
    pub encoded: bool,
    /// The List-Unsubscribe-Post field, which says that one click suffices.
    pub post: Option<&'m Field>,
}

/// One address in the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What stands between the brackets.
    pub raw: String,
    /// By which protocol.
    pub scheme: Scheme,
    /// Host of a web address, domain of a mail address; lower case.
    pub host: Option<String>,
}

/// How a List-Unsubscribe address is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `https:`, the only one fit for one click (RFC 8058 section 3.1).
    Https,
    /// `http:`, without encryption.
    Http,
    /// `mailto:` (RFC 6068).
    Mailto,
    /// Any other, lower case.
    Other(String),
}

impl<'m> Unsubscribe<'m> {
    /// `None` where the header is missing.
    pub fn read(message: &'m MessageFacts) -> Option<Unsubscribe<'m>> {
        let field = message.first("List-Unsubscribe")?;
        let mut text = field.unfolded();
        let encoded = text.contains("=?") && field.text() != text;
        if encoded {
            text = field.text().to_owned();
        }
        let (targets, loose) = split(&text);
        Some(Unsubscribe {
            field,
            text,
            targets,
            loose,
            encoded,
            post: message.first("List-Unsubscribe-Post"),
        })
    }

    /// The addresses of one scheme, in order.
    pub fn of<'s>(&'s self, scheme: &'s Scheme) -> impl Iterator<Item = &'s Target> {
        self.targets.iter().filter(move |target| target.scheme == *scheme)
    }

    /// True where at least one address is of this scheme.
    pub fn has(&self, scheme: Scheme) -> bool {
        self.targets.iter().any(|target| target.scheme == scheme)
    }
}

/// Addresses in angle brackets, and what stands outside of them (RFC 2369 section 2).
fn split(text: &str) -> (Vec<Target>, String) {
    let (mut targets, mut loose) = (Vec::new(), String::new());
    let mut rest = text;
    let mut comment = 0usize;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        match c {
            '(' => comment += 1,
            ')' => comment = comment.saturating_sub(1),
            '<' if comment == 0 => {
                if let Some((inside, tail)) = after.split_once('>') {
                    if targets.len() < 50 {
                        targets.push(target(inside));
                    }
                    rest = tail;
                    continue;
                }
                loose.push(c);
            }
            ',' => {}
            c if comment > 0 || c.is_whitespace() => {}
            c => loose.push(c),
        }
        rest = after;
    }
    (targets, loose)
}

fn target(raw: &str) -> Target {
    let raw: String = raw.trim().to_owned();
    let (scheme, rest) = match raw.split_once(':') {
        Some((scheme, rest)) => (scheme.trim().to_ascii_lowercase(), rest),
        None => (String::new(), raw.as_str()),
    };
    let authority = || {
        let rest = rest.trim_start_matches('/');
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        if host.starts_with('[') {
            return host.split(']').next().map(|host| format!("{host}]"));
        }
        Some(host.split(':').next().unwrap_or_default().to_ascii_lowercase()).filter(|host| !host.is_empty())
    };
    let (scheme, host) = match scheme.as_str() {
        "https" => (Scheme::Https, authority()),
        "http" => (Scheme::Http, authority()),
        "mailto" => {
            let address = rest.split('?').next().unwrap_or_default();
            let host = address.rsplit_once('@').map(|(_, host)| host.trim().to_ascii_lowercase());
            (Scheme::Mailto, host.filter(|host| !host.is_empty()))
        }
        _ => (Scheme::Other(scheme), None),
    };
    Target { raw, scheme, host }
}

/// A merge field that was never filled in; the field.
pub fn placeholder(text: &str) -> Option<&str> {
    const PAIRS: [(&str, &str); 10] = [
        ("{{", "}}"),
        ("{%", "%}"),
        ("*|", "|*"),
        ("%%", "%%"),
        ("<%", "%>"),
        ("${", "}"),
        ("[[", "]]"),
        ("#{", "}"),
        ("{$", "}"),
        ("__", "__"),
    ];
    for (open, close) in PAIRS {
        let Some(start) = text.find(open) else { continue };
        let inside = &text[start + open.len()..];
        let Some(end) = inside.find(close) else { continue };
        let name = inside[..end].trim();
        let named = !name.is_empty() && name.len() <= 60 && name.chars().any(char::is_alphabetic);
        let plain = name.chars().all(|c| c.is_alphanumeric() || " _-.:|'\"()[]=".contains(c));
        // Two underscores stand in real tokens too: only shouting counts there.
        let shouted = open != "__" || name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        if named && plain && shouted {
            return text.get(start..start + open.len() + end + close.len());
        }
    }
    None
}

/// The way out in the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyWay {
    /// A link whose text, surroundings or address say so: its index in `MessageFacts::links`.
    Link(usize),
    /// The words alone: "reply with unsubscribe".
    Words,
    /// The body shows no way to unsubscribe.
    None,
}

/// Finds the way out in the body, in any language we know.
pub fn in_body(message: &MessageFacts) -> BodyWay {
    let mut hidden = None;
    for (at, link) in message.links().iter().enumerate() {
        if !matches!(link.place, LinkPlace::Anchor | LinkPlace::Plain | LinkPlace::Form) {
            continue;
        }
        let said = says(&link.text) || link.alt.as_deref().is_some_and(says);
        if said || is_way_out(&link.url) {
            if !link.hidden {
                return BodyWay::Link(at);
            }
            hidden.get_or_insert(at);
        }
    }
    let mut words = false;
    for html in message.htmls().iter().filter(|html| says(&html.text)) {
        words = true;
        // "To unsubscribe, click here": the words stand beside the link, not in it.
        let mut anchors =
            html.tags.iter().filter(|tag| tag.name == "a" && !tag.hidden && tag.attribute("href").is_some());
        let beside = anchors.find(|tag| says(around(&html.text, tag.text.clone(), 160)));
        let of_tag = |tag: &Tag| {
            let same = |link: &Link| {
                link.part == Some(html.part) && link.place == LinkPlace::Anchor && link.line == tag.line
            };
            message.links().iter().position(same)
        };
        if let Some(at) = beside.and_then(of_tag) {
            return BodyWay::Link(at);
        }
    }
    if let Some(at) = hidden {
        return BodyWay::Link(at);
    }
    words |= message.bodies().iter().any(|body| !body.is_html && says(&body.text));
    if words { BodyWay::Words } else { BodyWay::None }
}

/// Indices into `MessageFacts::links` of all links that may be a way out: by their own
/// text or address, or by words close by. Errs on the side of taking too many.
pub fn ways_out(message: &MessageFacts) -> BTreeSet<usize> {
    const CLOSE: usize = 80;
    let mut found = BTreeSet::new();
    for (at, link) in message.links().iter().enumerate() {
        let said = says(&link.text) || link.alt.as_deref().is_some_and(says) || is_way_out(&link.url);
        let beside = || {
            let plain = message.bodies().iter().filter(|body| !body.is_html && Some(body.part) == link.part);
            let mut stands = plain.flat_map(|body| {
                body.text
                    .match_indices(link.raw.as_str())
                    .take(20)
                    .map(|(start, raw)| (&body.text, start..start + raw.len()))
            });
            stands.any(|(text, range)| says(around(text, range, CLOSE)))
        };
        if said || (link.place == LinkPlace::Plain && beside()) {
            found.insert(at);
        }
    }
    for html in message.htmls().iter().filter(|html| says(&html.text)) {
        let anchors = html.tags.iter().filter(|tag| tag.name == "a" && tag.attribute("href").is_some());
        for tag in anchors.filter(|tag| says(around(&html.text, tag.text.clone(), CLOSE))) {
            let same = |link: &Link| {
                link.part == Some(html.part) && tag.attribute("href") == Some(link.raw.as_str())
            };
            found.extend(message.links().iter().enumerate().filter(|(_, link)| same(link)).map(|(at, _)| at));
        }
    }
    found
}

/// True where a text says how to unsubscribe.
pub(in crate::facts) fn says(text: &str) -> bool {
    static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
        AhoCorasick::new(PHRASES.iter().flat_map(|(_, phrases)| phrases.iter()).map(|phrase| bare(phrase)))
            .ok()
    });
    !text.is_empty() && WORDS.as_ref().is_some_and(|words| words.is_match(&bare(text)))
}

/// Lower case without accents, composed or not; one kind of apostrophe, white space
/// single, invisible characters gone. Turkish dotless and Greek final letters as their
/// capitals give them back.
fn bare(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        match c {
            '!'..='~' => {
                out.push(if c == '`' { '\'' } else { c.to_ascii_lowercase() });
                gap = false;
                continue;
            }
            '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{b4}' => out.push('\''),
            'ı' => out.push('i'),
            'ς' => out.push('σ'),
            c if is_invisible(c) => continue,
            c if c.is_whitespace() || c.is_control() => {
                if !gap {
                    out.push(' ');
                }
                gap = true;
                continue;
            }
            c => unicode_normalization::char::decompose_compatible(c, |part| {
                if !is_combining_mark(part) {
                    out.extend(part.to_lowercase().filter(|lower| !is_combining_mark(*lower)));
                }
            }),
        }
        gap = false;
    }
    out
}

/// True where an address is named like a page for unsubscribing.
pub fn is_way_out(url: &str) -> bool {
    static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
        // Of the quickest kind: a page has hundreds of links.
        let kind = Some(AhoCorasickKind::DFA);
        AhoCorasick::builder().ascii_case_insensitive(true).kind(kind).build(URL_WORDS).ok()
    });
    WORDS.as_ref().is_some_and(|words| words.is_match(url))
}

/// The text within `reach` bytes of a range, cut at characters.
fn around(text: &str, range: std::ops::Range<usize>, reach: usize) -> &str {
    let mut start = range.start.saturating_sub(reach).min(text.len());
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let mut end = range.end.saturating_add(reach).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(start..end).unwrap_or_default()
}

/// Names of the header fields that each DKIM signature covers, lower case, with
/// its `d=` domain.
pub fn signed_fields(message: &MessageFacts) -> Vec<(String, Vec<String>)> {
    message
        .all("DKIM-Signature")
        .take(50)
        .map(|field| {
            let text: String = field.unfolded().chars().filter(|c| !c.is_whitespace()).collect();
            let tag = |name: &str| {
                text.split(';')
                    .find_map(|tag| tag.strip_prefix(name))
                    .unwrap_or_default()
                    .to_ascii_lowercase()
            };
            (tag("d="), tag("h=").split(':').map(str::to_owned).collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_is_taken_apart() {
        let (targets, loose) = split("<https://example.com/u?id=1>, (or) <mailto:u@Example.com?subject=x>");
        assert_eq!(targets.len(), 2);
        assert_eq!(targets[0].host.as_deref(), Some("example.com"));
        assert_eq!(targets[1].scheme, Scheme::Mailto);
        assert_eq!(targets[1].host.as_deref(), Some("example.com"));
        assert!(loose.is_empty());
        assert_eq!(split("https://example.com/u").1, "https://example.com/u");
        assert_eq!(split("<http://[2001:db8::1]:80/u>").0[0].host.as_deref(), Some("[2001:db8::1]"));
    }

    #[test]
    fn placeholders_are_told_from_tokens() {
        assert_eq!(placeholder("https://example.com/{{unsubscribe_token}}"), Some("{{unsubscribe_token}}"));
        assert_eq!(placeholder("*|UNSUB|*"), Some("*|UNSUB|*"));
        assert_eq!(placeholder("mailto:%%list.unsub%%@example.com"), Some("%%list.unsub%%"));
        assert_eq!(placeholder("https://example.com/u/a__b__c%20%3D"), None);
        assert_eq!(placeholder("https://example.com/__UNSUB_URL__"), Some("__UNSUB_URL__"));
    }
}
