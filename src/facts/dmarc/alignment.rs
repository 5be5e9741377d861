//! Identifier alignment (RFC 9989 section 4.4): does the domain that SPF or DKIM
//! authenticated belong to the author? By the walk, and by the public suffix
//! list that receivers of RFC 7489 use.

use super::walk::Walk;
use crate::model::{Gap, Name};
use crate::parse::dmarc::Mode;
use crate::parse::web::psl;

/// Both answers; receivers of either kind are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alignment {
    /// RFC 9989.
    pub by_walk: bool,
    /// RFC 7489.
    pub by_list: bool,
    /// The answer to go by.
    pub aligned: bool,
}

/// Aligned by the public suffix list alone (RFC 7489 section 3.1).
pub fn aligned_by_list(author: &Name, other: &Name, mode: Mode) -> bool {
    author == other || (mode == Mode::Relaxed && psl::organizational(author) == psl::organizational(other))
}

/// Whether `other` is aligned with the author domain.
///
/// The walk decides. Where it knows no boundary, because the other domain has no
/// record on its whole way and nobody published `psd=`, it takes the domain for
/// its own organization; receivers in transition still ask the list then, and so
/// does this.
pub(crate) fn align(author: &Walk, other: &Walk, mode: Mode) -> Result<Alignment, Gap> {
    let (from, to) = (author.start(), other.start());
    if from == to || mode == Mode::Strict {
        let same = from == to;
        return Ok(Alignment { by_walk: same, by_list: same, aligned: same });
    }
    let by_list = aligned_by_list(from, to, mode);
    let (from_org, to_org, settled) = match (author.organizational(), other.organizational()) {
        (Ok((from_org, _)), Ok((to_org, settled))) => (from_org, to_org, settled),
        (Err(gap), _) | (_, Err(gap)) => match (author.lowest_boundary(), other.lowest_boundary()) {
            // A common record below what is not known: whatever stands above, both
            // walks end at the same name.
            (Some(from_org), Some(to_org)) if from_org == to_org => (from_org, to_org, true),
            _ => return Err(gap),
        },
    };
    let by_walk = from_org == to_org;
    let undrawn = !settled && !author.is_explicit() && !other.is_explicit();
    Ok(Alignment { by_walk, by_list, aligned: by_walk || (by_list && undrawn) })
}
