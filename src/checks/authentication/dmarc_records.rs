//! What the checks of DMARC records share: the names that are the owner's to fix.

use crate::facts::Facts;
use crate::facts::dmarc::{Discovery, Step, StepState};
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
