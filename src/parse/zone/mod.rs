//! DNS master files (RFC 1035 section 5) to records that know where they were
//! written. Reads nothing itself: included files come from the caller's
//! [`Files`]. A broken entry is a [`Diagnostic`] and never ends the reading, so
//! one run names every mistake.
//!
//! Own work because no crate keeps positions, and those tried change data
//! silently (quotes in parentheses, `\DDD`, relative `$ORIGIN`).

mod changes;
mod data_words;
mod dependents;
mod diagnostic;
mod directives;
mod exotic;
pub(crate) mod foreign;
mod generate;
mod grammar;
mod head;
mod lexer;
pub mod lint;
mod lint_mail;
mod lookup;
mod losses;
mod problems;
mod provider_types;
mod rdata;
mod reader;
mod served;
mod svcb;
mod uses;
mod wire;
mod words;

#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use changes::{changes, removed};
pub use diagnostic::{Diagnostic, Level, Span, line_of};
pub use lexer::Token;
pub use lookup::{Lost, Zone, ZoneAnswer};
pub use problems::{check_of, doubts, problems};
pub use served::Serving;

use crate::model::{Location, Name, Rdata, Record};

/// Octets of source over all files. A million records of ordinary length; also
/// keeps every offset in 32 bits.
pub const MAX_SOURCE: usize = 64 << 20;
/// Octets the records may take in memory. A long `$ORIGIN` or `$GENERATE`
/// makes little source into much data.
pub const MAX_HELD: usize = 512 << 20;
/// Files within files. BIND and Knot stop far earlier in practice.
pub const MAX_INCLUDE_DEPTH: usize = 16;
/// Included files in one run, so that empty files cannot keep it busy.
pub const MAX_INCLUDES: usize = 1000;
/// Records of one `$GENERATE`: a /16 of reverse names.
pub const MAX_GENERATE: u64 = 65_536;
/// Records of all `$GENERATE` directives.
pub const MAX_GENERATED: u64 = 1_000_000;
/// Diagnostics kept; a file that is no zone would give one for every line.
pub const MAX_DIAGNOSTICS: usize = 1000;
/// Seconds for a record whose TTL nothing states; a common server default.
pub const FALLBACK_TTL: u32 = 3600;

/// Where included files come from.
pub trait Files {
    /// The path by which `path`, as written in the file `from`, is read and named.
    fn resolve(&self, path: &str, _from: &str) -> String {
        path.to_owned()
    }

    /// The bytes of `path`, resolved, which the file `from` includes.
    ///
    /// # Errors
    /// Why it cannot be read, for the person who wrote the zone.
    fn read(&mut self, path: &str, from: &str) -> Result<Vec<u8>, String>;
}

/// No file may be included.
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&mut self, _: &str, _: &str) -> Result<Vec<u8>, String> {
        Err("including files is not possible here".to_owned())
    }
}

/// Where a record was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file's name, as the user or `$INCLUDE` gave it.
    pub file: Arc<str>,
    /// First line of the entry, from 1.
    pub line: u32,
    /// From the first to the last word of the entry.
    pub span: Span,
    /// The owner, where the entry writes one.
    pub owner: Option<Token>,
    /// The words of the data, each with line and span; of a `$GENERATE`, those of its right-hand side.
    pub data: Box<[Token]>,
}

/// One record of class IN; an entry of another class is an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneRecord {
    /// The owner name, complete.
    pub owner: Name,
    /// Seconds.
    pub ttl: u32,
    /// Type and data.
    pub rdata: Rdata,
    /// Where the entry stands.
    pub place: Place,
}

impl ZoneRecord {
    /// The entry's first line.
    pub fn location(&self) -> Location {
        Location { file: self.place.file.to_string(), line: self.place.line }
    }

    /// As an answer holds it.
    pub fn to_record(&self) -> Record {
        Record { rdata: self.rdata.clone(), ttl: self.ttl, location: Some(self.location()) }
    }
}

/// A file that was read, kept for carets.
#[derive(Clone, Debug)]
pub struct Source {
    /// The name by which diagnostics refer to it.
    pub file: Arc<str>,
    /// The content, as it was read.
    pub bytes: Arc<[u8]>,
}

/// A zone and what is wrong with its text.
#[derive(Debug)]
pub struct Parsed {
    /// What could be read.
    pub zone: Zone,
    /// In the order of reading.
    pub diagnostics: Vec<Diagnostic>,
    /// The file itself, then the included ones.
    pub sources: Vec<Source>,
    /// Who publishes the zone, where the file says it.
    pub provider: Option<Provider>,
}

/// Providers whose resources a plan names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Provider {
    /// Cloudflare.
    Cloudflare,
    /// Amazon Route 53.
    Route53,
    /// Azure DNS.
    Azure,
    /// Google Cloud DNS.
    Google,
}

impl Parsed {
    /// The same zone without a record: what is left of it in a file that is gone.
    pub(crate) fn emptied(&self, file: &str) -> Parsed {
        Parsed {
            zone: Zone::new(self.zone.origin().cloned(), Vec::new(), Vec::new()),
            diagnostics: Vec::new(),
            sources: vec![Source { file: file.into(), bytes: Arc::default() }],
            provider: self.provider,
        }
    }

    /// Diagnostics for which servers refuse the zone or an entry is lost.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|d| d.level == Level::Error)
    }

    /// The bytes a diagnostic's span is of.
    pub fn source_of(&self, diagnostic: &Diagnostic) -> &[u8] {
        self.sources.iter().find(|s| s.file == diagnostic.file).map_or(&[], |s| &s.bytes)
    }
}

/// Reads the first zone of a text in whatever format it is; `None` where it holds none.
pub fn parse_any(file: &str, source: &[u8], origin: Option<&Name>) -> Option<Parsed> {
    let format = foreign::detect(file, source);
    let zones = foreign::read(format, file, source, origin, &mut |_| Vec::new()).ok()?;
    zones.into_iter().next()
}

/// Reads a zone. `origin` is what relative names hang below until the file's
/// `$ORIGIN`, and the zone's apex; without it the owner of the SOA record, else
/// the first `$ORIGIN`, is taken.
pub fn parse(file: &str, source: &[u8], origin: Option<&Name>, files: &mut dyn Files) -> Parsed {
    reader::read(file, source, origin, files)
}
