//! Types that only one provider's servers work out, such as ALIAS.

use super::diagnostic::{Fault, Level, shown};
use super::grammar;
use super::lexer::{Entry, Token};
use super::reader::{At, Reader};
use crate::model::{Name, RecordType};

/// Types whose data a provider's servers turn into addresses when asked.
const PROVIDER_TYPES: [&str; 6] = ["ALIAS", "ANAME", "WINS", "WINS-R", "LUA", "FWD"];

impl Reader<'_> {
    /// The word that is such a type, where the entry has one: behind TTL and class at most.
    pub(super) fn provider_type(at: At, tokens: &[Token]) -> Option<Token> {
        let is_provider = |token: &&Token| {
            let raw = token.span.of(at.source);
            !token.quoted && PROVIDER_TYPES.iter().any(|known| raw.eq_ignore_ascii_case(known.as_bytes()))
        };
        let at_type = tokens.iter().take(3).position(|token| is_provider(&token))?;
        let known = |token: &Token| grammar::type_number(token.span.of(at.source)).is_some();
        (!tokens[..at_type].iter().any(known)).then(|| tokens[at_type])
    }

    /// A type that only one provider's servers work out: the addresses are not known here.
    pub(super) fn provider(&mut self, at: At, entry: &Entry, owner: Name, kind: Token) -> Result<(), Fault> {
        for rtype in [RecordType::A, RecordType::Aaaa] {
            self.lose(at, entry, Some(owner.clone()), Some(rtype));
        }
        let name = shown(kind.span.of(at.source));
        let message = format!("{name} is a type of one provider; the addresses it gives are not known here");
        let remedy = "nothing to do where that provider serves the zone; other servers refuse the type";
        self.report(at, Level::Warning, Fault::new(kind.span, "provider-type", message, remedy));
        Ok(())
    }
}
