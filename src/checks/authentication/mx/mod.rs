//! Where replies, bounces and complaints to the domain arrive.

// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod abuse_refused;
mod mail_from_undeliverable;
mod mx_address_literal;
mod mx_address_private;
mod mx_alias;
mod mx_duplicate;
mod mx_ipv6_missing;
mod mx_missing;
mod mx_null;
mod mx_session_refused;
mod mx_single;
mod mx_unreachable;
mod mx_unresolvable;
mod postmaster_refused;

#[rustfmt::skip]
pub(super) static CHECKS: &[&crate::check::Check] = &[
    &abuse_refused::CHECK,
    &mail_from_undeliverable::CHECK,
    &mx_address_literal::CHECK,
    &mx_address_private::CHECK,
    &mx_alias::CHECK,
    &mx_duplicate::CHECK,
    &mx_ipv6_missing::CHECK,
    &mx_missing::CHECK,
    &mx_null::CHECK,
    &mx_session_refused::CHECK,
    &mx_single::CHECK,
    &mx_unreachable::CHECK,
    &mx_unresolvable::CHECK,
    &postmaster_refused::CHECK,
];
