//! Does the registrable domain exist at all? A name nobody has registered, mostly a misspelt one,
//! is one fact and not a dozen missing records. Looks at answers that SPF and MX ask for.

use crate::model::{Absence, Gap, Name, RecordType};
use crate::parse::web::psl;

use crate::facts::Facts;

/// Types whose answers are looked at, the likeliest first.
const TYPES: [RecordType; 2] = [RecordType::Txt, RecordType::Mx];

/// The registrable domain of the audited name where it provably does not exist; `None` where it does.
///
/// # Errors
/// The answer that would tell, where none of them is known.
pub(crate) fn missing(facts: &Facts) -> Result<Option<Name>, Gap> {
    let domain = facts.domain()?;
    let top = psl::organizational(domain);
    let mut gap = None;
    // NXDOMAIN covers all types (RFC 8020); an alias that leads nowhere is another matter.
    for name in [&top, domain] {
        for rtype in TYPES {
            match facts.ledger().peek(name, rtype) {
                Err(why) => gap = gap.or(Some(why)),
                Ok(found) if found.absence() != Some(Absence::Nxdomain) || !found.aliases().is_empty() => {
                    return Ok(None);
                }
                Ok(_) if *name == top => return Ok(Some(top.clone())),
                Ok(_) => {}
            }
        }
    }
    gap.map_or(Ok(None), Err)
}

/// Asks after the registrable domain where the name below it does not exist.
pub(crate) fn want(facts: &Facts, rtype: RecordType) {
    let Ok(domain) = facts.domain() else { return };
    let top = psl::organizational(domain);
    let absent = facts.ledger().peek(domain, rtype).is_ok_and(|f| f.absence() == Some(Absence::Nxdomain));
    if absent && top != *domain {
        facts.ledger().want(&top, rtype);
    }
}
