//! The MIME tree (RFC 2045, RFC 2046): where each part lies in the file, what it
//! says it is, and what is broken about it. Nothing is decoded here.

use std::ops::Range;

use mail_parser::HeaderValue;
use mail_parser::parsers::MessageStream;

use super::fields::{Field, Header, HeaderFault};
use super::limits::{self, Limit};
use super::lines::LineIndex;

/// One part of the message, the message itself included.
#[derive(Debug)]
pub struct Part {
    /// `1` is the whole message, `1.2` its second part.
    pub path: String,
    /// Index of the part around it in [`Tree::parts`]; `None` for the message itself.
    pub parent: Option<usize>,
    /// Indexes of the parts inside it in [`Tree::parts`].
    pub children: Vec<usize>,
    /// 0 for the message itself.
    pub depth: usize,
    /// `text/html`, lower case; the default of RFC 2045 section 5.2 where none is declared.
    pub content_type: String,
    /// The Content-Type field is there and readable.
    pub declared: bool,
    /// The `charset` parameter as written; `None` where none is declared.
    pub charset: Option<String>,
    /// The `boundary` parameter of a multipart.
    pub boundary: Option<String>,
    /// How the body is encoded.
    pub encoding: TransferEncoding,
    /// How readers are asked to show it.
    pub disposition: Disposition,
    /// From Content-Disposition, else from Content-Type; decoded, with its directories.
    pub filename: Option<String>,
    /// Without the angle brackets.
    pub content_id: Option<String>,
    /// The part's own fields; empty for the message itself, see `Message::fields`.
    pub fields: Vec<Field>,
    /// Faults of the part's own header.
    pub header_faults: Vec<HeaderFault>,
    /// Line of the part's first byte and of its body's.
    pub line: u32,
    pub(crate) body_line: u32,
    /// The part's body in the file, still encoded.
    pub body: Range<usize>,
    /// What is wrong with it.
    pub faults: Vec<PartFault>,
}

/// A part's Content-Transfer-Encoding (RFC 2045 section 6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferEncoding {
    /// `None` declared, or `7bit`.
    SevenBit,
    /// `8bit`.
    EightBit,
    /// `binary`.
    Binary,
    /// `quoted-printable` (RFC 2045 section 6.7).
    QuotedPrintable,
    /// `base64` (RFC 2045 section 6.8).
    Base64,
    /// Any other word, lower case.
    Unknown(String),
}

/// A part's Content-Disposition (RFC 2183).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// There is no such field, or none with a word below.
    Unstated,
    /// `inline`: shown with the message.
    Inline,
    /// `attachment`: shown apart, on demand.
    Attachment,
}

/// What is broken about a part's structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartFault {
    /// A multipart without a boundary parameter.
    BoundaryMissing,
    /// The declared boundary never occurs.
    BoundaryUnused(String),
    /// No closing delimiter.
    Unclosed(String),
    /// Over 70 characters, or characters RFC 2046 section 5.1.1 forbids.
    BoundaryMalformed(String),
    /// Bytes of text after the closing delimiter, which no reader shows.
    Epilogue(usize),
    /// Content-Type is there and cannot be read.
    TypeUnreadable(String),
    /// A multipart or message part is base64 or quoted-printable (RFC 2045 section 6.4).
    ContainerEncoded(String),
    /// The field stands more than once in one header.
    Repeated(String),
}

impl Part {
    pub(crate) fn is_multipart(&self) -> bool {
        self.content_type.starts_with("multipart/")
    }

    pub(crate) fn is_message(&self) -> bool {
        matches!(self.content_type.as_str(), "message/rfc822" | "message/global")
    }

    pub(crate) fn is_leaf(&self) -> bool {
        self.children.is_empty()
    }

    /// Text that readers show as the message itself.
    pub fn is_shown_text(&self) -> bool {
        self.is_leaf()
            && matches!(self.content_type.as_str(), "text/plain" | "text/html" | "text/enriched" | "text")
            && self.disposition != Disposition::Attachment
            && (self.filename.is_none() || self.disposition == Disposition::Inline)
    }
}

/// All parts, the message itself first, in the order of the file.
#[derive(Debug, Default)]
pub struct Tree {
    /// In the order of the file; indexes elsewhere are into this list.
    pub parts: Vec<Part>,
    /// Limits that cut the tree short.
    pub limits: Vec<Limit>,
}

impl Tree {
    /// Reads the tree of a message whose header is already scanned.
    pub fn read(raw: &[u8], header: &Header, index: &LineIndex) -> Tree {
        let mut builder = Builder { raw, index, tree: Tree::default() };
        let root = Origin { path: "1".to_owned(), parent: None, depth: 0, in_digest: false };
        builder.part(&header.fields, 1, header.body..raw.len(), root);
        builder.tree
    }
}

/// A parameter of a field such as Content-Type (RFC 2045 section 5.1), decoded.
pub(crate) fn parameter(field: &Field, name: &str) -> Option<String> {
    match MessageStream::new(&parameters(field)).parse_content_type() {
        HeaderValue::ContentType(value) => value.attribute(name).map(|value| value.trim().to_owned()),
        _ => None,
    }
}

struct Origin {
    path: String,
    parent: Option<usize>,
    depth: usize,
    /// In multipart/digest the default type is message/rfc822 (RFC 2046 section 5.1.5).
    in_digest: bool,
}

struct Builder<'r> {
    raw: &'r [u8],
    index: &'r LineIndex,
    tree: Tree,
}

impl Builder<'_> {
    fn limit(&mut self, limit: Limit) {
        if !self.tree.limits.contains(&limit) {
            self.tree.limits.push(limit);
        }
    }

    /// Adds a part and what is inside it; its index.
    fn part(&mut self, fields: &[Field], line: u32, body: Range<usize>, origin: Origin) -> usize {
        let Origin { path, parent, depth, in_digest } = origin;
        let body_line = self.index.line(self.raw, body.start);
        let part = describe(fields, path, parent, depth, in_digest, line, body_line, body);
        let at = self.tree.parts.len();
        self.tree.parts.push(part);
        let part = &self.tree.parts[at];
        if part.is_multipart() {
            self.multipart(at);
        } else if part.is_message() {
            self.message(at);
        }
        at
    }

    fn has_room(&mut self, depth: usize) -> bool {
        if depth >= limits::DEPTH {
            self.limit(Limit::Depth);
            return false;
        }
        if self.tree.parts.len() >= limits::PARTS {
            self.limit(Limit::Parts);
            return false;
        }
        true
    }

    /// A part with a header of its own, which lies in `span`.
    fn child(&mut self, parent: usize, span: Range<usize>, in_digest: bool) {
        let (depth, path) = {
            let part = &self.tree.parts[parent];
            (part.depth + 1, format!("{}.{}", part.path, part.children.len() + 1))
        };
        if !self.has_room(depth) {
            return;
        }
        let line = self.index.line(self.raw, span.start);
        let header = Header::scan(self.raw, span.clone(), line, false);
        for limit in &header.limits {
            self.limit(*limit);
        }
        let body = header.body.min(span.end)..span.end;
        let origin = Origin { path, parent: Some(parent), depth, in_digest };
        let child = self.part(&header.fields, line, body, origin);
        self.tree.parts[child].fields = header.fields;
        self.tree.parts[child].header_faults = header.faults;
        self.tree.parts[parent].children.push(child);
    }

    fn message(&mut self, at: usize) {
        let part = &mut self.tree.parts[at];
        match part.encoding {
            TransferEncoding::SevenBit | TransferEncoding::EightBit | TransferEncoding::Binary => {}
            _ => {
                part.faults.push(PartFault::ContainerEncoded(part.encoding.name().to_owned()));
                return;
            }
        }
        let span = part.body.clone();
        self.child(at, span, false);
    }

    fn multipart(&mut self, at: usize) {
        let part = &mut self.tree.parts[at];
        match part.encoding {
            TransferEncoding::Base64 | TransferEncoding::QuotedPrintable => {
                part.faults.push(PartFault::ContainerEncoded(part.encoding.name().to_owned()));
            }
            _ => {}
        }
        let Some(boundary) = part.boundary.clone() else {
            part.faults.push(PartFault::BoundaryMissing);
            return;
        };
        if !is_sound_boundary(&boundary) {
            part.faults.push(PartFault::BoundaryMalformed(boundary.clone()));
        }
        let body = part.body.clone();
        let in_digest = part.content_type == "multipart/digest";
        let cuts = delimiters(&self.raw[body.clone()], boundary.as_bytes());
        if cuts.spans.is_empty() {
            part.faults.push(PartFault::BoundaryUnused(boundary));
            return;
        }
        if !cuts.closed {
            part.faults.push(PartFault::Unclosed(boundary));
        }
        if let Some(epilogue) = cuts.epilogue {
            part.faults.push(PartFault::Epilogue(epilogue));
        }
        for span in cuts.spans {
            if self.tree.parts.len() >= limits::PARTS {
                self.limit(Limit::Parts);
                return;
            }
            self.child(at, body.start + span.start..body.start + span.end, in_digest);
        }
    }
}

/// Where the delimiters cut a multipart's body.
struct Cuts {
    spans: Vec<Range<usize>>,
    closed: bool,
    /// Bytes of text after the closing delimiter, where there are any.
    epilogue: Option<usize>,
}

fn delimiters(body: &[u8], boundary: &[u8]) -> Cuts {
    let mut cuts = Cuts { spans: Vec::new(), closed: false, epilogue: None };
    let mut needle = Vec::with_capacity(boundary.len() + 2);
    needle.extend_from_slice(b"--");
    needle.extend_from_slice(boundary);
    let mut open: Option<usize> = None;
    for at in memchr::memmem::find_iter(body, &needle) {
        if at > 0 && body[at - 1] != b'\n' {
            continue;
        }
        let after = &body[at + needle.len()..];
        let end = memchr::memchr(b'\n', after).unwrap_or(after.len());
        let rest = after[..end].trim_ascii_end();
        let closing = match rest {
            b"" => false,
            b"--" => true,
            _ => continue,
        };
        if let Some(start) = open.take() {
            // The line end before a delimiter belongs to it (RFC 2046 section 5.1.1).
            let mut stop = at.saturating_sub(1).max(start);
            if stop > start && body[stop - 1] == b'\r' {
                stop -= 1;
            }
            cuts.spans.push(start..stop);
        }
        let next = (at + needle.len() + end + 1).min(body.len());
        if closing {
            cuts.closed = true;
            let rest = body[next..].trim_ascii();
            cuts.epilogue = (!rest.is_empty()).then_some(rest.len());
            return cuts;
        }
        open = Some(next);
        if cuts.spans.len() > limits::PARTS {
            return cuts;
        }
    }
    if let Some(start) = open {
        cuts.spans.push(start..body.len());
    }
    cuts
}

fn is_sound_boundary(boundary: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&b);
    boundary.len() <= 70 && boundary.bytes().all(allowed) && !boundary.ends_with(' ')
}

#[allow(clippy::too_many_arguments, reason = "one struct literal, filled once")]
fn describe(
    fields: &[Field],
    path: String,
    parent: Option<usize>,
    depth: usize,
    in_digest: bool,
    line: u32,
    body_line: u32,
    body: Range<usize>,
) -> Part {
    let first = |name: &str| fields.iter().find(|field| field.is(name));
    let default = if in_digest { "message/rfc822" } else { "text/plain" };
    let mut part = Part {
        path,
        parent,
        children: Vec::new(),
        depth,
        content_type: default.to_owned(),
        declared: false,
        charset: None,
        boundary: None,
        encoding: TransferEncoding::SevenBit,
        disposition: Disposition::Unstated,
        filename: None,
        content_id: None,
        fields: Vec::new(),
        header_faults: Vec::new(),
        line,
        body_line,
        body,
        faults: Vec::new(),
    };
    for name in ["Content-Type", "Content-Transfer-Encoding", "Content-Disposition"] {
        if fields.iter().filter(|field| field.is(name)).count() > 1 {
            part.faults.push(PartFault::Repeated(name.to_owned()));
        }
    }
    if let Some(field) = first("Content-Disposition")
        && let HeaderValue::ContentType(value) = MessageStream::new(&parameters(field)).parse_content_type()
    {
        part.disposition = match value.c_type.to_ascii_lowercase().as_str() {
            "attachment" => Disposition::Attachment,
            "inline" => Disposition::Inline,
            _ => Disposition::Unstated,
        };
        part.filename = value.attribute("filename").map(str::to_owned);
    }
    if let Some(field) = first("Content-Type") {
        match MessageStream::new(&parameters(field)).parse_content_type() {
            HeaderValue::ContentType(value) if value.c_subtype.is_some() || &*value.c_type == "text" => {
                let main = value.c_type.trim().to_ascii_lowercase();
                part.content_type = match value.c_subtype.as_deref() {
                    Some(sub) => format!("{main}/{}", sub.trim().to_ascii_lowercase()),
                    None => "text/plain".to_owned(),
                };
                part.declared = true;
                let text = |name: &str| value.attribute(name).map(|v| v.trim().to_owned());
                part.charset = text("charset").filter(|charset| !charset.is_empty());
                part.boundary = value.attribute("boundary").map(str::to_owned).filter(|b| !b.is_empty());
                part.filename = part.filename.or_else(|| text("name"));
            }
            _ => part.faults.push(PartFault::TypeUnreadable(field.text().to_owned())),
        }
    }
    part.filename = part.filename.map(|name| super::encoded_word::decode(name.as_bytes()).0);
    part.filename = part.filename.filter(|name| !name.is_empty());
    part.encoding =
        first("Content-Transfer-Encoding").map_or(TransferEncoding::SevenBit, TransferEncoding::of);
    part.content_id = first("Content-ID")
        .map(|field| field.text().trim_matches(|c| matches!(c, '<' | '>' | ' ')).to_owned());
    part
}

/// A field with parameters as its reader gets it: cut where the reader would take the square of its length.
fn parameters(field: &Field) -> Vec<u8> {
    if field.value.len() <= super::limits::PARAMETER_BYTES {
        return field.terminated();
    }
    let mut cut = field.value[..super::limits::PARAMETER_BYTES].to_vec();
    cut.extend_from_slice(b"\r\n");
    cut
}

impl TransferEncoding {
    fn of(field: &Field) -> TransferEncoding {
        let text = field.unfolded();
        // A comment may follow (RFC 2045 section 6.1).
        let word = text.split(['(', ';']).next().unwrap_or_default().trim().to_ascii_lowercase();
        match word.as_str() {
            "7bit" => TransferEncoding::SevenBit,
            "8bit" => TransferEncoding::EightBit,
            "binary" => TransferEncoding::Binary,
            "quoted-printable" => TransferEncoding::QuotedPrintable,
            "base64" => TransferEncoding::Base64,
            _ => TransferEncoding::Unknown(word),
        }
    }

    /// The word as the field has it: `7bit` where there is none.
    pub fn name(&self) -> &str {
        match self {
            TransferEncoding::SevenBit => "7bit",
            TransferEncoding::EightBit => "8bit",
            TransferEncoding::Binary => "binary",
            TransferEncoding::QuotedPrintable => "quoted-printable",
            TransferEncoding::Base64 => "base64",
            TransferEncoding::Unknown(name) => name,
        }
    }
}
