//! Every address a reader or their mail program may follow or fetch, with where it
//! stands. Nothing is fetched and nothing judged.

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
        .map(|span| {
            let raw = &body.text[span.clone()];
            Link {
                raw: raw.to_owned(),
                url: clean(raw),
                place: LinkPlace::Plain,
                text: raw.to_owned(),
                alt: None,
                part: Some(body.part),
                line: body.line(span.start),
                hidden: false,
                quoted: covers(quoted, span.start),
            }
        })
        .collect()
}

/// Where `http://`, `https://`, `ftp://`, `mailto:` and `www.` addresses lie, as
/// mail programs turn them into links.
pub(crate) fn spans_in_text(text: &str) -> Vec<std::ops::Range<usize>> {
    let bytes = text.as_bytes();
    let mut spans = Vec::new();
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr2(b':', b'.', rest)) {
        let mark = at + found;
        at = mark + 1;
        let Some(start) = start_of_link(bytes, mark) else { continue };
        let end = end_of_link(text, mark + 1);
        if end > mark + 3 {
            spans.push(start..end);
            at = end;
            if spans.len() >= super::limits::LINKS {
                break;
            }
        }
    }
    spans
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
    fn css_and_refresh_name_their_targets() {
        assert_eq!(in_css("a{background:URL('https://example.com/a.png')}"), ["https://example.com/a.png"]);
        assert_eq!(in_css("@import \"https://example.com/a.css\";"), ["https://example.com/a.css"]);
        assert_eq!(refresh_target("0; URL='https://example.com/'"), Some("https://example.com/"));
        assert_eq!(refresh_target("5"), None);
    }
}
