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
