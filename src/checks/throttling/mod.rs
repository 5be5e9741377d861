//! How fast receivers let the mail in.

// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod deferral_rate_high;
mod greeting_refused;
mod provider_throttles;
mod queue_expired;
mod retry_too_fast;

#[rustfmt::skip]
pub(super) static CHECKS: &[&crate::check::Check] = &[
    &deferral_rate_high::CHECK,
    &greeting_refused::CHECK,
    &provider_throttles::CHECK,
    &queue_expired::CHECK,
    &retry_too_fast::CHECK,
];
