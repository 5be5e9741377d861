//! The one reader of messages: a message is read once from its raw bytes, each part of it
//! only when somebody asks. Must not judge, and must not panic whatever the bytes are.

pub(crate) mod addresses;
mod bare_hosts;
pub(crate) mod body;
pub(crate) mod charset;
mod collapse;
mod conditional;
mod elements;
pub(crate) mod encoded_word;
pub(crate) mod fields;
pub(crate) mod html;
pub(crate) mod limits;
pub(crate) mod lines;
pub(crate) mod links;
pub(crate) mod parts;
pub(crate) mod plausible;
mod quoting;
mod sheet;
pub(crate) mod style;
mod tokenizer;
pub(crate) mod transfer;

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use crate::model::{Gap, Location, Subject};
use crate::parse::text::letters::Letters;

pub use addresses::{Addresses, Mailbox, SentAt};
pub use body::Body;
pub use fields::{Field, Header, HeaderFault, HeaderFaultKind};
pub use html::{Html, Tag};
pub use limits::Limit;
pub use lines::{LineEnds, LineStats};
pub use links::{Link, LinkPlace};
pub use parts::{Disposition, Part, PartFault, TransferEncoding, Tree};
pub use plausible::{NotMail, plausible};
pub use transfer::Decoded;

/// One message. Cheap to make; the costly views are made when first asked for.
pub struct Message {
    file: String,
    raw: Arc<Vec<u8>>,
    header: Header,
    index: OnceLock<lines::LineIndex>,
    lines: OnceLock<LineStats>,
    tree: OnceLock<Tree>,
    bodies: OnceLock<Vec<Body>>,
    htmls: OnceLock<Vec<Html>>,
    quoted: OnceLock<Vec<quoting::Spans>>,
    links: OnceLock<Vec<Link>>,
    from: OnceLock<Option<Addresses>>,
    decodings: OnceLock<Vec<OnceLock<Arc<Decoded>>>>,
    limits: OnceLock<Vec<Limit>>,
}

impl Message {
    /// Reads the bytes of a file that the user named `file`.
    pub fn read(file: String, raw: Arc<Vec<u8>>) -> Message {
        Message {
            file,
            header: Header::scan(&raw, 0..raw.len(), 1, true),
            raw,
            index: OnceLock::new(),
            lines: OnceLock::new(),
            tree: OnceLock::new(),
            bodies: OnceLock::new(),
            htmls: OnceLock::new(),
            quoted: OnceLock::new(),
            links: OnceLock::new(),
            from: OnceLock::new(),
            decodings: OnceLock::new(),
            limits: OnceLock::new(),
        }
    }

    /// The bytes of the file.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The file it came from, as the user named it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The message's own header, with its faults.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The message's own fields, in order.
    pub fn fields(&self) -> &[Field] {
        &self.header.fields
    }

    /// The topmost field of this name, in any case.
    pub fn first(&self, name: &str) -> Option<&Field> {
        self.header.first(name)
    }

    /// The fields of this name in any case, in order.
    pub fn all<'m>(&'m self, name: &'m str) -> impl Iterator<Item = &'m Field> {
        self.header.all(name)
    }

    /// The mailboxes of the first field of this name: From, Sender, Reply-To, To, Cc.
    pub fn addresses(&self, name: &str) -> Option<Addresses> {
        self.first(name).map(Addresses::read)
    }

    /// The From field's mailboxes.
    pub fn from(&self) -> Option<&Addresses> {
        self.from.get_or_init(|| self.addresses("From")).as_ref()
    }

    /// The domain of the first From mailbox, lower case.
    pub fn from_domain(&self) -> Option<String> {
        self.from()?.first()?.domain()
    }

    /// The first Subject, unfolded and decoded.
    pub fn subject(&self) -> Option<&str> {
        self.first("Subject").map(Field::text)
    }

    /// The Date field's time, where it can be read.
    pub fn sent_at(&self) -> Option<SentAt> {
        self.first("Date").and_then(addresses::date)
    }

    /// The Message-ID as written.
    pub fn message_id(&self) -> Option<&str> {
        self.first("Message-ID").map(Field::text)
    }

    /// Line statistics of the raw file.
    pub fn lines(&self) -> &LineStats {
        self.lines.get_or_init(|| LineStats::read(&self.raw, self.header.body))
    }

    fn index(&self) -> &lines::LineIndex {
        self.index.get_or_init(|| lines::LineIndex::new(&self.raw))
    }

    /// Line of the file, from 1, of a byte of the file.
    pub fn line_of(&self, offset: usize) -> u32 {
        self.index().line(&self.raw, offset)
    }

    fn tree(&self) -> &Tree {
        self.tree.get_or_init(|| Tree::read(&self.raw, &self.header, self.index()))
    }

    /// All MIME parts in the order of the file, the message itself first.
    pub fn parts(&self) -> &[Part] {
        &self.tree().parts
    }

    /// The parts of one message, by index: of this one where `top` is 0, of an attached one where
    /// `top` is the part inside the `message/rfc822`. An attached message is one part and not entered.
    pub(crate) fn parts_of(&self, top: usize) -> Vec<usize> {
        let parts = self.parts();
        let (mut found, mut open) = (Vec::new(), vec![top]);
        while let Some(at) = open.pop() {
            let Some(part) = parts.get(at) else { continue };
            found.push(at);
            if !part.is_message() {
                open.extend(part.children.iter().rev());
            }
        }
        found
    }

    /// The fields of the message whose part `top` is.
    pub(crate) fn fields_of(&self, top: usize) -> &[Field] {
        match top {
            0 => self.fields(),
            _ => self.parts().get(top).map(|part| part.fields.as_slice()).unwrap_or_default(),
        }
    }

    /// A part's text as Unicode, from at most `limit` bytes of its body.
    pub(crate) fn text_of(&self, part: &Part, limit: usize) -> String {
        let decoded = body::transfer_decoded(&self.raw, part, limit);
        charset::decode(&decoded.bytes, part.charset.as_deref()).text
    }

    /// A part's body without its transfer encoding.
    pub fn decoded(&self, part: &Part) -> Arc<Decoded> {
        let decode = || Arc::new(body::transfer_decoded(&self.raw, part, limits::DECODED_BYTES));
        // Large ones are decoded again rather than held for as long as the message is.
        if part.body.len() > limits::KEPT_BYTES {
            return decode();
        }
        let parts = self.parts();
        let slots = self.decodings.get_or_init(|| parts.iter().map(|_| OnceLock::new()).collect());
        let slot = parts.iter().position(|known| std::ptr::eq(known, part)).and_then(|at| slots.get(at));
        slot.map_or_else(decode, |slot| Arc::clone(slot.get_or_init(decode)))
    }

    /// The text parts that readers show, decoded, in the order of the file. Parts of
    /// attached messages are not among them.
    pub fn bodies(&self) -> &[Body] {
        self.bodies.get_or_init(|| {
            let parts = self.parts();
            let inside_message = |part: &Part| {
                let mut at = part.parent;
                while let Some(parent) = at.and_then(|index| parts.get(index)) {
                    if parent.is_message() {
                        return true;
                    }
                    at = parent.parent;
                }
                false
            };
            let shown = parts.iter().enumerate().filter(|(_, part)| {
                let broken = part.is_multipart() && part.is_leaf();
                (part.is_shown_text() || broken) && !inside_message(part)
            });
            shown.take(limits::TEXT_PARTS).map(|(at, part)| Body::read(&self.raw, part, at)).collect()
        })
    }

    /// The plain-text body: the first text part that is not HTML.
    pub fn text_body(&self) -> Option<&Body> {
        self.bodies().iter().find(|body| !body.is_html)
    }

    /// The HTML body.
    pub fn html_body(&self) -> Option<&Body> {
        self.bodies().iter().find(|body| body.is_html)
    }

    /// Every HTML part that readers show, read.
    pub fn htmls(&self) -> &[Html] {
        self.htmls.get_or_init(|| self.bodies().iter().filter(|body| body.is_html).map(Html::read).collect())
    }

    /// The HTML bodies with the parts that hold them.
    pub fn html_parts(&self) -> impl Iterator<Item = (&Html, &Part)> {
        self.htmls().iter().filter_map(|html| Some((html, self.parts().get(html.part)?)))
    }

    /// The HTML body, read.
    pub fn html(&self) -> Option<&Html> {
        self.htmls().first()
    }

    /// What a reader sees: the text of the HTML body, or the plain text where there is none.
    pub fn visible_text(&self) -> &str {
        match (self.html(), self.text_body()) {
            (Some(html), _) => &html.text,
            (None, Some(body)) => &body.text,
            (None, None) => "",
        }
    }

    /// The same without the mail that it answers or passes on.
    pub(crate) fn unquoted_text(&self) -> Cow<'_, str> {
        let shown = self
            .bodies()
            .iter()
            .position(|body| body.is_html)
            .or_else(|| self.bodies().iter().position(|body| !body.is_html));
        match shown.and_then(|at| self.quoted().get(at)) {
            Some(spans) => quoting::without(self.visible_text(), spans),
            None => Cow::Borrowed(self.visible_text()),
        }
    }

    /// What of each body is quoted from another mail.
    fn quoted(&self) -> &[quoting::Spans] {
        self.quoted.get_or_init(|| {
            let answers = ["In-Reply-To", "References"].iter().any(|name| self.first(name).is_some());
            let mut htmls = self.htmls().iter();
            let of = |body: &Body| {
                let (text, spans) = match body.is_html.then(|| htmls.next()).flatten() {
                    Some(html) => (html.text.as_str(), quoting::in_html(html)),
                    None => (body.text.as_str(), quoting::in_plain(&body.text)),
                };
                if spans.is_empty() || quoting::holds(text, &spans, answers) { spans } else { Vec::new() }
            };
            self.bodies().iter().map(of).collect()
        })
    }

    /// What the visible text is made up of.
    pub fn visible_letters(&self) -> Letters {
        match self.html() {
            Some(html) => html.letters,
            None => Letters::of(self.visible_text()),
        }
    }

    /// All links of the header and of the text parts.
    pub fn links(&self) -> &[Link] {
        self.links.get_or_init(|| {
            let mut links = self.list_unsubscribe_links();
            let mut htmls = self.htmls().iter();
            for (body, quoted) in self.bodies().iter().zip(self.quoted()) {
                if !body.is_html {
                    links.extend(links::in_text(body, quoted));
                } else if let Some(html) = htmls.next() {
                    links.extend(links::in_html(html, quoted));
                }
            }
            links.truncate(limits::LINKS);
            links
        })
    }

    fn list_unsubscribe_links(&self) -> Vec<Link> {
        let mut links = Vec::new();
        for field in self.all("List-Unsubscribe").take(10) {
            for piece in field.unfolded().split(',').take(50) {
                let raw = piece.trim().trim_start_matches('<').trim_end_matches('>');
                let url = links::clean(raw);
                if !url.is_empty() {
                    links.push(Link {
                        raw: raw.to_owned(),
                        url,
                        place: LinkPlace::ListUnsubscribe,
                        text: String::new(),
                        alt: None,
                        part: None,
                        line: field.line,
                        hidden: false,
                        quoted: false,
                    });
                }
            }
        }
        links
    }

    /// Parts a reader sees as files: every leaf that is not a text body, and attached messages.
    pub fn attachments(&self) -> impl Iterator<Item = &Part> {
        self.parts().iter().filter(|part| {
            let file = part.is_leaf() && !part.is_shown_text() && !part.is_multipart();
            file || part.is_message()
        })
    }

    /// Bytes on the wire: a file stored with bare LF grows by one a line.
    pub fn transmitted_size(&self) -> usize {
        let lines = self.lines();
        match lines.ends() {
            LineEnds::Crlf => self.raw.len(),
            LineEnds::Lf | LineEnds::Mixed => self.raw.len() + lines.bare_lf.count as usize,
        }
    }

    /// What was not read because a limit was reached.
    pub fn limits(&self) -> &[Limit] {
        // Each check that finds nothing asks.
        self.limits.get_or_init(|| self.read_limits())
    }

    fn read_limits(&self) -> Vec<Limit> {
        let mut limits = self.header.limits.clone();
        limits.extend(&self.tree().limits);
        let long = |field: &Field| {
            field.value.len() > limits::PARAMETER_BYTES
                && (field.is("Content-Type") || field.is("Content-Disposition"))
        };
        let nested = self.parts().iter().flat_map(|part| &part.fields);
        if self.header.fields.iter().chain(nested).any(long) {
            limits.push(Limit::ParameterBytes);
        }
        if self.bodies().iter().any(|body| body.cut) {
            limits.push(Limit::TextBytes);
        }
        if self.bodies().len() >= limits::TEXT_PARTS {
            limits.push(Limit::TextParts);
        }
        if self.htmls().iter().any(|html| html.cut) {
            limits.push(Limit::Tags);
        }
        if self.links().len() >= limits::LINKS {
            limits.push(Limit::Links);
        }
        limits.sort_unstable();
        limits.dedup();
        limits
    }

    /// For a check that would conclude from absence: a doubt where a limit cut the view.
    pub(crate) fn seen_whole(&self) -> Result<(), Gap> {
        match self.limits().first() {
            None => Ok(()),
            Some(limit) => Err(Gap::undecidable(format!("the message is too large to be sure: {limit}"))),
        }
    }

    /// A line of the message's file, from 1.
    pub fn location(&self, line: u32) -> Option<Location> {
        Some(Location { file: self.file.clone(), line })
    }

    /// A header field as a problem's subject.
    pub fn header_subject(&self, field: &Field) -> Subject {
        Subject::Header { name: field.name.clone(), line: Some(field.line) }
    }

    /// A part as a problem's subject.
    pub fn part_subject(&self, part: &Part) -> Subject {
        Subject::Part { path: format!("{} {}", part.path, part.content_type), line: Some(part.line) }
    }
}

#[cfg(test)]
mod tests;
