//! Which features of HTML and CSS a page uses, of those that some mail client lacks.
//! One reading of tags and style sheets; judging is for others.

use std::fmt::{self, Write as _};

use foldhash::{HashSet, HashSetExt as _};

use crate::data::client_support::{self, Feature};
use crate::parse::message::Html;
use crate::parse::text::distinct::Distinct;

/// A feature in use, with the line of its first use.
#[derive(Clone, Debug)]
pub(crate) struct Used {
    pub slug: &'static str,
    pub feature: &'static Feature,
    pub line: u32,
}

/// The features found so far, with the first line of each.
struct Marks {
    lines: Vec<Option<u32>>,
    mark: String,
}

impl Marks {
    fn new() -> Marks {
        Marks { lines: vec![None; client_support::features().len()], mark: String::new() }
    }

    /// Notes a mark `kind argument`.
    fn add(&mut self, mark: fmt::Arguments<'_>, line: u32) {
        self.mark.clear();
        if self.mark.write_fmt(mark).is_err() || self.mark.len() >= 200 {
            return;
        }
        for feature in client_support::betrayed_by(&self.mark) {
            if let Some(seen) = self.lines.get_mut(feature) {
                *seen = Some(seen.map_or(line, |seen| seen.min(line)));
            }
        }
    }
}

/// The features a page uses that some client lacks, in the table's order.
pub(crate) fn used(html: &Html) -> Vec<Used> {
    let mut marks = Marks::new();
    if html.doctype.is_some() {
        marks.add(format_args!("doctype"), 1);
    }
    if html.comment_bytes > 0 {
        marks.add(format_args!("html-comment"), 1);
    }
    // Mail repeats its tags and styles a thousand times; each is read once.
    let [mut elements, mut attributes, mut styles] = [64, 64, 256].map(Distinct::with_capacity);
    let mut properties = HashSet::new();
    for tag in &html.tags {
        if elements.insert(&tag.name) {
            marks.add(format_args!("element {}", tag.name), tag.line);
        }
        for (name, value) in &tag.attributes {
            if attributes.insert(name) {
                marks.add(format_args!("attribute {name}"), tag.line);
            }
            if name == "style" {
                if styles.insert(value) {
                    declarations(value, tag.line, &mut marks, &mut properties);
                }
            } else {
                attribute(&tag.name, name, value, tag.line, &mut marks);
            }
        }
        if tag.name == "button" && tag.attribute("type").is_none() {
            marks.add(format_args!("typed button submit"), tag.line);
        }
    }
    for (css, line) in &html.styles {
        sheet(css, *line, &mut marks, &mut properties);
    }
    client_support::features()
        .iter()
        .zip(marks.lines)
        .filter_map(|((slug, feature), line)| Some(Used { slug, feature, line: line? }))
        .collect()
}

fn attribute(tag: &str, name: &str, value: &str, line: u32, marks: &mut Marks) {
    if !matches!(name, "type" | "name" | "href" | "src" | "srcset" | "background" | "poster" | "data") {
        return;
    }
    let value = value.trim();
    let cut = value.char_indices().nth(300).map_or(value.len(), |(at, _)| at);
    let lower = value[..cut].to_ascii_lowercase();
    match (tag, name) {
        ("input" | "button", "type") => marks.add(format_args!("typed {tag} {lower}"), line),
        ("meta", "name") => marks.add(format_args!("meta {lower}"), line),
        ("a" | "area", "href") if lower.starts_with('#') => marks.add(format_args!("href #"), line),
        ("a" | "area", "href") if lower.starts_with("mailto:") => {
            marks.add(format_args!("href mailto:"), line)
        }
        (_, "src" | "srcset" | "background" | "poster" | "data") => image(&lower, line, marks),
        _ => {}
    }
}

fn image(url: &str, line: u32, marks: &mut Marks) {
    if let Some(data) = url.strip_prefix("data:") {
        marks.add(format_args!("image data:"), line);
        let kind = data.split([';', ',']).next().unwrap_or_default();
        let kind = kind.rsplit('/').next().unwrap_or_default().trim_end_matches("+xml");
        marks.add(format_args!("image .{kind}"), line);
        return;
    }
    let path = url.split(['?', '#', ' ']).next().unwrap_or_default();
    if let Some((_, end)) = path.rsplit_once('.')
        && end.len() <= 5
    {
        marks.add(format_args!("image .{end}"), line);
    }
}

/// The marks of `property: value` pairs of a `style` attribute or a rule.
fn declarations<'c>(css: &'c str, line: u32, marks: &mut Marks, known: &mut HashSet<(&'c str, &'c str)>) {
    for (at, declaration) in css.split(';').enumerate() {
        if at > 300 {
            return;
        }
        let Some((property, value)) = declaration.split_once(':') else { continue };
        // A page repeats its declarations thousands of times; each is read once.
        if known.len() > 20_000 || !known.insert((property, value)) {
            continue;
        }
        let lead = declaration.len() - declaration.trim_start().len();
        let line = line + count_lines(&declaration[..lead]);
        let property = property.trim().to_ascii_lowercase();
        if property.is_empty() || property.len() > 60 || property.contains(char::is_whitespace) {
            continue;
        }
        if property.starts_with("--") {
            marks.add(format_args!("variable"), line);
        }
        for prefix in ["-webkit-", "-moz-", "-ms-"] {
            if let Some(bare) = property.strip_prefix(prefix) {
                marks.add(format_args!("property {bare}"), line);
            }
        }
        let value: String = value.trim().chars().take(2000).collect::<String>().to_ascii_lowercase();
        if value.contains('!') && value.contains("important") {
            marks.add(format_args!("important"), line);
        }
        values(&value, line, marks);
        if let Some(start) = value.find("url(") {
            let url = value[start + 4..].split(')').next().unwrap_or_default();
            image(url.trim().trim_matches(['"', '\'']), line, marks);
        }
        let bare = value.split('!').next().unwrap_or_default().trim();
        marks.add(format_args!("value {property} {bare}"), line);
        marks.add(format_args!("property {property}"), line);
    }
}

/// Functions, words and units of a value.
fn values(value: &str, line: u32, marks: &mut Marks) {
    let mut in_quotes = None;
    let mut token = String::new();
    for c in value.chars().chain(std::iter::once(' ')) {
        if let Some(quote) = in_quotes {
            if c == quote {
                in_quotes = None;
            }
            continue;
        }
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '%' | '_') {
            token.push(c);
            continue;
        }
        if matches!(c, '"' | '\'') {
            in_quotes = Some(c);
        }
        if token.is_empty() {
            continue;
        }
        let unit = token.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.'));
        if c == '(' {
            let bare = token.trim_start_matches("-webkit-").trim_start_matches("-moz-");
            marks.add(format_args!("function {bare}"), line);
            if bare == "var" {
                marks.add(format_args!("variable"), line);
            }
        } else if unit.len() < token.len() && !unit.is_empty() {
            marks.add(format_args!("unit {unit}"), line);
        } else {
            marks.add(format_args!("word {token}"), line);
        }
        token.clear();
    }
}

/// A style sheet: rules, at-rules and what is nested in them.
fn sheet<'c>(css: &'c str, first: u32, marks: &mut Marks, known: &mut HashSet<(&'c str, &'c str)>) {
    let mut start = 0;
    let mut line = first;
    let mut counted = 0;
    let mut open: Vec<bool> = Vec::new();
    let bytes = css.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at..].starts_with(b"/*") {
            marks.add(format_args!("css-comment"), first);
            let end = memchr::memmem::find(&bytes[at + 2..], b"*/").map_or(bytes.len(), |end| at + end + 4);
            if css[start..at].trim().is_empty() {
                start = end;
            }
            at = end;
            continue;
        }
        if matches!(bytes[at], b'{' | b'}' | b';') {
            let piece = &css[start..at];
            line += count_lines(&css[counted..start]);
            counted = start;
            let lead = piece.len() - piece.trim_start().len();
            let here = line + count_lines(&piece[..lead]);
            match bytes[at] {
                b'{' => {
                    let is_rule = prelude(piece.trim(), here, marks);
                    if is_rule && open.last() == Some(&true) {
                        marks.add(format_args!("nesting"), here);
                    }
                    if open.len() < 100 {
                        open.push(is_rule);
                    }
                }
                b'}' => {
                    declarations(piece, line, marks, known);
                    open.pop();
                }
                _ if piece.trim_start().starts_with('@') => {
                    prelude(piece.trim(), here, marks);
                }
                _ => declarations(piece, line, marks, known),
            }
            start = at + 1;
        }
        at += 1;
    }
}

/// What programs wrap mail in, or put above it, that only rules for that program name: Outlook, Outlook on the
/// web, Hotmail, Yahoo, Gmail, Apple's data detectors.
const HACKS: [&str; 8] = [
    "#outlook",
    ".externalclass",
    ".readmsgbody",
    ".yshortcuts",
    "u + #body",
    "u + .",
    "a[x-apple-data-detectors]",
    "[data-ogsc]",
];

/// A selector list or at-rule; true for selectors, whose block holds declarations.
fn prelude(text: &str, line: u32, marks: &mut Marks) -> bool {
    let text: String = without_comments(text).chars().take(2000).collect::<String>().to_ascii_lowercase();
    let text = text.trim();
    if let Some(rule) = text.strip_prefix('@') {
        let name: String = rule.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        marks.add(
            format_args!("at @{}", name.trim_start_matches("-webkit-").trim_start_matches("-moz-")),
            line,
        );
        for word in
            ["device-pixel-ratio", "hover", "orientation", "prefers-color-scheme", "prefers-reduced-motion"]
        {
            if rule.contains(word) {
                marks.add(format_args!("at @{name} {word}"), line);
            }
        }
        return matches!(name.as_str(), "font-face" | "page");
    }
    if text.contains(',') {
        marks.add(format_args!("grouping"), line);
    }
    for selector in text.split(',').take(100) {
        // Rules that are written for one program alone miss nothing elsewhere.
        if HACKS.iter().any(|hack| selector.trim_start().starts_with(hack)) {
            continue;
        }
        selector_marks(selector.trim(), line, marks);
    }
    true
}

fn selector_marks(selector: &str, line: u32, marks: &mut Marks) {
    for (at, _) in selector.match_indices(':') {
        let name: String =
            selector[at + 1..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        if !name.is_empty() {
            let bare = name.trim_start_matches("-webkit-input-").trim_start_matches("-moz-");
            marks.add(format_args!("pseudo :{bare}"), line);
        }
    }
    for sign in ['[', '.', '#', '*'] {
        if selector.contains(sign) {
            marks.add(format_args!("selector {sign}"), line);
        }
    }
    for sign in ['+', '~', '>'] {
        if selector.contains(sign) {
            marks.add(format_args!("combinator {sign}"), line);
        }
    }
    let plain: String =
        selector.chars().map(|c| if matches!(c, '+' | '~' | '>') { '|' } else { c }).collect();
    if plain.split('|').any(|side| side.trim().contains(char::is_whitespace)) {
        marks.add(format_args!("combinator  "), line);
    }
    let starts = selector.chars().next();
    if starts.is_some_and(|c| c.is_ascii_alphabetic()) {
        marks.add(format_args!("type-selector"), line);
    }
    if selector.split_whitespace().any(|part| part.matches(['.', '#']).count() > 1) {
        marks.add(format_args!("chaining"), line);
    }
}

fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out + rest
}

fn count_lines(text: &str) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', text.as_bytes()).count()).unwrap_or(u32::MAX)
}
