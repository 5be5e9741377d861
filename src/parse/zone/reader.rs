//! Entries to records: owner, TTL, class and type before the data, and what
//! each leaves behind for the next entry.

use std::sync::Arc;

use super::data_words::Words;
use super::diagnostic::{Diagnostic, Fault, Level, Span, line_of, shown};
use super::grammar;
use super::lexer::{Entry, Lexer, Token};
use super::rdata;
use super::words;
use super::{FALLBACK_TTL, Files, MAX_DIAGNOSTICS, MAX_HELD, MAX_SOURCE, Parsed, Place, Source};
use super::{Lost, Zone, ZoneRecord};
use crate::model::{Location, Name, Rdata, RecordType};

/// What the file before the current entry set. Each file has its own; an
/// included one starts with its parent's and gives nothing back.
#[derive(Clone)]
pub(super) struct State {
    pub origin: Option<Name>,
    /// Of `$TTL` (RFC 2308 section 4).
    pub default_ttl: Option<u32>,
    /// The last one written on a record (RFC 1035 section 5.1).
    last_ttl: Option<u32>,
    owner: Owner,
}

#[derive(Clone)]
enum Owner {
    None,
    Known(Name),
    /// The entry that set it could not be read.
    Broken,
}

pub(super) struct Reader<'f> {
    pub files: &'f mut dyn Files,
    records: Vec<ZoneRecord>,
    lost: Vec<Lost>,
    diagnostics: Vec<Diagnostic>,
    pub sources: Vec<Source>,
    /// The files being read, outermost first.
    pub stack: Vec<Arc<str>>,
    pub octets: usize,
    pub includes: usize,
    pub generated: u64,
    held: usize,
    soa_minimum: Option<u32>,
    pub first_origin: Option<Name>,
    warned_ttl: bool,
    warned_origin: bool,
    /// A limit was reached: nothing more is read.
    pub stopped: bool,
    /// The entry at hand as servers publish it who split long strings.
    split: Option<Box<ZoneRecord>>,
    /// File, offset and line of the last report: counting goes on from there.
    counted: Option<(Arc<str>, usize, u32)>,
}

/// The types whose strings servers join to one text, so that those who split long ones change nothing.
fn is_text(rtype: u16) -> bool {
    [RecordType::Txt, RecordType::Spf].contains(&RecordType::from_number(rtype))
}

/// What stands before the data.
pub(super) struct Head {
    pub ttl: Option<u32>,
    pub class: bool,
    pub rtype: u16,
}

/// The file and bytes an entry is of.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub file: &'a Arc<str>,
    pub source: &'a [u8],
}

pub(super) fn read(file: &str, source: &[u8], origin: Option<&Name>, files: &mut dyn Files) -> Parsed {
    let mut reader = Reader {
        files,
        records: Vec::new(),
        lost: Vec::new(),
        diagnostics: Vec::new(),
        sources: Vec::new(),
        stack: Vec::new(),
        octets: 0,
        includes: 0,
        generated: 0,
        held: 0,
        soa_minimum: None,
        first_origin: None,
        warned_ttl: false,
        warned_origin: false,
        stopped: false,
        split: None,
        counted: None,
    };
    let state = State { origin: origin.cloned(), default_ttl: None, last_ttl: None, owner: Owner::None };
    let file: Arc<str> = file.into();
    reader.octets = source.len();
    if source.len() > MAX_SOURCE {
        let fault = Fault::new(
            Span::default(),
            "too-large",
            format!("{} octets; zone files of at most {MAX_SOURCE} are read", source.len()),
            "give the part of the zone that concerns mail",
        );
        reader.report(At { file: &file, source: b"" }, Level::Error, fault);
    } else {
        reader.file(file, source.into(), state);
    }
    let soa = reader.records.iter().find(|r| matches!(r.rdata, Rdata::Soa { .. })).map(|r| r.owner.clone());
    let apex = origin.cloned().or(soa).or(reader.first_origin);
    Parsed {
        zone: Zone::new(apex, reader.records, reader.lost),
        diagnostics: reader.diagnostics,
        sources: reader.sources,
        provider: None,
    }
}

impl Reader<'_> {
    pub(super) fn report(&mut self, at: At, level: Level, fault: Fault) {
        if self.diagnostics.len() > MAX_DIAGNOSTICS {
            return;
        }
        let line = self.line(at, fault.span.start as usize);
        let mut diagnostic = Diagnostic {
            level,
            code: fault.code,
            file: at.file.clone(),
            line,
            span: fault.span.range(),
            message: fault.message,
            remedy: fault.remedy,
            owner: None,
        };
        if self.diagnostics.len() == MAX_DIAGNOSTICS {
            diagnostic.level = Level::Error;
            diagnostic.code = "too-many-problems";
            diagnostic.message = format!("over {MAX_DIAGNOSTICS} problems; reading stops here");
            diagnostic.remedy = "check that this is a zone file".to_owned();
            self.stopped = true;
        }
        self.diagnostics.push(diagnostic);
    }

    fn line(&mut self, at: At, offset: usize) -> u32 {
        let offset = offset.min(at.source.len());
        let line = match &self.counted {
            Some((file, from, line)) if Arc::ptr_eq(file, at.file) && *from <= offset => {
                line + line_of(&at.source[*from..], offset - from) - 1
            }
            _ => line_of(at.source, offset),
        };
        self.counted = Some((at.file.clone(), offset, line));
        line
    }

    pub(super) fn file(&mut self, file: Arc<str>, bytes: Arc<[u8]>, mut state: State) {
        self.sources.push(Source { file: file.clone(), bytes: bytes.clone() });
        let at = At { file: &file, source: &bytes };
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            let message = "the file is UTF-16; a zone file is ASCII or UTF-8";
            let fault = Fault::new(Span::new(0, 2), "encoding", message, "save it as UTF-8");
            return self.report(at, Level::Error, fault);
        }
        if bytes.starts_with(b"\xef\xbb\xbf") {
            let message =
                "the file begins with a byte order mark, which BIND, Knot and NSD take for the first name";
            let fault =
                Fault::new(Span::new(0, 3), "byte-order-mark", message, "save it as UTF-8 without a mark");
            self.report(at, Level::Error, fault);
        }
        self.stack.push(file.clone());
        let mut lexer = Lexer::new(&bytes);
        let mut entry = Entry::default();
        while !self.stopped && lexer.next(&mut entry) {
            if !entry.faults.is_empty() {
                // Its records are lost; what follows must not go to the owner before it.
                if !entry.indented {
                    state.owner = Owner::Broken;
                }
                self.lose(at, &entry, None, None);
                for fault in std::mem::take(&mut entry.faults) {
                    self.report(at, Level::Error, fault);
                }
                continue;
            }
            let first = entry.tokens[0];
            let directive =
                !entry.indented && !first.quoted && bytes.get(first.span.start as usize) == Some(&b'$');
            let read = if directive {
                self.directive(at, &entry, &mut state)
            } else {
                self.record(at, &entry, &mut state)
            };
            if let Err(fault) = read {
                self.lose_entry(at, &entry, &state, directive);
                self.report(at, Level::Error, fault);
                if !directive
                    && let (Owner::Known(owner), Some(last)) = (&state.owner, self.diagnostics.last_mut())
                {
                    last.owner = Some(owner.clone());
                }
            }
        }
        self.stack.pop();
    }

    /// Notes what an entry was to say and does not: its owner's records of its type, where
    /// both can be told.
    fn lose_entry(&mut self, at: At, entry: &Entry, state: &State, directive: bool) {
        let owner = match &state.owner {
            Owner::Known(owner) if !directive => Some(owner.clone()),
            _ => None,
        };
        let words = entry.tokens.iter().skip(usize::from(!entry.indented));
        let types = words.take(3).filter(|token| !token.quoted);
        let rtype = types.filter_map(|token| grammar::type_number(token.span.of(at.source))).next();
        self.lose(at, entry, owner, rtype.map(RecordType::from_number));
    }

    pub(super) fn lose(&mut self, at: At, entry: &Entry, owner: Option<Name>, rtype: Option<RecordType>) {
        if self.lost.len() < MAX_DIAGNOSTICS {
            let location = Location { file: at.file.to_string(), line: entry.line_of_first() };
            self.lost.push(Lost { owner, rtype, location, split: self.split.take(), is_open: false });
        }
    }

    /// The origin for relative names. Where nothing stated one, the owner of
    /// the file's SOA record is it, else names are taken as absolute.
    pub(super) fn origin(&mut self, at: At, state: &mut State, span: Span) -> Name {
        if let Some(origin) = &state.origin {
            return origin.clone();
        }
        let guessed = soa_owner(at.source);
        if guessed.is_none() && !self.warned_origin {
            self.warned_origin = true;
            let fault = Fault::new(
                span,
                "no-origin",
                "no $ORIGIN says what relative names belong to; they are taken as complete",
                "begin the file with `$ORIGIN example.com.` (your domain), or name the origin when giving the file",
            );
            self.report(at, Level::Warning, fault);
        }
        let origin = guessed.unwrap_or_else(Name::root);
        state.origin = Some(origin.clone());
        origin
    }

    fn name(&mut self, at: At, state: &mut State, token: Token) -> Result<Name, Fault> {
        let raw = token.span.of(at.source);
        let origin = match (&state.origin, raw.ends_with(b".")) {
            (None, true) => Name::root(),
            _ => self.origin(at, state, token.span),
        };
        words::name(raw, token.span.start as usize, &origin)
    }

    fn record(&mut self, at: At, entry: &Entry, state: &mut State) -> Result<(), Fault> {
        let mut tokens = entry.tokens.as_slice();
        let mut written = None;
        if !entry.indented {
            written = Some(tokens[0]);
            state.owner = Owner::Broken;
            let owner = self.name(at, state, tokens[0])?;
            state.owner = Owner::Known(owner);
            tokens = &tokens[1..];
        }
        let whole = entry.tokens[0].span.to(entry.tokens[entry.tokens.len() - 1].span);
        let owner = match &state.owner {
            Owner::Known(owner) => owner.clone(),
            Owner::None => {
                return Err(Fault::new(
                    whole,
                    "no-owner",
                    "this entry begins with white space, which repeats the owner before it, and there is none",
                    "begin the line with the owner name, `@` for the origin",
                ));
            }
            Owner::Broken => {
                return Err(Fault::new(
                    whole,
                    "no-owner",
                    "this entry repeats the owner of an entry that could not be read",
                    "mend the entry above first",
                ));
            }
        };
        if let Some(kind) = Self::provider_type(at, tokens) {
            return self.provider(at, entry, owner, kind);
        }
        self.name_warning(at, written);
        let head = self.head(at, entry, &mut tokens, written)?;
        let data = tokens;
        let (rdata, refused) = match self.data(at, state, &head, data, whole, false) {
            // What is wrong besides keeps the fault of the entry as written.
            Err(fault) if fault.code == "string-too-long" && is_text(head.rtype) => {
                match self.data(at, state, &head, data, whole, true) {
                    Ok(rdata) => (rdata, Some(fault)),
                    Err(_) => return Err(fault),
                }
            }
            read => (read?, None),
        };
        let ttl = self.ttl(at, state, &head, &rdata, whole);
        let place = Place {
            file: at.file.clone(),
            line: entry.line_of_first(),
            span: whole,
            owner: written,
            data: data.into(),
        };
        let record = ZoneRecord { owner, ttl, rdata, place };
        let Some(fault) = refused else { return self.keep(at, record) };
        self.split = Some(Box::new(record));
        Err(fault)
    }

    /// Labels that people read in another form than servers publish.
    fn name_warning(&mut self, at: At, written: Option<Token>) {
        if let Some(token) = written.filter(|token| !token.span.of(at.source).is_ascii()) {
            let raw = shown(token.span.of(at.source));
            let message = format!(
                "the name {raw} holds octets outside ASCII; servers publish them raw, and nobody asks for that"
            );
            let ascii = idna::domain_to_ascii(raw.trim_end_matches('.')).unwrap_or_default();
            let remedy = format!("write the name in its ASCII form: `{ascii}`");
            self.report(at, Level::Warning, Fault::new(token.span, "name-not-ascii", message, remedy));
        }
    }

    pub(super) fn data(
        &mut self,
        at: At,
        state: &mut State,
        head: &Head,
        tokens: &[Token],
        whole: Span,
        splits: bool,
    ) -> Result<Rdata, Fault> {
        // Only names need an origin; asking for it may warn.
        let origin = match &state.origin {
            Some(origin) => origin.clone(),
            None if needs_origin(at.source, tokens, head.rtype) => self.origin(at, state, whole),
            None => Name::root(),
        };
        let end = Span { start: whole.end, end: whole.end };
        let mut words = Words { source: at.source, tokens, origin: &origin, end, rtype: head.rtype, splits };
        let known = grammar::TYPES.iter().find(|(_, n, _)| *n == head.rtype);
        if let Some((name, number, None)) = known
            && *number != 10
            && tokens.first().is_some_and(|t| t.span.of(at.source) != b"\\#")
        {
            let message = format!("{name} data is not read here; the record is kept without it");
            let remedy = "nothing to do for mail; `\\# LENGTH HEX` would be read";
            self.report(at, Level::Warning, Fault::new(whole, "opaque-data", message, remedy));
            return Ok(Rdata::Other { rtype: RecordType::from_number(head.rtype), data: Vec::new() });
        }
        let rdata = rdata::read(&mut words)?;
        if let Rdata::Txt(strings) | Rdata::Spf(strings) = &rdata {
            self.text_warnings(at, tokens, strings);
        }
        Ok(rdata)
    }

    /// What is legal in text data and rarely meant.
    fn text_warnings(&mut self, at: At, tokens: &[Token], strings: &[Vec<u8>]) {
        for token in tokens {
            if !token.quoted && at.source.get(token.span.end as usize) == Some(&b';') {
                let fault = Fault::new(
                    token.span,
                    "comment-cuts-text",
                    "`;` begins a comment here, so the rest of the line is not part of the text",
                    "put the whole text in quotes",
                );
                self.report(at, Level::Warning, fault);
            }
            if token.touching {
                let fault = Fault::new(
                    token.span,
                    "touching-strings",
                    "no space before this string; some servers refuse that",
                    "put a space between the strings",
                );
                self.report(at, Level::Warning, fault);
            }
        }
        if let Some(index) = strings.iter().position(|s| !s.is_ascii()) {
            let span = tokens.get(index).or(tokens.first()).map(|t| t.span).unwrap_or_default();
            let message = "octets outside ASCII; SPF, DKIM and DMARC records are ASCII";
            let fault = Fault::new(span, "not-ascii", message, "look for typographic quotes or dashes");
            self.report(at, Level::Warning, fault);
        }
    }

    /// RFC 2308 section 4, RFC 1035 section 5.1, and BIND's use of the SOA minimum.
    pub(super) fn ttl(&mut self, at: At, state: &mut State, head: &Head, rdata: &Rdata, whole: Span) -> u32 {
        if let Rdata::Soa { minimum, .. } = rdata {
            self.soa_minimum.get_or_insert(*minimum);
        }
        if let Some(ttl) = head.ttl {
            state.last_ttl = Some(ttl);
            return ttl;
        }
        if let Some(ttl) = state.default_ttl.or(state.last_ttl) {
            return ttl;
        }
        let ttl = self.soa_minimum.unwrap_or(FALLBACK_TTL);
        if !self.warned_ttl {
            self.warned_ttl = true;
            let source = if self.soa_minimum.is_some() { "the SOA minimum" } else { "a guess" };
            let message = format!("no TTL is stated; {ttl} seconds are assumed, {source}");
            let fault = Fault::new(whole, "no-ttl", message, "put `$TTL 3600` at the top of the file");
            self.report(at, Level::Warning, fault);
        }
        ttl
    }

    pub(super) fn keep(&mut self, at: At, record: ZoneRecord) -> Result<(), Fault> {
        let words = record.place.data.len() * size_of::<Token>();
        self.held += size_of::<ZoneRecord>() + words + record.owner.as_str().len() * 2 + held(&record.rdata);
        if self.held > MAX_HELD {
            self.stopped = true;
            let span = record.place.span;
            let message = format!("the records take over {MAX_HELD} octets; reading stops here");
            let fault =
                Fault::new(span, "too-large", message, "give the part of the zone that concerns mail");
            self.report(at, Level::Error, fault);
        } else {
            self.records.push(record);
        }
        Ok(())
    }
}

impl Entry {
    /// The line of the first word; blank lines inside parentheses may precede it.
    pub(super) fn line_of_first(&self) -> u32 {
        self.tokens.first().map_or(self.line, |t| t.line)
    }
}

/// Octets of data on the heap, roughly.
fn held(rdata: &Rdata) -> usize {
    match rdata {
        Rdata::A(_) | Rdata::Aaaa(_) => 0,
        Rdata::Mx { exchange: name, .. }
        | Rdata::Ptr(name)
        | Rdata::Cname(name)
        | Rdata::Dname(name)
        | Rdata::Ns(name) => name.as_str().len(),
        Rdata::Soa { mname, rname, .. } => mname.as_str().len() + rname.as_str().len(),
        Rdata::Txt(strings) | Rdata::Spf(strings) => strings.iter().map(|s| s.len() + 40).sum(),
        Rdata::Tlsa { data, .. } | Rdata::Other { data, .. } => data.len(),
        Rdata::Caa { tag, value, .. } => tag.len() + value.len(),
    }
}

/// Whether the data may hold a relative name.
fn needs_origin(source: &[u8], tokens: &[Token], rtype: u16) -> bool {
    let fields = grammar::fields(rtype).unwrap_or_default();
    let named = fields.iter().any(|(_, kind)| {
        matches!(
            kind,
            grammar::Kind::Name | grammar::Kind::Gateway | grammar::Kind::Relay | grammar::Kind::Hip
        )
    });
    named
        && tokens.iter().any(|t| {
            let raw = t.span.of(source);
            !t.quoted && !raw.ends_with(b".") && words::ttl(raw).is_none()
        })
}

/// The absolute owner of the file's first SOA record.
fn soa_owner(source: &[u8]) -> Option<Name> {
    let mut lexer = Lexer::new(source);
    let mut entry = Entry::default();
    while lexer.next(&mut entry) {
        let Some(owner) = entry.tokens.first().filter(|_| !entry.indented) else { continue };
        let head = entry.tokens.iter().skip(1).take(3);
        if head.map(|t| t.span.of(source)).any(|raw| raw.eq_ignore_ascii_case(b"SOA")) {
            let raw = owner.span.of(source);
            return raw.ends_with(b".").then(|| words::name(raw, 0, &Name::root()).ok()).flatten();
        }
    }
    None
}
