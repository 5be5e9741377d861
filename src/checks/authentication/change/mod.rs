//! What a change does to mail: this run's answers against an earlier run's.

use super::zone_file::reported;
use crate::check::Verdict;
use crate::facts::{Facts, Ledger};
use crate::model::{Gap, Location, Name, RecordType};
use crate::parse::dmarc::DmarcRecord;

/// Why a check of this room has nothing to say.
const NOTHING_EARLIER: &str = "there is no earlier state to compare with";

/// What a comparison of two zone files says where no earlier answers are.
fn of_files(facts: &Facts, code: &str) -> Verdict {
    match facts.zone_problems() {
        Some(_) => reported(facts, code),
        None => Verdict::NotApplicable(NOTHING_EARLIER),
    }
}

/// The gap of the earlier state: not known then is not known now, and no leave to say nothing.
fn earlier(gap: Gap) -> Gap {
    Gap::undecidable(format!("in the earlier state, {gap}"))
}

/// Both sides of each key of the earlier state, as `read` takes them, where both have one; and what
/// is not known of a side.
fn both_keys<T>(
    facts: &Facts,
    before: &Ledger,
    read: impl Fn(&Ledger, &Name) -> Result<Option<T>, Gap>,
) -> (Vec<(Name, T, T)>, Option<Gap>) {
    let (mut pairs, mut unknown) = (Vec::new(), None);
    for name in facts.earlier_keys() {
        match (read(before, &name), read(facts.ledger(), &name)) {
            (Ok(Some(was)), Ok(Some(now))) => pairs.push((name, was, now)),
            (Ok(Some(_)), Err(gap)) => unknown = Some(gap),
            (Err(gap), _) => unknown = Some(earlier(gap)),
            _ => {}
        }
    }
    (pairs, unknown)
}

/// Where the earlier state had the record, for a problem whose record is gone.
fn earlier_place(ledger: &Ledger, name: &Name) -> Option<Location> {
    place_of_type(ledger, name, RecordType::Txt)
}

fn place_of_type(ledger: &Ledger, name: &Name, rtype: RecordType) -> Option<Location> {
    let found = ledger.dns(name, rtype).ok()?;
    found.records().first()?.location.clone()
}

/// The one DMARC record at a name.
fn one_dmarc(ledger: &Ledger, name: &Name) -> Result<Option<DmarcRecord>, Gap> {
    let found = ledger.dns(name, RecordType::Txt)?;
    let texts = found.records().iter().filter_map(|record| record.rdata.joined_text());
    let mut records = texts.filter_map(|text| DmarcRecord::parse(&String::from_utf8_lossy(&text)));
    Ok(records.next().filter(|_| records.next().is_none()))
}

/// Where the record stands now, else where it stood.
fn place(facts: &Facts, before: &Ledger, name: &Name) -> Option<Location> {
    earlier_place(facts.ledger(), name).or_else(|| earlier_place(before, name))
}
// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod change_alignment_tightened;
mod change_delegated;
mod change_key_replaced;
mod change_key_weakened;
mod change_mail_record_removed;
mod change_mail_record_replaced;
mod change_mx_replaced;
mod change_mx_sts_id_kept;
mod change_policy_inherited;
mod change_policy_weakened;
mod change_record_lost;
mod change_reports_redirected;
mod change_selector_removed;
mod change_serial_kept;
mod change_spf_narrowed;
mod change_spf_widened;
mod change_ttl_raised;
mod change_zone_removed;

#[rustfmt::skip]
pub(super) static CHECKS: &[&crate::check::Check] = &[
    &change_alignment_tightened::CHECK,
    &change_delegated::CHECK,
    &change_key_replaced::CHECK,
    &change_key_weakened::CHECK,
    &change_mail_record_removed::CHECK,
    &change_mail_record_replaced::CHECK,
    &change_mx_replaced::CHECK,
    &change_mx_sts_id_kept::CHECK,
    &change_policy_inherited::CHECK,
    &change_policy_weakened::CHECK,
    &change_record_lost::CHECK,
    &change_reports_redirected::CHECK,
    &change_selector_removed::CHECK,
    &change_serial_kept::CHECK,
    &change_spf_narrowed::CHECK,
    &change_spf_widened::CHECK,
    &change_ttl_raised::CHECK,
    &change_zone_removed::CHECK,
];
