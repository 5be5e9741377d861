//! How the sending IBM i is set up, by its printed settings.

use crate::check::{Problem, Verdict};
use crate::facts::ibmi::Stated;
use crate::model::untrusted::{Width, plain};
use crate::model::{Gap, Subject};

/// What every check of this room says where there is nothing to judge.
pub(super) const NONE_GIVEN: Verdict =
    Verdict::NotApplicable("no settings of an IBM i were given (--ibmi FILE)");

/// The value, where it is one of those the keyword has.
///
/// # Errors
/// Another value: what it means is not known, and no pass.
pub(super) fn value_of(stated: &Stated, known: &[&str]) -> Result<String, Gap> {
    let value = stated.value();
    if known.contains(&value.as_str()) {
        return Ok(value);
    }
    let written = plain(&stated.setting.written(), Width::Name);
    Err(Gap::undecidable(format!("{written} is none of {}", known.join(", "))))
}

/// A problem of one keyword, with the line it stands on.
pub(super) fn of_keyword(stated: &Stated, summary: impl Into<String>) -> Problem {
    Problem::at(Subject::Setting(format!("IBM i {}", stated.setting.keyword)), summary)
        .proof(plain(&stated.setting.written(), Width::Line))
        .located(stated.location())
}

// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod ibmi_bare_line_feed;
mod ibmi_delivery_notice_off;
mod ibmi_helo_differs;
mod ibmi_host_name_local;
mod ibmi_host_search_local;
mod ibmi_host_table_incomplete;
mod ibmi_interface_domain_missing;
mod ibmi_list_dead;
mod ibmi_mail_router_differs;
mod ibmi_relay_list_incomplete;
mod ibmi_relay_open;
mod ibmi_retry_short;
mod ibmi_tracking_off;

#[rustfmt::skip]
pub(super) static CHECKS: &[&crate::check::Check] = &[
    &ibmi_bare_line_feed::CHECK,
    &ibmi_delivery_notice_off::CHECK,
    &ibmi_helo_differs::CHECK,
    &ibmi_host_name_local::CHECK,
    &ibmi_host_search_local::CHECK,
    &ibmi_host_table_incomplete::CHECK,
    &ibmi_interface_domain_missing::CHECK,
    &ibmi_list_dead::CHECK,
    &ibmi_mail_router_differs::CHECK,
    &ibmi_relay_list_incomplete::CHECK,
    &ibmi_relay_open::CHECK,
    &ibmi_retry_short::CHECK,
    &ibmi_tracking_off::CHECK,
];
