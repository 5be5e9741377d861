//! SPF: the record, its tree, and the verdict for the sender.

// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod spf_address_private;
mod spf_all_missing;
mod spf_all_neutral;
mod spf_all_permissive;
mod spf_exp_broken;
mod spf_helo_failing;
mod spf_helo_missing;
mod spf_include_broken;
mod spf_include_loop;
mod spf_ip_unauthorised;
mod spf_lookup_headroom;
mod spf_lookup_limit;
mod spf_missing;
mod spf_modifier_unknown;
mod spf_multiple;
mod spf_mx_limit;
mod spf_ptr_mechanism;
mod spf_range_huge;
mod spf_record_size;
mod spf_redirect_ignored;
mod spf_senderid_leftover;
mod spf_shared_senders;
mod spf_string_too_long;
mod spf_strings_glued;
mod spf_syntax;
mod spf_term_useless;
mod spf_terms_after_all;
mod spf_type99_leftover;
mod spf_void_lookups;

#[rustfmt::skip]
pub(super) static CHECKS: &[&crate::check::Check] = &[
    &spf_address_private::CHECK,
    &spf_all_missing::CHECK,
    &spf_all_neutral::CHECK,
    &spf_all_permissive::CHECK,
    &spf_exp_broken::CHECK,
    &spf_helo_failing::CHECK,
    &spf_helo_missing::CHECK,
    &spf_include_broken::CHECK,
    &spf_include_loop::CHECK,
    &spf_ip_unauthorised::CHECK,
    &spf_lookup_headroom::CHECK,
    &spf_lookup_limit::CHECK,
    &spf_missing::CHECK,
    &spf_modifier_unknown::CHECK,
    &spf_multiple::CHECK,
    &spf_mx_limit::CHECK,
    &spf_ptr_mechanism::CHECK,
    &spf_range_huge::CHECK,
    &spf_record_size::CHECK,
    &spf_redirect_ignored::CHECK,
    &spf_senderid_leftover::CHECK,
    &spf_shared_senders::CHECK,
    &spf_string_too_long::CHECK,
    &spf_strings_glued::CHECK,
    &spf_syntax::CHECK,
    &spf_term_useless::CHECK,
    &spf_terms_after_all::CHECK,
    &spf_type99_leftover::CHECK,
    &spf_void_lookups::CHECK,
];
