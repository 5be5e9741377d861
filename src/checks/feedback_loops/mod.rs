//! What recipients report back, and whether that can be told apart.

// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod cfbl_address_malformed;
mod cfbl_address_unsigned;
mod complaint_rate_high;
mod fbl_unenrolled;
mod feedback_id_malformed;
mod feedback_id_missing;
mod feedback_id_unsigned;
mod figures_lost;
mod reported_spam_rate_high;
mod sender_flagged;
mod signed_header;

#[rustfmt::skip]
pub(super) static CHECKS: &[&crate::check::Check] = &[
    &cfbl_address_malformed::CHECK,
    &cfbl_address_unsigned::CHECK,
    &complaint_rate_high::CHECK,
    &fbl_unenrolled::CHECK,
    &feedback_id_malformed::CHECK,
    &feedback_id_missing::CHECK,
    &feedback_id_unsigned::CHECK,
    &reported_spam_rate_high::CHECK,
    &sender_flagged::CHECK,
];
