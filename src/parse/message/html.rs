//! One pass over an HTML part: what a reader sees, what is hidden from them, every
//! tag with its attributes and line. Judging is for others.

use std::borrow::Cow;

use html5gum::Span;
use html5gum::emitters::callback::CallbackEvent;

use super::body::Body;
use super::collapse::collapse;
use super::conditional::{self, OutlookLink};
use super::elements::{is_block, is_foreign, is_optional_end, is_unshown, is_void, name_of};
use super::limits;
use super::sheet::HiddenBySheet;
use super::style::{self, Visibility};
use super::tokenizer;
use crate::parse::text::letters::Letters;
use crate::parse::text::recent::Recent;

/// An HTML part, read once.
#[derive(Debug, Default)]
pub struct Html {
    /// Index into `Message::parts`.
    pub part: usize,
    /// What a reader sees, white space collapsed, a line break at each block.
    pub text: String,
    /// What [`Html::text`] is made up of.
    pub letters: Letters,
    /// What is in the source and not shown: `display:none` and its like.
    pub hidden: String,
    /// The content of `title`, trimmed.
    pub title: Option<String>,
    /// `html`, with the public identifier where there is one.
    pub doctype: Option<String>,
    /// Start tags in the order of the source.
    pub tags: Vec<Tag>,
    /// Content of each `style` element, with its line.
    pub styles: Vec<(String, u32)>,
    /// Content of each `script` element, with its line.
    pub scripts: Vec<(String, u32)>,
    pub(crate) comment_bytes: usize,
    /// Words with unseen text between their letters: where in [`Html::text`] the rest of each begins.
    pub(crate) split_words: Vec<usize>,
    /// Links that Outlook alone offers, with their lines.
    pub(crate) outlook_links: Vec<(OutlookLink, u32)>,
    /// WHATWG tokenizer errors.
    pub faults: Vec<HtmlFault>,
    /// Errors beyond those kept.
    pub more_faults: usize,
    /// End tags without a start: name and line.
    pub stray_ends: Vec<(String, u32)>,
    /// Elements never closed whose end tag is required: name and line.
    pub unclosed: Vec<(String, u32)>,
    /// The deepest nesting of `table`.
    pub table_depth: usize,
    /// Not all tags were kept.
    pub cut: bool,
}

/// A start tag.
#[derive(Debug)]
pub struct Tag {
    /// Lower case.
    pub name: Cow<'static, str>,
    /// In order; names lower case, values with character references decoded.
    pub attributes: Vec<(Cow<'static, str>, String)>,
    /// Byte of the HTML text.
    pub offset: usize,
    /// Line of the file.
    pub line: u32,
    /// The element or one around it is not shown.
    pub hidden: bool,
    /// Where the element's visible text lies in [`Html::text`].
    pub text: std::ops::Range<usize>,
    /// Where the text of a hidden element lies in [`Html::hidden`].
    pub hidden_text: std::ops::Range<usize>,
    /// Index of the element around it in [`Html::tags`].
    pub parent: Option<usize>,
}

impl Tag {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The `style` attribute's declarations.
    pub fn declarations(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        style::declarations(self.attribute("style").unwrap_or_default())
    }
}

/// A tokenizer error, by its WHATWG code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HtmlFault {
    pub code: &'static str,
    pub line: u32,
}

impl Html {
    /// Reads a part once, from its decoded text.
    pub fn read(body: &Body) -> Html {
        let mut reader = Reader::new(body);
        tokenizer::read(&body.text, |event, span| reader.event(event, span));
        reader.finish()
    }

    /// The text of an element, trimmed: what is seen of it, or what is hidden where
    /// the element is.
    pub fn text_of(&self, tag: &Tag) -> &str {
        let (text, range) =
            if tag.hidden { (&self.hidden, &tag.hidden_text) } else { (&self.text, &tag.text) };
        text.get(range.clone()).unwrap_or_default().trim()
    }

    pub(crate) fn tags_named<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'h Tag> {
        self.tags.iter().filter(move |tag| tag.name == name)
    }
}

/// An element that is open.
struct Open {
    name: Cow<'static, str>,
    tag: Option<usize>,
    line: u32,
    /// Hidden for good: nothing inside can show itself again.
    hidden: bool,
    /// `font-size:0` or a transparent colour, which an inner element may undo.
    faint: bool,
}

struct Reader<'b> {
    body: &'b Body,
    html: Html,
    open: Vec<Open>,
    /// Open elements beyond the limit.
    deeper: usize,
    tables: usize,
    current: Option<Tag>,
    current_is_start: bool,
    /// Text of `title`, `style` or `script` goes elsewhere.
    raw_text: Option<&'static str>,
    /// The visible text ends in white space.
    gap: bool,
    hidden_gap: bool,
    /// Unseen text came right behind a letter.
    split: bool,
    styles: Recent<String, Visibility>,
    sheet: HiddenBySheet,
}

impl<'b> Reader<'b> {
    fn new(body: &'b Body) -> Reader<'b> {
        // Half of the tags are end tags.
        let expected = memchr::memchr_iter(b'<', body.text.as_bytes()).count() / 2 + 1;
        Reader {
            body,
            html: Html { part: body.part, tags: Vec::with_capacity(expected.min(4096)), ..Html::default() },
            open: Vec::new(),
            deeper: 0,
            tables: 0,
            current: None,
            current_is_start: false,
            raw_text: None,
            gap: true,
            hidden_gap: true,
            split: false,
            styles: Recent::default(),
            sheet: HiddenBySheet::of(&body.text),
        }
    }

    fn event(&mut self, event: CallbackEvent<'_>, span: Span<usize>) {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.current_is_start = true;
                if self.html.tags.len() >= limits::TAGS {
                    self.html.cut = true;
                }
                self.current = Some(Tag {
                    name: name_of(name),
                    attributes: Vec::new(),
                    offset: span.start,
                    line: self.body.line(span.start),
                    hidden: false,
                    text: 0..0,
                    hidden_text: 0..0,
                    parent: None,
                });
            }
            CallbackEvent::AttributeName { name } => {
                if let Some(tag) = &mut self.current
                    && tag.attributes.len() < 100
                {
                    let name = name_of(name);
                    if tag.attributes.is_empty() {
                        // Most tags that have any have at most four.
                        tag.attributes = Vec::with_capacity(4);
                    }
                    if tag.attributes.iter().any(|(seen, _)| *seen == name) {
                        let line = tag.line;
                        self.fault("duplicate-attribute", line);
                    } else {
                        tag.attributes.push((name, String::new()));
                    }
                }
            }
            CallbackEvent::AttributeValue { value } => {
                if let Some((_, last)) = self.current.as_mut().and_then(|tag| tag.attributes.last_mut())
                    && last.is_empty()
                {
                    *last = lossy(value);
                }
            }
            CallbackEvent::CloseStartTag { self_closing } => {
                if let Some(tag) = self.current.take() {
                    self.start(tag, self_closing);
                }
            }
            CallbackEvent::EndTag { name } => {
                self.current = None;
                self.end(name, span.start);
            }
            CallbackEvent::String { value } => self.string(value, span.start),
            CallbackEvent::Comment { value } => self.comment(value, span.start),
            CallbackEvent::Doctype { name, public_identifier, .. } => {
                let public = public_identifier.map(|id| format!(" {}", lossy(id))).unwrap_or_default();
                self.html.doctype.get_or_insert(lossy(name) + &public);
            }
            CallbackEvent::Error(error) => {
                let line = self.body.line(span.start);
                self.fault(error.as_str(), line);
            }
        }
    }

    fn comment(&mut self, value: &[u8], offset: usize) {
        self.html.comment_bytes += value.len();
        for link in conditional::links(&text_of(value)) {
            if self.html.outlook_links.len() < limits::LINKS {
                let line = self.body.line(offset + "<!--".len() + link.offset);
                self.html.outlook_links.push((link, line));
            }
        }
    }

    fn fault(&mut self, code: &'static str, line: u32) {
        // A fragment without doctype is judged elsewhere; the tokenizer's code for it is not one.
        if self.html.faults.len() < limits::FAULTS {
            self.html.faults.push(HtmlFault { code, line });
        } else {
            self.html.more_faults += 1;
        }
    }

    fn start(&mut self, mut tag: Tag, self_closing: bool) {
        let owned = tag.name.clone();
        let name = &*owned;
        self.close_implied(name);
        if is_block(name) {
            self.break_line();
        } else if matches!(name, "td" | "th" | "img") {
            self.space();
        }
        let mut shown = Visibility::default();
        if let Some(style) = tag.attribute("style") {
            shown = *self.styles.get(style, style::visibility);
        }
        shown.hidden |= tag.attribute("hidden").is_some();
        // What the tag says of itself goes before a style sheet.
        if !self.sheet.is_empty()
            && !tag.attribute("style").is_some_and(|style| style.contains("display"))
            && !is_void(name)
        {
            shown.hidden |= self.sheet.hides(name, tag.attribute("id"), tag.attribute("class"));
        }
        let around = self.open.last();
        let hidden = around.is_some_and(|open| open.hidden) || shown.hidden || is_unshown(name);
        let faint = shown.faint.unwrap_or(around.is_some_and(|open| open.faint));
        tag.hidden = hidden || faint;
        tag.parent = self.open.iter().rev().find_map(|open| open.tag);
        tag.text = self.html.text.len()..self.html.text.len();
        tag.hidden_text = self.html.hidden.len()..self.html.hidden.len();
        let line = tag.line;
        if name == "table" {
            self.tables += 1;
            self.html.table_depth = self.html.table_depth.max(self.tables);
        }
        self.raw_text = match name {
            "title" => Some("title"),
            "style" => Some("style"),
            "script" => Some("script"),
            _ => None,
        };
        let at = (self.html.tags.len() < limits::TAGS).then(|| {
            self.html.tags.push(tag);
            self.html.tags.len() - 1
        });
        let empty = is_void(name) || (self_closing && is_foreign(name));
        if empty {
            return;
        }
        if self.open.len() >= limits::OPEN_ELEMENTS {
            self.deeper += 1;
            return;
        }
        self.open.push(Open { name: owned, tag: at, line, hidden, faint });
    }

    /// Closes what a start tag ends without an end tag (HTML, optional tags).
    fn close_implied(&mut self, name: &str) {
        loop {
            let Some(top) = self.open.last() else { return };
            let closes = match &*top.name {
                "p" => is_block(name) && !matches!(name, "br"),
                "li" => name == "li",
                "dt" | "dd" => matches!(name, "dt" | "dd"),
                "option" => matches!(name, "option" | "optgroup"),
                "td" | "th" => matches!(name, "td" | "th" | "tr" | "tbody" | "tfoot" | "thead"),
                "tr" => matches!(name, "tr" | "tbody" | "tfoot" | "thead"),
                "tbody" | "thead" | "tfoot" => matches!(name, "tbody" | "tfoot" | "thead"),
                "head" => name == "body",
                _ => false,
            };
            if !closes {
                return;
            }
            self.pop();
        }
    }

    fn pop(&mut self) {
        let Some(open) = self.open.pop() else { return };
        if open.name == "table" {
            self.tables = self.tables.saturating_sub(1);
        }
        let end = self.html.text.len();
        if let Some(tag) = open.tag.and_then(|at| self.html.tags.get_mut(at)) {
            tag.text.end = end;
            tag.hidden_text.end = self.html.hidden.len();
        }
    }

    fn end(&mut self, name: &[u8], offset: usize) {
        self.raw_text = None;
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        let text_name = String::from_utf8_lossy(name);
        let name = &*text_name;
        if is_block(name) {
            self.break_line();
        }
        // Look no further out than the table cell or table: an end tag does not cross it.
        let mut found = None;
        for (at, open) in self.open.iter().enumerate().rev() {
            if open.name == name {
                found = Some(at);
                break;
            }
            let wall = matches!(&*open.name, "td" | "th" | "table");
            if wall
                && !matches!(
                    name,
                    "table" | "tr" | "td" | "th" | "tbody" | "thead" | "tfoot" | "body" | "html"
                )
            {
                break;
            }
        }
        match found {
            Some(at) => {
                while self.open.len() > at + 1 {
                    if let Some(open) = self.open.last()
                        && !is_optional_end(&open.name)
                    {
                        let unclosed = (open.name.to_string(), open.line);
                        keep(&mut self.html.unclosed, unclosed);
                    }
                    self.pop();
                }
                self.pop();
            }
            None if is_void(name) || matches!(name, "html" | "body" | "head") => {}
            None => {
                let line = self.body.line(offset);
                keep(&mut self.html.stray_ends, (text_name.into_owned(), line));
            }
        }
    }

    fn string(&mut self, value: &[u8], offset: usize) {
        let text = text_of(value);
        match self.raw_text {
            Some("title") => {
                self.html.title.get_or_insert_with(|| text.trim().to_owned());
                return;
            }
            Some(kind) => {
                let line = self.body.line(offset);
                let into = if kind == "style" { &mut self.html.styles } else { &mut self.html.scripts };
                keep(into, (text.into_owned(), line));
                return;
            }
            None => {}
        }
        let (hidden, faint) = self.open.last().map_or((false, false), |open| (open.hidden, open.faint));
        if self.open.last().is_some_and(|open| matches!(&*open.name, "template" | "noembed")) {
            return;
        }
        if hidden || faint {
            collapse(&mut self.html.hidden, &mut self.hidden_gap, &text);
            let letters = text.contains(char::is_alphanumeric);
            self.split |= letters && !self.gap && self.html.text.ends_with(char::is_alphabetic);
        } else {
            if std::mem::take(&mut self.split)
                && text.starts_with(char::is_alphabetic)
                && self.html.split_words.len() < limits::FAULTS
            {
                self.html.split_words.push(self.html.text.len());
            }
            collapse(&mut self.html.text, &mut self.gap, &text);
        }
    }

    fn space(&mut self) {
        if !self.gap {
            self.html.text.push(' ');
            self.gap = true;
        }
    }

    fn break_line(&mut self) {
        let trimmed = self.html.text.trim_end_matches(' ').len();
        self.html.text.truncate(trimmed);
        if !self.html.text.is_empty() && !self.html.text.ends_with('\n') {
            self.html.text.push('\n');
        }
        self.gap = true;
        self.split = false;
        if !self.hidden_gap {
            self.html.hidden.push(' ');
            self.hidden_gap = true;
        }
    }

    fn finish(mut self) -> Html {
        while let Some(open) = self.open.last() {
            if !is_optional_end(&open.name) {
                let unclosed = (open.name.to_string(), open.line);
                keep(&mut self.html.unclosed, unclosed);
            }
            self.pop();
        }
        self.html.letters = Letters::of(&self.html.text);
        // Line breaks may have shortened the text after an element began.
        let end = self.html.text.len();
        for tag in &mut self.html.tags {
            tag.text.end = tag.text.end.min(end);
            tag.text.start = tag.text.start.min(tag.text.end);
        }
        self.html
    }
}

fn keep<T>(into: &mut Vec<T>, item: T) {
    if into.len() < limits::FAULTS {
        into.push(item);
    }
}

fn lossy(bytes: &[u8]) -> String {
    text_of(bytes).into_owned()
}

/// Nearly always sound, and `from_utf8_lossy` looks at each byte by itself.
fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}
