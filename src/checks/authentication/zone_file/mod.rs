//! The zone file itself: entries that servers refuse, and what is legal and rarely meant.

use crate::check::{Problem, Verdict};
use crate::facts::Facts;
use crate::model::Subject;

/// What the reader of the zone file found for one check.
pub(super) fn reported(facts: &Facts, code: &str) -> Verdict {
    let Some(all) = facts.zone_problems() else {
        return Verdict::NotApplicable("no zone file was given");
    };
    let problems = all.iter().filter(|problem| problem.code == code).map(|problem| Problem {
        severity: problem.severity,
        ..Problem::at(Subject::Host(problem.name.clone()), problem.summary.clone())
            .fix(problem.fix.clone())
            .located(Some(problem.location.clone()))
    });
    Verdict::from_problems(problems.collect())
}

// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod zone_address_unknown;
mod zone_below_delegation;
mod zone_cname_at_apex;
mod zone_cname_conflict;
mod zone_cname_dangling;
mod zone_cname_loop;
mod zone_data_opaque;
mod zone_delegation_hides_mail;
mod zone_dname_conflict;
mod zone_ds_undelegated;
mod zone_duplicate_record;
mod zone_entry_broken;
mod zone_glue_missing;
mod zone_missing_dot;
mod zone_mta_sts_host_missing;
mod zone_mx_host_invalid;
mod zone_name_not_ascii;
mod zone_ns_missing;
mod zone_origin_missing;
mod zone_out_of_zone;
mod zone_record_orphaned;
mod zone_record_split;
mod zone_selector_wildcard;
mod zone_soa_misplaced;
mod zone_soa_missing;
mod zone_spf_multiple;
mod zone_spf_strings_joined;
mod zone_strings_touching;
mod zone_target_addressless;
mod zone_target_alias;
mod zone_text_cut;
mod zone_text_not_ascii;
mod zone_text_unquoted;
mod zone_ttl_large;
mod zone_ttl_mismatch;
mod zone_ttl_missing;
mod zone_value_unknown;

#[rustfmt::skip]
pub(super) static CHECKS: &[&crate::check::Check] = &[
    &zone_address_unknown::CHECK,
    &zone_below_delegation::CHECK,
    &zone_cname_at_apex::CHECK,
    &zone_cname_conflict::CHECK,
    &zone_cname_dangling::CHECK,
    &zone_cname_loop::CHECK,
    &zone_data_opaque::CHECK,
    &zone_delegation_hides_mail::CHECK,
    &zone_dname_conflict::CHECK,
    &zone_ds_undelegated::CHECK,
    &zone_duplicate_record::CHECK,
    &zone_entry_broken::CHECK,
    &zone_glue_missing::CHECK,
    &zone_missing_dot::CHECK,
    &zone_mta_sts_host_missing::CHECK,
    &zone_mx_host_invalid::CHECK,
    &zone_name_not_ascii::CHECK,
    &zone_ns_missing::CHECK,
    &zone_origin_missing::CHECK,
    &zone_out_of_zone::CHECK,
    &zone_record_orphaned::CHECK,
    &zone_record_split::CHECK,
    &zone_selector_wildcard::CHECK,
    &zone_soa_misplaced::CHECK,
    &zone_soa_missing::CHECK,
    &zone_spf_multiple::CHECK,
    &zone_spf_strings_joined::CHECK,
    &zone_strings_touching::CHECK,
    &zone_target_addressless::CHECK,
    &zone_target_alias::CHECK,
    &zone_text_cut::CHECK,
    &zone_text_not_ascii::CHECK,
    &zone_text_unquoted::CHECK,
    &zone_ttl_large::CHECK,
    &zone_ttl_mismatch::CHECK,
    &zone_ttl_missing::CHECK,
    &zone_value_unknown::CHECK,
];
