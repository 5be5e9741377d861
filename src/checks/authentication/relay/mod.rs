//! The relay that mail is handed to.

// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod relay_denied;
mod relay_open;
mod relay_session_refused;
mod relay_unreachable;

#[rustfmt::skip]
pub(super) static CHECKS: &[&crate::check::Check] = &[
    &relay_denied::CHECK,
    &relay_open::CHECK,
    &relay_session_refused::CHECK,
    &relay_unreachable::CHECK,
];
