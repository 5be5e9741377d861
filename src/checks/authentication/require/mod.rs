//! What `[require]` of the settings demands beyond what mail needs.

use crate::model::untrusted::{Width, plain};

/// Why a check of this room has nothing to say.
const NOT_REQUIRED: &str = "mailvet.toml demands nothing of the kind";

/// The wanted texts that none of these holds, capitals aside.
fn absent<'w>(wanted: &'w [String], texts: &[String]) -> Vec<&'w str> {
    let lower: Vec<String> = texts.iter().map(|text| text.to_ascii_lowercase()).collect();
    let holds = |wanted: &&String| !lower.iter().any(|text| text.contains(&wanted.to_ascii_lowercase()));
    wanted.iter().filter(holds).map(String::as_str).collect()
}

/// Texts of the settings or of records, for a sentence.
fn listed<T: AsRef<str>>(texts: &[T]) -> String {
    texts.iter().map(|text| plain(text.as_ref(), Width::Name)).collect::<Vec<_>>().join(", ")
}

// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod required_dkim_bits;
mod required_dmarc_policy;
mod required_dmarc_rua;
mod required_mx_within;
mod required_spf_all;
mod required_spf_include;
mod required_tls_rpt_rua;

#[rustfmt::skip]
pub(super) static CHECKS: &[&crate::check::Check] = &[
    &required_dkim_bits::CHECK,
    &required_dmarc_policy::CHECK,
    &required_dmarc_rua::CHECK,
    &required_mx_within::CHECK,
    &required_spf_all::CHECK,
    &required_spf_include::CHECK,
    &required_tls_rpt_rua::CHECK,
];
