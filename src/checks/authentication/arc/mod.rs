//! ARC: the seals of those who passed the message on.

// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod arc_chain_broken;

#[rustfmt::skip]
pub(super) static CHECKS: &[&crate::check::Check] = &[
    &arc_chain_broken::CHECK,
];
