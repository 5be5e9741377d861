//! The SVG of a brand's logo by the profile that mail clients show: SVG Tiny
//! Portable/Secure (draft-svg-tiny-ps-abrotman), and the rules of BIMI beyond it.

use crate::model::untrusted::Width;
use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Largest logo, in bytes unpacked (BIMI Group: SVG P/S requirements).
pub const LARGEST: usize = 32 * 1024;
/// What is read of a logo that is too large.
const LARGEST_READ: usize = 4 << 20;
/// Elements within each other.
const DEEPEST: usize = 64;
const MOST_FAULTS: usize = 30;
const SIMPLIFY: &str = "Simplify the paths and drop metadata until it is under 32 KB";

/// A logo read as far as it goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logo {
    /// Bytes, unpacked.
    pub size: usize,
    /// The content of `title`, which the profile requires.
    pub title: Option<String>,
    /// Width and height of the view box, as written.
    pub view_box: Option<(String, String)>,
    /// In the order of the file.
    pub faults: Vec<LogoFault>,
}

/// One rule that is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoFault {
    /// From 1; 0 for the file as a whole.
    pub line: usize,
    /// The observed value first, then the rule it breaks. Escaped.
    pub text: String,
    /// What to change.
    pub fix: &'static str,
}

/// Elements of the profile; everything else is not shown, and mostly refused.
const ALLOWED: [&str; 26] = [
    "circle",
    "defs",
    "desc",
    "ellipse",
    "g",
    "line",
    "linearGradient",
    "metadata",
    "path",
    "polygon",
    "polyline",
    "prefetch",
    "radialGradient",
    "rect",
    "solidColor",
    "stop",
    "svg",
    "switch",
    "tbreak",
    "text",
    "textArea",
    "title",
    "tspan",
    "use",
    "view",
    "font",
];

impl Logo {
    /// A file of which only so much is known: it is larger than anyone reads.
    pub fn too_large(more_than: usize) -> Logo {
        let mut logo = Logo { size: more_than.saturating_add(1), ..Logo::default() };
        logo.fault(0, format!("more than {more_than} bytes; at most {LARGEST} are read"), SIMPLIFY);
        logo
    }

    /// Reads an SVG, plain or gzipped (`.svgz`).
    pub fn read(bytes: &[u8]) -> Logo {
        let Some(unpacked) = unpacked(bytes) else {
            let mut logo = Logo { size: bytes.len(), ..Logo::default() };
            logo.fault(0, "the gzip data cannot be unpacked", "Publish the plain SVG");
            return logo;
        };
        let mut logo = Logo { size: unpacked.len(), ..Logo::default() };
        if logo.size > LARGEST {
            let text = format!("{} bytes; at most {LARGEST} are read", logo.size);
            logo.fault(0, text, SIMPLIFY);
        }
        let unpacked = unpacked.get(..unpacked.len().min(LARGEST_READ)).unwrap_or_default();
        match std::str::from_utf8(unpacked.strip_prefix(b"\xef\xbb\xbf").unwrap_or(unpacked)) {
            Ok(text) => logo.scan(text),
            Err(_) => logo.fault(0, "the file is not UTF-8 text", "Save the SVG as UTF-8"),
        }
        logo
    }

    fn fault(&mut self, line: usize, text: impl Into<String>, fix: &'static str) {
        let text = text.into();
        if self.faults.len() < MOST_FAULTS && !self.faults.iter().any(|fault| fault.text == text) {
            self.faults.push(LogoFault { line, text, fix });
        }
    }

    fn scan(&mut self, text: &str) {
        let mut reader = Reader::from_str(text);
        let mut stack: Vec<String> = Vec::new();
        let (mut rooted, mut title) = (false, None::<String>);
        loop {
            let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX).min(text.len());
            let line =
                1 + text.as_bytes().get(..at).unwrap_or_default().iter().filter(|b| **b == b'\n').count();
            let event = match reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    self.fault(line, format!("the XML is broken: {error}"), "Export the file anew as SVG");
                    break;
                }
            };
            match event {
                Event::Eof => break,
                Event::DocType(declared) if declared.contains("<!ENTITY") => {
                    self.fault(line, "it declares entities", "Remove the DOCTYPE with its entities");
                }
                Event::Start(tag) => {
                    rooted |= self.open(&tag, line, stack.last().map(String::as_str));
                    if stack.len() >= DEEPEST {
                        self.fault(line, "elements are nested too deep", "Flatten the groups");
                        break;
                    }
                    if tag.name().into_inner() == "title" && stack.len() == 1 {
                        title = Some(String::new());
                    }
                    stack.push(tag.name().into_inner().to_owned());
                }
                Event::Empty(tag) => {
                    rooted |= self.open(&tag, line, stack.last().map(String::as_str));
                }
                Event::End(_) => {
                    stack.pop();
                    if let (Some(done), true) = (&title, self.title.is_none() && stack.len() == 1) {
                        self.title = Some(done.trim().to_owned());
                    }
                }
                Event::Text(words) if stack.last().is_some_and(|top| top == "title") => {
                    if let Some(title) = title.as_mut().filter(|title| title.len() < 1000) {
                        title.push_str(&words.xml10_content());
                    }
                }
                Event::PI(_) => {
                    self.fault(line, "a processing instruction such as a style sheet", "Remove it");
                }
                _ => {}
            }
        }
        if !rooted {
            self.fault(1, "there is no <svg> element", "Publish an SVG file, not an image in another format");
            return;
        }
        match self.title.as_deref() {
            None | Some("") => {
                self.fault(1, "there is no <title> directly below <svg>", "Add <title>Company name</title>");
            }
            Some(long) if long.chars().count() > 64 => {
                self.fault(1, "the <title> has more than 64 characters", "Shorten it to the company's name");
            }
            Some(_) => {}
        }
    }

    /// Judges one element; true for the root.
    fn open(&mut self, tag: &BytesStart, line: usize, parent: Option<&str>) -> bool {
        let name = tag.name().into_inner().to_owned();
        let shown = crate::model::untrusted::plain(&name, Width::Word);
        let root = parent.is_none() && name == "svg";
        match name.as_str() {
            "script" | "handler" | "listener" => {
                self.fault(line, format!("<{shown}>: scripts are refused"), "Remove all scripts");
            }
            "animate" | "animateColor" | "animateMotion" | "animateTransform" | "set" | "mpath"
            | "discard" | "animation" => {
                self.fault(line, format!("<{shown}>: animation is refused"), "Remove all animation")
            }
            "image" | "foreignObject" | "video" | "audio" | "feImage" => self.fault(
                line,
                format!("<{shown}>: embedded images and media are refused"),
                "Redraw the logo as paths",
            ),
            "a" => self.fault(line, "<a>: links are refused", "Remove the link"),
            "style" => self.fault(
                line,
                "<style>: style sheets are no part of the profile",
                "Put fill and stroke on the elements themselves",
            ),
            "svg" if parent.is_some() => {
                self.fault(line, "an <svg> within the <svg>", "Use one <svg> and groups");
            }
            known if ALLOWED.contains(&known) => {}
            _ if parent.is_none() => {
                self.fault(line, format!("the root is <{shown}>, not <svg>"), "Publish an SVG file");
            }
            _ => self.fault(
                line,
                format!("<{shown}> is no element of SVG Tiny P/S"),
                "Export as SVG Tiny 1.2 and convert it to the tiny-ps profile",
            ),
        }
        let mut values = Vec::new();
        for attribute in tag.attributes() {
            match attribute {
                Ok(one) => values.push((one.key.into_inner().to_owned(), one.value.clone().into_owned())),
                Err(error) => {
                    self.fault(line, format!("a broken attribute: {error}"), "Export the file anew")
                }
            }
        }
        for (key, value) in &values {
            self.attribute(line, key, value);
        }
        if root {
            let of =
                |key: &str| values.iter().find(|(k, _)| k == key).map(|(_, value)| value.trim().to_owned());
            self.root(line, &of);
        }
        root
    }

    fn attribute(&mut self, line: usize, key: &str, value: &str) {
        let local = key.rsplit(':').next().unwrap_or(key);
        let target = value.trim();
        if local.len() > 2 && local.starts_with("on") {
            let shown = crate::model::untrusted::plain(local, Width::Word);
            self.fault(line, format!("{shown}= runs a script"), "Remove all event attributes");
        }
        if matches!(local, "href" | "src") && !target.starts_with('#') && !target.is_empty() {
            let shown = crate::model::untrusted::plain(target, Width::Name);
            self.fault(
                line,
                format!("{local}={shown:?} refers outside the file"),
                "Refer only to parts of the file, as in href=\"#shape\"",
            );
        }
        let outside = target.match_indices("url(").any(|(at, found)| {
            let inner = target.get(at + found.len()..).unwrap_or_default();
            !inner.trim_start_matches([' ', '"', '\'']).starts_with('#')
        });
        if outside {
            self.fault(line, "url(...) refers outside the file", "Refer only to parts of the file");
        }
    }

    fn root(&mut self, line: usize, of: &dyn Fn(&str) -> Option<String>) {
        let shown = |value: &str| crate::model::untrusted::plain(value, Width::Word);
        match of("version").as_deref() {
            Some("1.2") => {}
            Some(other) => {
                let text = format!("version={:?}, not 1.2", shown(other));
                self.fault(line, text, "Set version=\"1.2\" on <svg>");
            }
            None => self.fault(line, "<svg> has no version", "Set version=\"1.2\" on <svg>"),
        }
        match of("baseProfile").as_deref() {
            Some("tiny-ps") => {}
            Some(other) => {
                let text = format!("baseProfile={:?}, not tiny-ps", shown(other));
                self.fault(line, text, "Set baseProfile=\"tiny-ps\" on <svg>");
            }
            None => self.fault(line, "<svg> has no baseProfile", "Set baseProfile=\"tiny-ps\" on <svg>"),
        }
        if of("xmlns").as_deref() != Some("http://www.w3.org/2000/svg") {
            self.fault(line, "<svg> is not in the SVG namespace", "Set xmlns=\"http://www.w3.org/2000/svg\"");
        }
        for key in ["x", "y"] {
            if of(key).is_some() {
                self.fault(line, format!("<svg> has {key}="), "Remove x= and y= from <svg>");
            }
        }
        let Some(view_box) = of("viewBox") else {
            return self.fault(line, "<svg> has no viewBox", "Set a square viewBox, such as \"0 0 96 96\"");
        };
        let numbers: Vec<&str> =
            view_box.split([' ', ',', '\t', '\n', '\r']).filter(|part| !part.is_empty()).collect();
        let size = |text: &str| text.parse::<f64>().ok().filter(|n| n.is_finite() && *n > 0.0);
        let [_, _, width, height] = numbers.as_slice() else {
            let text = format!("viewBox={:?} is not four numbers", shown(&view_box));
            return self.fault(line, text, "Set a square viewBox, such as \"0 0 96 96\"");
        };
        self.view_box = Some((shown(width), shown(height)));
        match (size(width), size(height)) {
            // Rounding by drawing programs is no oblong.
            (Some(w), Some(h)) if (w - h).abs() / w.max(h) <= 0.005 => {}
            (Some(_), Some(_)) => {
                let text = format!("the viewBox is {} by {}, not square", shown(width), shown(height));
                self.fault(line, text, "Centre the logo in a square viewBox");
            }
            _ => {
                let text = format!("viewBox={:?} has no size", shown(&view_box));
                self.fault(line, text, "Set a square viewBox, such as \"0 0 96 96\"");
            }
        }
    }
}

/// The SVG of a `.svgz`, anything else as it is; `None` where it cannot be unpacked.
pub fn unpacked(bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    use std::io::Read as _;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Some(Cow::Borrowed(bytes));
    }
    let mut unpacked = Vec::new();
    let limit = LARGEST_READ as u64;
    flate2::read::GzDecoder::new(bytes).take(limit).read_to_end(&mut unpacked).ok()?;
    Some(Cow::Owned(unpacked))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" \
        version=\"1.2\" baseProfile=\"tiny-ps\" viewBox=\"0 0 96 96\">\n<title>Doe &amp; Daughters</title>\n\
        <defs><linearGradient id=\"g\"><stop offset=\"0\" stop-color=\"#fff\"/></linearGradient></defs>\n\
        <rect width=\"96\" height=\"96\" fill=\"url(#g)\"/><use href=\"#g\"/></svg>\n";

    fn faults(svg: &str) -> String {
        Logo::read(svg.as_bytes()).faults.iter().map(|f| format!("{}:{} ", f.line, f.text)).collect()
    }

    #[test]
    fn a_good_logo_has_no_fault() {
        let logo = Logo::read(GOOD.as_bytes());
        assert_eq!((logo.faults.as_slice(), logo.size), (&[][..], GOOD.len()));
        assert!(logo.title.is_some_and(|title| title.starts_with("Doe")));
    }

    #[test]
    fn each_rule_is_told_with_its_line() {
        for (from, to, wanted) in [
            ("version=\"1.2\"", "version=\"1.1\"", "2:version=\"1.1\", not 1.2"),
            ("tiny-ps", "tiny", "not tiny-ps"),
            (" viewBox=\"0 0 96 96\"", "", "no viewBox"),
            ("0 0 96 96", "0 0 96 48", "not square"),
            ("0 0 96 96", "0 0 x", "not four numbers"),
            ("<title>Doe &amp; Daughters</title>", "", "no <title>"),
            ("<title>Doe &amp; Daughters</title>", "<title> </title>", "no <title>"),
            ("viewBox", "x=\"0\" viewBox", "<svg> has x="),
            ("<defs>", "<script>1</script><defs>", "4:<script>: scripts"),
            ("<rect", "<animate/><rect", "animation"),
            ("<rect", "<image href=\"data:image/png;base64,AA\"/><rect", "embedded images"),
            ("<rect", "<rect onload=\"x()\"", "onload= runs a script"),
            ("href=\"#g\"", "href=\"https://example.com/a.svg#g\"", "refers outside"),
            ("url(#g)", "url(https://example.com/#g)", "url(...) refers outside"),
            ("<rect", "<style>a{}</style><rect", "style sheets"),
            ("<rect", "<filter/><rect", "<filter> is no element"),
            ("xmlns=\"http://www.w3.org/2000/svg\"", "", "namespace"),
            ("<svg", "<!DOCTYPE svg [<!ENTITY a \"b\">]><svg", "entities"),
            ("</svg>", "", ""),
        ] {
            let broken = GOOD.replacen(from, to, 1);
            assert!(broken != GOOD && faults(&broken).contains(wanted), "{to}: {}", faults(&broken));
        }
        assert!(faults("GIF89a").contains("no <svg>"));
        assert!(
            faults(&GOOD.replace("</svg>", &format!("<!--{}--></svg>", "x".repeat(40_000))))
                .contains("bytes")
        );
        assert!(faults(&"<g>".repeat(100_000)).contains("too deep"));
        assert!(!Logo::read(&[0x1f, 0x8b, 1]).faults.is_empty());
    }
}
