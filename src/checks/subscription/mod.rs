//! Who is written to, and how they stop it.

// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod auto_submitted_malformed;
mod body_unsubscribe_hidden;
mod body_unsubscribe_missing;
mod consent_missing;
mod consent_stale;
mod consent_unproven;
mod list_id_malformed;
mod list_unsubscribe_host;
mod list_unsubscribe_malformed;
mod list_unsubscribe_missing;
mod list_unsubscribe_one_way;
mod list_unsubscribe_placeholder;
mod one_click_malformed;
mod one_click_missing;
mod one_click_refused;
mod one_click_unsigned;
mod one_click_unusable;
mod postal_address_missing;
mod precedence_misused;
mod subscribers;
mod suppressed_mailed;
mod transactional_advertises;
mod unsubscribe_token_guessable;

#[rustfmt::skip]
pub(super) static CHECKS: &[&crate::check::Check] = &[
    &auto_submitted_malformed::CHECK,
    &body_unsubscribe_hidden::CHECK,
    &body_unsubscribe_missing::CHECK,
    &consent_missing::CHECK,
    &consent_stale::CHECK,
    &consent_unproven::CHECK,
    &list_id_malformed::CHECK,
    &list_unsubscribe_host::CHECK,
    &list_unsubscribe_malformed::CHECK,
    &list_unsubscribe_missing::CHECK,
    &list_unsubscribe_one_way::CHECK,
    &list_unsubscribe_placeholder::CHECK,
    &one_click_malformed::CHECK,
    &one_click_missing::CHECK,
    &one_click_refused::CHECK,
    &one_click_unsigned::CHECK,
    &one_click_unusable::CHECK,
    &postal_address_missing::CHECK,
    &precedence_misused::CHECK,
    &suppressed_mailed::CHECK,
    &transactional_advertises::CHECK,
    &unsubscribe_token_guessable::CHECK,
];
