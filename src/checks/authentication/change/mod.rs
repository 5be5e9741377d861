//! What a change does to mail: this run's answers against an earlier run's.

use super::zone_file::reported;
use crate::facts::{Facts, Ledger};
use crate::model::Location;

/// Why a check of this room has nothing to say.
const NOTHING_EARLIER: &str = "there is no earlier state to compare with";

/// Where the earlier state had the record, for a problem whose record is gone.
fn earlier_place(ledger: &Ledger, name: &crate::model::Name) -> Option<Location> {
    let found = ledger.dns(name, crate::model::RecordType::Txt).ok()?;
    found.records().first()?.location.clone()
}

/// Where the record stands now, else where it stood.
fn place(facts: &Facts, before: &Ledger, name: &crate::model::Name) -> Option<Location> {
    earlier_place(facts.ledger(), name).or_else(|| earlier_place(before, name))
}
// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod change_delegated;
mod change_key_weakened;
mod change_mx_sts_id_kept;
mod change_policy_weakened;
mod change_selector_removed;
mod change_serial_kept;
mod change_spf_narrowed;
mod change_spf_widened;
mod change_ttl_raised;

#[rustfmt::skip]
pub(super) static CHECKS: &[&crate::check::Check] = &[
    &change_delegated::CHECK,
    &change_key_weakened::CHECK,
    &change_mx_sts_id_kept::CHECK,
    &change_policy_weakened::CHECK,
    &change_selector_removed::CHECK,
    &change_serial_kept::CHECK,
    &change_spf_narrowed::CHECK,
    &change_spf_widened::CHECK,
    &change_ttl_raised::CHECK,
];
