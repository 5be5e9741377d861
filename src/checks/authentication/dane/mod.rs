//! DANE: goes over the MX hosts that have TLSA records, and keeps "could not be
//! seen" apart from "has none".

use crate::check::{Problem, Verdict};
use crate::facts::Facts;
use crate::facts::transport::dane::{HostDane, Tlsa};
use crate::model::Gap;

/// Judges each host's records. `Ok(None)`: the check does not apply to this host;
/// `none` is said where it applies to no host.
pub(super) fn each(
    facts: &Facts,
    none: &'static str,
    judge: impl Fn(&HostDane, &[Tlsa]) -> Result<Option<Vec<Problem>>, Gap>,
) -> Result<Verdict, Gap> {
    let (mut problems, mut gap, mut judged) = (Vec::new(), None, false);
    for host in facts.dane()? {
        let verdict = match &host.records {
            Err(why) => Err(why.clone()),
            Ok(records) if records.is_empty() => Ok(None),
            Ok(records) => judge(host, records),
        };
        match verdict {
            Err(why) => gap = Some(why),
            Ok(None) => {}
            Ok(Some(found)) => {
                judged = true;
                problems.extend(found);
            }
        }
    }
    match gap {
        Some(gap) if problems.is_empty() => Err(gap),
        Some(gap) => Ok(Verdict::FailInPart(problems, gap)),
        _ if !judged => Ok(Verdict::NotApplicable(none)),
        _ => Ok(Verdict::from_problems(problems)),
    }
}

// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod dane_incomplete;
mod dane_mismatch;
mod dane_missing;
mod dane_record_unusable;
mod dane_unsigned;

#[rustfmt::skip]
pub(super) static CHECKS: &[&crate::check::Check] = &[
    &dane_incomplete::CHECK,
    &dane_mismatch::CHECK,
    &dane_missing::CHECK,
    &dane_record_unusable::CHECK,
    &dane_unsigned::CHECK,
];
