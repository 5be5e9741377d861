//! `$ORIGIN`, `$TTL`, `$INCLUDE` (RFC 1035 section 5.1, RFC 2308 section 4);
//! `$GENERATE` is in `generate`.

use super::diagnostic::{Fault, Span, shown};
use super::head::TTL_FORM;
use super::lexer::{Entry, Token};
use super::reader::{At, Reader, State};
use super::words;
use super::{MAX_INCLUDE_DEPTH, MAX_INCLUDES, MAX_SOURCE};
use crate::model::untrusted::Width;

impl Reader<'_> {
    pub(super) fn directive(&mut self, at: At, entry: &Entry, state: &mut State) -> Result<(), Fault> {
        let first = entry.tokens[0];
        let raw = first.span.of(at.source);
        match raw.to_ascii_uppercase().as_slice() {
            b"$ORIGIN" => {
                let [token] = arguments(entry, at, "$ORIGIN example.com.")?;
                let raw = token.span.of(at.source);
                let base = if raw.ends_with(b".") {
                    crate::model::Name::root()
                } else {
                    self.origin(at, state, token.span)
                };
                let origin = words::name(raw, token.span.start as usize, &base)?;
                if base.is_root() && !raw.ends_with(b".") && raw != b"@" {
                    self.relative_origin(at, token.span, raw);
                }
                self.first_origin.get_or_insert_with(|| origin.clone());
                state.origin = Some(origin);
                Ok(())
            }
            b"$TTL" => {
                let [token] = arguments(entry, at, "$TTL 3600")?;
                let raw = token.span.of(at.source);
                let ttl = words::ttl(raw).ok_or_else(|| {
                    Fault::new(token.span, "bad-ttl", format!("`{}` is no TTL", shown(raw)), TTL_FORM)
                })?;
                self.large_ttl(at, token.span, ttl);
                state.default_ttl = Some(ttl);
                Ok(())
            }
            b"$INCLUDE" => self.include(at, entry, state),
            b"$GENERATE" => self.generate(at, entry, state),
            _ => Err(Fault::new(
                first.span,
                "unknown-directive",
                format!("`{}` is no directive", shown(raw)),
                "use $ORIGIN, $TTL, $INCLUDE or $GENERATE",
            )),
        }
    }

    /// Servers are told which zone a file is; below that, `$ORIGIN example.com` is
    /// `example.com.example.com`, and the SOA record stands outside the zone.
    fn relative_origin(&mut self, at: At, span: Span, raw: &[u8]) {
        let name = shown(raw);
        let message = format!(
            "$ORIGIN {name} has no final dot, so servers hang it below the zone's own name and refuse the file"
        );
        let remedy = format!("write `$ORIGIN {name}.`");
        self.report(at, super::Level::Error, Fault::new(span, "relative-origin", message, remedy));
    }

    fn include(&mut self, at: At, entry: &Entry, state: &mut State) -> Result<(), Fault> {
        let form = "$INCLUDE file [origin]";
        let (path, origin) = match entry.tokens.get(1..).unwrap_or_default() {
            [path] => (*path, None),
            [path, origin] => (*path, Some(*origin)),
            rest => return Err(wrong_count(entry, rest, form)),
        };
        let raw = path.span.of(at.source);
        let start = path.span.start as usize;
        let octets = if path.quoted {
            words::unescape(raw.get(1..raw.len() - 1).unwrap_or_default(), start + 1)?
        } else {
            words::unescape(raw, start)?
        };
        let fault = |message: String, remedy: &str| Fault::new(path.span, "include", message, remedy);
        let name = String::from_utf8(octets)
            .map_err(|_| fault("the file name is not UTF-8".to_owned(), "rename the file"))?;
        let mut inner = state.clone();
        if let Some(origin) = origin {
            let raw = origin.span.of(at.source);
            let base = self.origin(at, state, origin.span);
            inner.origin = Some(words::name(raw, origin.span.start as usize, &base)?);
        }
        let plain = shown(name.as_bytes());
        let empty = name.is_empty();
        let name = self.files.resolve(&name, at.file);
        if empty {
            return Err(fault("the file name is empty".to_owned(), "name the file"));
        }
        if self.stack.iter().any(|open| **open == *name) {
            return Err(fault(format!("{plain} includes itself"), "remove one of the $INCLUDE lines"));
        }
        if self.stack.len() > MAX_INCLUDE_DEPTH {
            let message = format!("files include files over {MAX_INCLUDE_DEPTH} deep");
            return Err(fault(message, "look for a file that includes itself, or join files"));
        }
        self.includes += 1;
        if self.includes > MAX_INCLUDES {
            self.stopped = true;
            let message = format!("over {MAX_INCLUDES} included files; reading stops here");
            return Err(fault(message, "join the files"));
        }
        let bytes = self.files.read(&name, at.file).map_err(|error| {
            let error = crate::model::untrusted::plain(&error, Width::Record);
            fault(
                format!("{plain} cannot be read: {error}"),
                "correct the path; it is relative to the file with the $INCLUDE",
            )
        })?;
        self.octets = self.octets.saturating_add(bytes.len());
        if self.octets > MAX_SOURCE {
            self.stopped = true;
            let message = format!("the files have over {MAX_SOURCE} octets together; reading stops here");
            return Err(fault(message, "give the part of the zone that concerns mail"));
        }
        self.file(name.as_str().into(), bytes.into(), inner);
        Ok(())
    }
}

/// Exactly so many words after the directive.
fn arguments<const N: usize>(entry: &Entry, at: At, form: &str) -> Result<[Token; N], Fault> {
    let rest = entry.tokens.get(1..).unwrap_or_default();
    let given = <[Token; N]>::try_from(rest).map_err(|_| wrong_count(entry, rest, form))?;
    match given.iter().find(|t| t.quoted) {
        Some(quoted) => Err(Fault::new(
            quoted.span,
            "bad-directive",
            format!("{} is quoted", shown(quoted.span.of(at.source))),
            format!("write it without quotes: `{form}`"),
        )),
        None => Ok(given),
    }
}

pub(super) fn wrong_count(entry: &Entry, rest: &[Token], form: &str) -> Fault {
    let span = match rest {
        [] => entry.tokens[0].span,
        [first, .., last] => first.span.to(last.span),
        [only] => only.span,
    };
    let message =
        if rest.is_empty() { "the directive has no value" } else { "the directive has other words" };
    Fault::new(Span { ..span }, "bad-directive", message, format!("write `{form}`"))
}
