//! DMARC: the records of the walk, what they ask for, and whether mail can pass.

use crate::facts::Facts;
use crate::facts::dmarc::walk::{Discovery, Step, StepState};
use crate::model::Gap;
use crate::parse::web::psl;

/// A name of the walk and what stands there.
pub(super) type OwnStep<'f> = (&'f Step, &'f StepState);

/// The steps of the walk at or below the registrable domain, with what stands
/// there: records above belong to a registry. With them, the first gap.
pub(super) fn own_steps<'f>(facts: &'f Facts) -> Result<(Vec<OwnStep<'f>>, Option<Gap>), Gap> {
    let dmarc = facts.dmarc()?;
    let top = psl::organizational(&dmarc.domain);
    let mut gap = None;
    let mut steps = Vec::new();
    for step in dmarc.walk.steps.iter().filter(|step| step.name.is_within(&top)) {
        match &step.state {
            Ok(state) => steps.push((step, state)),
            Err(unknown) => gap = gap.or_else(|| Some(unknown.clone())),
        }
    }
    Ok((steps, gap))
}

/// The record that applies to the author domain.
pub(super) fn applying<'f>(facts: &'f Facts) -> Result<Option<Discovery<'f>>, Gap> {
    facts.dmarc()?.walk.discover()
}

// Written by `UPDATE=1 cargo test --test it index`: do not edit below.
mod dmarc_forwarding_fragile;
mod dmarc_from_ambiguous;
mod dmarc_missing;
mod dmarc_multiple;
mod dmarc_org_domain_disputed;
mod dmarc_parked_open;
mod dmarc_policy_none;
mod dmarc_policy_raisable;
mod dmarc_report_missing;
mod dmarc_report_unauthorised;
mod dmarc_report_unreachable;
mod dmarc_subdomain_open;
mod dmarc_syntax;
mod dmarc_tag_removed;
mod dmarc_testing;
mod dmarc_unpassable;

#[rustfmt::skip]
pub(super) static CHECKS: &[&crate::check::Check] = &[
    &dmarc_forwarding_fragile::CHECK,
    &dmarc_from_ambiguous::CHECK,
    &dmarc_missing::CHECK,
    &dmarc_multiple::CHECK,
    &dmarc_org_domain_disputed::CHECK,
    &dmarc_parked_open::CHECK,
    &dmarc_policy_none::CHECK,
    &dmarc_policy_raisable::CHECK,
    &dmarc_report_missing::CHECK,
    &dmarc_report_unauthorised::CHECK,
    &dmarc_report_unreachable::CHECK,
    &dmarc_subdomain_open::CHECK,
    &dmarc_syntax::CHECK,
    &dmarc_tag_removed::CHECK,
    &dmarc_testing::CHECK,
    &dmarc_unpassable::CHECK,
];
