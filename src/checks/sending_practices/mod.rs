//! How mail is sent: by the logs, and by the settings of the system.

// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod ibmi;
mod traffic;

#[rustfmt::skip]
pub(super) static ROOMS: &[super::Room] = &[
    ("ibmi", ibmi::CHECKS),
    ("traffic", traffic::CHECKS),
];
