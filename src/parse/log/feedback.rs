//! Records of feedback loops in logs and events of senders: whether a recipient objects.

use super::event::Kind;
use crate::parse::report::arf;

/// What a record of a feedback loop says by its feedback type, which many leave out.
/// `not-spam` and `auth-failure` object to nothing (RFC 5965 section 7.3, RFC 6591).
pub(crate) fn complaint(kind: &str) -> Kind {
    match kind.trim().to_ascii_lowercase().as_str() {
        "" => Kind::Complained,
        kind if arf::is_objection(kind) => Kind::Complained,
        kind if arf::is_opt_out(kind) => Kind::OptedOut,
        _ => Kind::Note,
    }
}

#[cfg(test)]
mod tests;
