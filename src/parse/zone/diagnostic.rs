//! What is wrong in a zone file, as data: where, what, and what to do.
//! Rendering with the source line and a caret is `render::source_caret`.

use std::ops::Range;
use std::sync::Arc;

use crate::model::Name;
use crate::model::untrusted::Width;

/// Whether a name server would refuse the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// It loads, and something is probably not as meant.
    Warning,
    /// The entry is unusable, or servers refuse the zone.
    Error,
}

/// One problem of a zone file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether name servers refuse it.
    pub level: Level,
    /// Stable kebab-case name of the rule.
    pub code: &'static str,
    /// The file's name, as the user or `$INCLUDE` gave it.
    pub file: Arc<str>,
    /// From 1.
    pub line: u32,
    /// Bytes of the file's source.
    pub span: Range<usize>,
    /// What was seen and what follows from it.
    pub message: String,
    /// What to write instead.
    pub remedy: String,
    /// The name whose record it is, where that is known.
    pub owner: Option<Name>,
}

/// A byte range of one source file. Files are under 4 GiB (see [`super::MAX_SOURCE`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// The span from `start` up to, not including, `end`.
    pub fn new(start: usize, end: usize) -> Span {
        Span { start: start as u32, end: end as u32 }
    }

    /// The span for slicing.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// From the start of this one to the end of `other`.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start, end: other.end.max(self.start) }
    }

    /// The bytes; empty where the span is not of this source.
    pub fn of(self, source: &[u8]) -> &[u8] {
        source.get(self.range()).unwrap_or_default()
    }
}

/// A problem inside one entry, before its file and line are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub span: Span,
    pub code: &'static str,
    pub message: String,
    pub remedy: String,
}

impl Fault {
    pub(super) fn new(
        span: Span,
        code: &'static str,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Fault {
        Fault { span, code, message: message.into(), remedy: remedy.into() }
    }
}

/// The text of a span for a message: cut short and without control characters.
pub(super) fn shown(bytes: &[u8]) -> String {
    let cut = &bytes[..bytes.len().min(240)];
    crate::model::untrusted::plain(&String::from_utf8_lossy(cut), Width::Name)
}

/// The line (from 1) a byte offset is in.
pub fn line_of(source: &[u8], offset: usize) -> u32 {
    let before = &source[..offset.min(source.len())];
    memchr::memchr_iter(b'\n', before).count() as u32 + 1
}
