//! BIMI: the record, the logo and its certificate.

// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod bimi_certificate_invalid;
mod bimi_certificate_missing;
mod bimi_certificate_untrusted;
mod bimi_logo_differs;
mod bimi_logo_invalid;
mod bimi_policy_unmet;
mod bimi_syntax;
mod bimi_unreachable;

#[rustfmt::skip]
pub(super) static CHECKS: &[&crate::check::Check] = &[
    &bimi_certificate_invalid::CHECK,
    &bimi_certificate_missing::CHECK,
    &bimi_certificate_untrusted::CHECK,
    &bimi_logo_differs::CHECK,
    &bimi_logo_invalid::CHECK,
    &bimi_policy_unmet::CHECK,
    &bimi_syntax::CHECK,
    &bimi_unreachable::CHECK,
];
