//! Every address a reader or their mail program may follow or fetch, with where it
//! stands. Nothing is fetched and nothing judged.

use std::ops::Range;

use super::bare_hosts;
use super::body::Body;
use super::html::{Html, Tag};
use super::quoting::{Spans, covers};

/// One link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// As written, character references decoded.
    pub raw: String,
    /// Cleaned as the URL standard does: trimmed, tabs and line ends removed.
    pub url: String,
    /// The element or field it stands in.
    pub place: LinkPlace,
    /// The visible text of the element; the link itself in plain text.
    pub text: String,
    /// The `alt` of images inside the anchor, and its `title`.
    pub alt: Option<String>,
    /// Index into `Message::parts`; `None` for the header.
    pub part: Option<usize>,
    /// Line of the file.
    pub line: u32,
    /// The reader does not see it.
    pub hidden: bool,
    /// It stands in mail that the message quotes.
    pub quoted: bool,
}

impl Link {
    /// A host written out without a scheme: `example.com/a`.
    pub fn is_bare(&self) -> bool {
        self.place == LinkPlace::Plain && start_of_scheme(&self.raw).is_none()
    }
}

/// Where a link stands, which decides who follows it and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkPlace {
    /// `a` or `area`.
    Anchor,
    /// `img`, `input type=image`, `video poster`, VML images.
    Image,
    /// `form action`, `button formaction`.
    Form,
    /// `iframe`, `frame`, `object`, `embed`, `applet`.
    Embedded,
    /// `script src`.
    Script,
    /// `link rel=stylesheet` and other `link`.
    Stylesheet,
    /// A `background` attribute.
    Background,
    /// `url()` or `@import` in CSS.
    Css,
    /// `meta http-equiv=refresh`.
    Refresh,
    /// `base href`, which other links are relative to.
    Base,
    /// Written out in a plain-text part.
    Plain,
    /// The List-Unsubscribe header.
    ListUnsubscribe,
}

impl LinkPlace {
    /// A reader goes there by a click.
    pub fn is_followed(self) -> bool {
        matches!(self, LinkPlace::Anchor | LinkPlace::Form | LinkPlace::Plain | LinkPlace::Refresh)
    }
}

/// Trimmed of C0 controls and spaces, tabs and line ends removed (URL standard, section 4.4).
pub(crate) fn clean(raw: &str) -> String {
    let trimmed = raw.trim_matches(|c: char| c <= ' ');
    if memchr::memchr3(b'\t', b'\n', b'\r', trimmed.as_bytes()).is_none() {
        return trimmed.to_owned();
    }
    trimmed.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect()
}

/// The links of an HTML part, in order.
pub(crate) fn in_html(html: &Html, quoted: &Spans) -> Vec<Link> {
    let mut links = Vec::new();
    let mut alts: Vec<(usize, String)> = Vec::new();
    let mut anchor_at: Vec<(usize, usize)> = Vec::new();
    for (at, tag) in html.tags.iter().enumerate() {
        if links.len() >= super::limits::LINKS {
            break;
        }
        if tag.name == "img"
            && let Some(alt) = tag.attribute("alt").map(str::trim).filter(|alt| !alt.is_empty())
            && let Some(anchor) = enclosing(html, tag, "a")
        {
            alts.push((anchor, alt.to_owned()));
        }
        let before = links.len();
        of_tag(html, tag, &mut links);
        if !quoted.is_empty() && covers(quoted, tag.text.start) {
            links.iter_mut().skip(before).for_each(|link| link.quoted = true);
        }
        if tag.name == "a" && links.len() > before {
            anchor_at.push((at, before));
        }
    }
    for (anchor, alt) in alts {
        if let Ok(found) = anchor_at.binary_search_by_key(&anchor, |(at, _)| *at)
            && let Some(link) = links.get_mut(anchor_at[found].1)
        {
            match &mut link.alt {
                Some(seen) if seen.len() < 1000 => {
                    seen.push(' ');
                    seen.push_str(&alt);
                }
                Some(_) => {}
                none => *none = Some(alt),
            }
        }
    }
    for (link, line) in &html.outlook_links {
        push(&mut links, html, &link.href, LinkPlace::Anchor, *line, false, link.text.clone());
    }
    for (css, line) in &html.styles {
        for url in in_css(css) {
            push(&mut links, html, &url, LinkPlace::Css, *line, false, String::new());
        }
    }
    in_page_text(html, quoted, &mut links);
    links
}

/// The nearest element of a name around a tag; its index.
fn enclosing(html: &Html, tag: &Tag, name: &str) -> Option<usize> {
    let mut at = tag.parent;
    for _ in 0..64 {
        let index = at?;
        let outer = html.tags.get(index)?;
        if outer.name == name {
            return Some(index);
        }
        at = outer.parent;
    }
    None
}

fn push(
    links: &mut Vec<Link>,
    html: &Html,
    raw: &str,
    place: LinkPlace,
    line: u32,
    hidden: bool,
    text: String,
) {
    let url = clean(raw);
    if !url.is_empty() && links.len() < super::limits::LINKS {
        let part = Some(html.part);
        links.push(Link {
            raw: raw.to_owned(),
            url,
            place,
            text,
            alt: None,
            part,
            line,
            hidden,
            quoted: false,
        });
    }
}

fn of_tag(html: &Html, tag: &Tag, links: &mut Vec<Link>) {
    for (name, value) in &tag.attributes {
        let place = match (&*tag.name, &**name) {
            ("a" | "area", "href") => LinkPlace::Anchor,
            ("base", "href") => LinkPlace::Base,
            ("link", "href") => LinkPlace::Stylesheet,
            ("form", "action") | ("button" | "input", "formaction") => LinkPlace::Form,
            ("script", "src") => LinkPlace::Script,
            ("iframe" | "frame" | "embed" | "applet", "src") | ("object", "data") => LinkPlace::Embedded,
            ("img" | "input" | "video" | "audio" | "source", "src") | ("video", "poster") => LinkPlace::Image,
            (_, "src") if tag.name.contains(':') => LinkPlace::Image,
            (_, "href") if tag.name.contains(':') => LinkPlace::Anchor,
            ("a", "xlink:href") => LinkPlace::Anchor,
            (_, "background") => LinkPlace::Background,
            ("meta", "content")
                if tag.attribute("http-equiv").is_some_and(|e| e.eq_ignore_ascii_case("refresh")) =>
            {
                if let Some(url) = refresh_target(value) {
                    push(links, html, url, LinkPlace::Refresh, tag.line, false, String::new());
                }
                continue;
            }
            (_, "style") => {
                for url in in_css(value) {
                    push(links, html, &url, LinkPlace::Css, tag.line, tag.hidden, String::new());
                }
                continue;
            }
            _ => continue,
        };
        let text = match place {
            LinkPlace::Anchor | LinkPlace::Form => html.text_of(tag).chars().take(2000).collect(),
            _ => String::new(),
        };
        let before = links.len();
        push(links, html, value, place, tag.line, tag.hidden, text);
        if place == LinkPlace::Anchor
            && let Some(link) = links.get_mut(before)
        {
            let title = tag.attribute("title").or(tag.attribute("alt"));
            link.alt = title.map(str::trim).filter(|title| !title.is_empty()).map(str::to_owned);
        }
    }
}

/// `5; url=https://example.com` (HTML, shared declarative refresh steps).
fn refresh_target(content: &str) -> Option<&str> {
    let (_, rest) = content.split_once([';', ','])?;
    let rest = rest.trim_start();
    let rest = match rest.get(..3) {
        Some(word) if word.eq_ignore_ascii_case("url") => rest[3..].trim_start().strip_prefix('=')?.trim(),
        _ => rest.trim(),
    };
    Some(rest.trim_matches(['"', '\'']))
}

/// The addresses in `url()` and `@import`.
fn in_css(css: &str) -> Vec<String> {
    let mut found = Vec::new();
    // Most style attributes name no address.
    if memchr::memchr2(b'(', b'@', css.as_bytes()).is_none() {
        return found;
    }
    let lower = css.to_ascii_lowercase();
    for (at, _) in lower.match_indices("url(").take(500) {
        let rest = &css[at + 4..];
        if let Some(end) = rest.find(')') {
            found.push(rest[..end].trim().trim_matches(['"', '\'']).to_owned());
        }
    }
    for (at, _) in lower.match_indices("@import").take(100) {
        let rest = css[at + 7..].trim_start();
        let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else { continue };
        if let Some(end) = rest[1..].find(quote) {
            found.push(rest[1..=end].to_owned());
        }
    }
    found
}

/// Addresses written out in plain text.
pub(crate) fn in_text(body: &Body, quoted: &Spans) -> Vec<Link> {
    spans_in_text(&body.text)
        .into_iter()
        .take(super::limits::LINKS)
        .map(|span| written_out(&body.text, &span, body.part, body.line(span.start), quoted))
        .collect()
}

/// Addresses written out in the text of a page, beside its anchors: mail programs turn them into
/// links as well.
fn in_page_text(html: &Html, quoted: &Spans, links: &mut Vec<Link>) {
    let anchors: Vec<&Tag> =
        html.tags_named("a").filter(|tag| !tag.hidden && tag.attribute("href").is_some()).collect();
    let mut next = 0;
    for span in spans_in_text(&html.text) {
        // Anchors do not hold each other, and both lists are in order.
        while anchors.get(next).is_some_and(|tag| tag.text.end <= span.start) {
            next += 1;
        }
        let anchored = anchors.get(next).is_some_and(|tag| tag.text.start < span.end);
        if anchored || is_markup(&html.text, span.start) || links.len() >= super::limits::LINKS {
            continue;
        }
        let around = html.tags.partition_point(|tag| tag.text.start <= span.start);
        let line = around.checked_sub(1).and_then(|at| html.tags.get(at)).map_or(1, |tag| tag.line);
        links.push(written_out(&html.text, &span, html.part, line, quoted));
    }
}

/// Markup that a page shows by mistake, such as what its script writes: `src="https://...`.
fn is_markup(text: &str, start: usize) -> bool {
    let head = text.get(..start).unwrap_or_default();
    head.trim_end_matches(['"', '\'', '\\']).ends_with('=')
}

fn written_out(text: &str, span: &Range<usize>, part: usize, line: u32, quoted: &Spans) -> Link {
    let raw = &text[span.clone()];
    let url = clean(raw);
    let bare = start_of_scheme(raw).is_none();
    Link {
        raw: raw.to_owned(),
        // As the mail program completes it.
        url: if bare { format!("http://{url}") } else { url },
        place: LinkPlace::Plain,
        text: raw.to_owned(),
        alt: None,
        part: Some(part),
        line,
        hidden: false,
        quoted: covers(quoted, span.start),
    }
}

/// The scheme or `www.` at the beginning of an address, where it has one.
fn start_of_scheme(raw: &str) -> Option<usize> {
    let mark = memchr::memchr2(b':', b'.', raw.as_bytes())?;
    start_of_link(raw.as_bytes(), mark).filter(|start| *start == 0)
}

/// Where `http://`, `https://`, `ftp://`, `mailto:`, `www.` and bare addresses lie, as
/// mail programs turn them into links.
pub(crate) fn spans_in_text(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut spans = Vec::new();
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr2(b':', b'.', rest)) {
        let mark = at + found;
        at = mark + 1;
        let free = spans.last().map_or(0, |taken: &Range<usize>| taken.end);
        // `://` and `www.` alone lead nowhere; a bare host is whole.
        let (start, end, least) = match start_of_link(bytes, mark) {
            Some(start) => (start, end_of_link(text, mark + 1), 3),
            None if bytes[mark] == b'.' => {
                let found = bare_hosts::around(text, mark, free);
                let Some((host, goes_on)) =
                    found.filter(|(host, _)| !is_rest_of_link(text, free, host.start))
                else {
                    // The other dots of the same run say the same.
                    at = bare_hosts::past(text, mark);
                    continue;
                };
                (host.start, if goes_on { end_of_link(text, host.end - 1) } else { host.end }, 0)
            }
            None => continue,
        };
        if end > mark + least {
            spans.push(start..end);
            at = end;
            if spans.len() >= super::limits::LINKS {
                break;
            }
        }
    }
    spans
}

/// A line that goes on with the link which the line before broke off: at a hyphen or slash, or
/// because the line was full (RFC 5322 section 2.1.1 asks for 78 characters).
fn is_rest_of_link(text: &str, end: usize, start: usize) -> bool {
    const FULL: usize = 65;
    let Some(between) = text.get(end..start).filter(|_| end > 0) else { return false };
    let broken = between.trim_start_matches(['-', '/', '=', '&', '?', '.', '_']);
    if !broken.trim_matches(['\n', '\r']).is_empty() || broken.matches('\n').count() != 1 {
        return false;
    }
    let line = text[..end].rfind('\n').map_or(0, |at| at + 1);
    let hangs = broken.len() < between.len() || text[..end].ends_with(['-', '/', '=', '&']);
    hangs || end - line >= FULL
}

fn start_of_link(bytes: &[u8], mark: usize) -> Option<usize> {
    let before = |word: &str| {
        let start = mark.checked_sub(word.len())?;
        let same = bytes[start..mark].eq_ignore_ascii_case(word.as_bytes());
        let edge = start == 0 || !bytes[start - 1].is_ascii_alphanumeric();
        (same && edge).then_some(start)
    };
    if bytes[mark] == b'.' {
        let start = before("www")?;
        let goes_on = bytes.get(mark + 1).is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 128);
        let not_in_url = start == 0 || !matches!(bytes[start - 1], b'/' | b'.' | b'@' | b'-');
        return (goes_on && not_in_url).then_some(start);
    }
    if bytes[mark..].starts_with(b"://") {
        return before("https").or_else(|| before("http")).or_else(|| before("ftp"));
    }
    before("mailto")
}

fn end_of_link(text: &str, from: usize) -> usize {
    let rest = &text[from..];
    let stop = rest
        .char_indices()
        .find(|(_, c)| {
            c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '“' | '”' | '«' | '»')
        })
        .map_or(rest.len(), |(at, _)| at);
    let mut shown = &rest[..stop.min(floor(rest, 4096))];
    loop {
        let cut = shown.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', '|', '…', '’']);
        let closed = match cut.chars().next_back() {
            Some(')') if cut.matches('(').count() < cut.matches(')').count() => &cut[..cut.len() - 1],
            Some(']') if cut.matches('[').count() < cut.matches(']').count() => &cut[..cut.len() - 1],
            Some('}') if cut.matches('{').count() < cut.matches('}').count() => &cut[..cut.len() - 1],
            _ => cut,
        };
        if closed.len() == shown.len() {
            return from + shown.len();
        }
        shown = closed;
    }
}

/// The largest character boundary up to `limit`.
fn floor(text: &str, limit: usize) -> usize {
    let mut at = limit.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        spans_in_text(text).into_iter().map(|span| &text[span]).collect()
    }

    #[test]
    fn links_in_text_are_found() {
        assert_eq!(found("see https://example.com/a?b=c."), ["https://example.com/a?b=c"]);
        assert_eq!(
            found("(http://example.com/a_(b)) <HTTP://EXAMPLE.NET>"),
            ["http://example.com/a_(b)", "HTTP://EXAMPLE.NET"]
        );
        assert_eq!(
            found("go to www.example.com, or mailto:a@example.com!"),
            ["www.example.com", "mailto:a@example.com"]
        );
        assert_eq!(found("https://www.example.com and awww.x ratio 3:1"), ["https://www.example.com"]);
        assert!(found("http:// nothing, www. nothing").is_empty());
    }

    #[test]
    fn a_broken_link_is_one_link() {
        assert_eq!(found("(https://www.big-\nshop.example.com/a)"), ["https://www.big-"]);
        let full = format!("https://example.com/{}\nb-c.example.com/d", "a".repeat(60));
        assert_eq!(found(&full).len(), 1);
        assert_eq!(found("https://example.com/a\nb-c.example.com/d").len(), 2);
        assert_eq!(found("https://example.com/a-\n\nb-c.example.com/d").len(), 2);
    }

    #[test]
    fn css_and_refresh_name_their_targets() {
        assert_eq!(in_css("a{background:URL('https://example.com/a.png')}"), ["https://example.com/a.png"]);
        assert_eq!(in_css("@import \"https://example.com/a.css\";"), ["https://example.com/a.css"]);
        assert_eq!(refresh_target("0; URL='https://example.com/'"), Some("https://example.com/"));
        assert_eq!(refresh_target("5"), None);
    }
}
