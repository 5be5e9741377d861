//! What receivers report back: DMARC aggregates and TLS-RPT.

// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod dmarc_reports_own_failing;
mod dmarc_reports_service_unaligned;
mod dmarc_reports_spoofed;
mod tls_rpt_failures;

#[rustfmt::skip]
pub(super) static CHECKS: &[&crate::check::Check] = &[
    &dmarc_reports_own_failing::CHECK,
    &dmarc_reports_service_unaligned::CHECK,
    &dmarc_reports_spoofed::CHECK,
    &tls_rpt_failures::CHECK,
];
