//! What the sending address and the greeting say of each other.

// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod helo_invalid;
mod helo_mismatch;
mod helo_ptr_differs;
mod helo_unresolved;
mod ptr_generic;
mod ptr_missing;
mod ptr_multiple;
mod ptr_unconfirmed;

#[rustfmt::skip]
pub(super) static CHECKS: &[&crate::check::Check] = &[
    &helo_invalid::CHECK,
    &helo_mismatch::CHECK,
    &helo_ptr_differs::CHECK,
    &helo_unresolved::CHECK,
    &ptr_generic::CHECK,
    &ptr_missing::CHECK,
    &ptr_multiple::CHECK,
    &ptr_unconfirmed::CHECK,
];
