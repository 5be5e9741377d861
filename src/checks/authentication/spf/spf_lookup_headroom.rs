//! Is there room for a provider to change its record?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::{Limits, SpfFacts};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-lookup-headroom",
    area: Area::Authentication,
    title: "the SPF record uses nine or ten of its ten look-ups",
    severity: Severity::Low,
    why: "\
        Providers add includes to their own records without asking. The next one breaks the limit, and all \
        mail then ends in `permerror` overnight.",
    fix: "Drop what no longer sends, or replace `a` and `mx` by addresses.",
    references: &[Reference::Rfc { number: 7208, section: "4.6.4" }],
    needs: &[Topic::Spf],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let spf = facts.spf()?;
    let node = match spf.tree()? {
        Ok(node) => node,
        Err(why) => return Ok(Verdict::NotApplicable(why)),
    };
    let cost = spf.policy.cost();
    let limit = Limits::RFC.lookups;
    if cost.lookups > limit {
        return Ok(Verdict::NotApplicable("over the limit, see spf-lookup-limit"));
    }
    if let Some(gap) = cost.gap {
        return Err(gap);
    }
    if cost.lookups + 1 < limit {
        return Ok(Verdict::Pass);
    }
    Ok(Verdict::Fail(vec![
        Problem::at(SpfFacts::subject(node, None), format!("{} of {limit} look-ups are used", cost.lookups))
            .located(node.location().cloned()),
    ]))
}
