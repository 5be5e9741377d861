//! What lists say of the address, the names and the links.

// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod allowlist_absent;
mod domain_blocklisted;
mod domain_newly_seen;
mod helo_blocklisted;
mod ip_blocklisted;
mod ip_blocklisted_minor;
mod ip_listed_informational;
mod ip_neighbourhood_listed;
mod ip_not_public;
mod ip_pbl_listed;
mod link_host_blocklisted;
mod link_target_blocklisted;
mod listing_problem;
mod mx_host_blocklisted;
mod reputation_refused;
mod spf_address_blocklisted;

#[rustfmt::skip]
pub(super) static CHECKS: &[&crate::check::Check] = &[
    &allowlist_absent::CHECK,
    &domain_blocklisted::CHECK,
    &domain_newly_seen::CHECK,
    &helo_blocklisted::CHECK,
    &ip_blocklisted::CHECK,
    &ip_blocklisted_minor::CHECK,
    &ip_listed_informational::CHECK,
    &ip_neighbourhood_listed::CHECK,
    &ip_not_public::CHECK,
    &ip_pbl_listed::CHECK,
    &link_host_blocklisted::CHECK,
    &link_target_blocklisted::CHECK,
    &mx_host_blocklisted::CHECK,
    &reputation_refused::CHECK,
    &spf_address_blocklisted::CHECK,
];
