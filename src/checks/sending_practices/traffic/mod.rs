//! What the logs show of how mail is sent.

// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod account_compromised;
mod bounce_rate_high;
mod bounced_mailed_again;
mod not_followed;
mod recipients_waiting;
mod streams_mixed;
mod unknown_users_mailed;
mod volume_silence;
mod volume_spike;

#[rustfmt::skip]
pub(super) static CHECKS: &[&crate::check::Check] = &[
    &account_compromised::CHECK,
    &bounce_rate_high::CHECK,
    &bounced_mailed_again::CHECK,
    &recipients_waiting::CHECK,
    &streams_mixed::CHECK,
    &unknown_users_mailed::CHECK,
    &volume_silence::CHECK,
    &volume_spike::CHECK,
];
