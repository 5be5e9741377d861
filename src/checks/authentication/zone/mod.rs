//! The zone itself: name servers, DNSSEC, CAA.

// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod caa_critical_unknown;
mod caa_issuer_excluded;
mod caa_missing;
mod dnssec_bogus;
mod dnssec_expiring;
mod domain_missing;
mod name_server_lame;
mod name_servers_disagree;
mod resolver_behind;

#[rustfmt::skip]
pub(super) static CHECKS: &[&crate::check::Check] = &[
    &caa_critical_unknown::CHECK,
    &caa_issuer_excluded::CHECK,
    &caa_missing::CHECK,
    &dnssec_bogus::CHECK,
    &dnssec_expiring::CHECK,
    &domain_missing::CHECK,
    &name_server_lame::CHECK,
    &name_servers_disagree::CHECK,
    &resolver_behind::CHECK,
];
