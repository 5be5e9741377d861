//! What stands between the owner and the data of a record: TTL, class, type.

use super::diagnostic::{Fault, Level, Span, shown};
use super::grammar;
use super::lexer::{Entry, Token};
use super::reader::{At, Head, Reader};
use super::words;

const MISPLACED: &str = "put white space before the first word if it is the type or class; a line that begins in the first column begins with its owner";
pub(super) const TTL_FORM: &str = "write seconds from 0 to 2147483647, or a time such as 1w2d3h4m5s";

impl Reader<'_> {
    /// TTL and class in either order, each at most once, then the type.
    pub(super) fn head(
        &mut self,
        at: At,
        entry: &Entry,
        tokens: &mut &[Token],
        owner: Option<Token>,
    ) -> Result<Head, Fault> {
        let mut head = Head { ttl: None, class: false, rtype: 0 };
        let misplaced = owner.is_some_and(|owner| {
            let owner = owner.span.of(at.source);
            grammar::type_number(owner).is_some() || class_number(owner).is_some()
        });
        loop {
            let Some((token, rest)) = tokens.split_first() else {
                let last = entry.tokens[entry.tokens.len() - 1].span;
                return Err(Fault::new(
                    last,
                    "no-type",
                    "the entry ends before its record type",
                    "write owner, TTL, IN, type and data: `www 3600 IN A 192.0.2.1`",
                ));
            };
            *tokens = rest;
            let raw = token.span.of(at.source);
            if !token.quoted && head.ttl.is_none() && raw.first().is_some_and(u8::is_ascii_digit) {
                let ttl = words::ttl(raw).ok_or_else(|| {
                    let remedy = if misplaced { MISPLACED } else { TTL_FORM };
                    Fault::new(token.span, "bad-ttl", format!("`{}` is no TTL", shown(raw)), remedy)
                })?;
                self.large_ttl(at, token.span, ttl);
                head.ttl = Some(ttl);
            } else if !token.quoted
                && !head.class
                && let Some(class) = class_number(raw)
            {
                if class != 1 {
                    return Err(Fault::new(
                        token.span,
                        "bad-class",
                        format!("class {}: only IN is used for mail", shown(raw)),
                        "write IN, or leave the class out",
                    ));
                }
                head.class = true;
            } else if !token.quoted
                && let Some(number) = grammar::type_number(raw)
            {
                if number == 0 || grammar::META.iter().any(|(_, n)| *n == number) {
                    return Err(Fault::new(
                        token.span,
                        "meta-type",
                        format!("{} is for questions; no record has it", shown(raw)),
                        "remove the entry",
                    ));
                }
                head.rtype = number;
                return Ok(head);
            } else {
                let remedy = if misplaced {
                    MISPLACED
                } else {
                    "write the type by its name, or as TYPE and its number"
                };
                return Err(Fault::new(
                    token.span,
                    "unknown-type",
                    format!("`{}` is no record type", shown(raw)),
                    remedy,
                ));
            }
        }
    }

    pub(super) fn large_ttl(&mut self, at: At, span: Span, ttl: u32) {
        if ttl > i32::MAX as u32 {
            let message =
                format!("TTL {ttl} is over 2147483647; resolvers treat it as 0 (RFC 2181 section 8)");
            let fault = Fault::new(span, "large-ttl", message, "write a day (86400) or less");
            self.report(at, Level::Warning, fault);
        }
    }
}

/// Class by mnemonic or `CLASSnnn`.
fn class_number(word: &[u8]) -> Option<u16> {
    const CLASSES: &[(&str, u16)] = &[
        ("IN", 1),
        ("CS", 2),
        ("CSNET", 2),
        ("CH", 3),
        ("CHAOS", 3),
        ("HS", 4),
        ("HESIOD", 4),
        ("NONE", 254),
    ];
    let known = CLASSES.iter().find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(word)).map(|(_, n)| *n);
    known.or_else(|| grammar::numbered(word, b"CLASS"))
}
