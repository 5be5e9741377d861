//! The DMARC policy that applies is weaker than the settings demand.

use super::NOT_REQUIRED;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::parse::dmarc::Disposition;
use crate::policy::{MinPolicy, Policy};

pub(super) static CHECK: Check = Check {
    code: "required-dmarc-policy",
    area: Area::Authentication,
    title: "the DMARC policy is weaker than the settings demand",
    severity: Severity::High,
    why: "\
        Your own rule ([require] dmarc.min-policy) says how far the domain must be protected against forgery.",
    fix: "\
        Raise the policy, or change the rule in mailvet.toml.",
    references: &[Reference::Rfc { number: 9989, section: "4.7" }],
    needs: &[Topic::Dmarc],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, policy: &Policy) -> Result<Verdict, Gap> {
    let Some(wanted) = policy.require.dmarc.min_policy else {
        return Ok(Verdict::NotApplicable(NOT_REQUIRED));
    };
    let dmarc = facts.dmarc()?;
    let least = match wanted {
        MinPolicy::None => Disposition::None,
        MinPolicy::Quarantine => Disposition::Quarantine,
        MinPolicy::Reject => Disposition::Reject,
    };
    let applies = dmarc.policy.clone()?;
    if applies.is_some_and(|applies| applies >= least) {
        return Ok(Verdict::Pass);
    }
    let found = dmarc.walk.discover()?;
    let name = found.as_ref().map_or(&dmarc.domain, |found| &found.step.name);
    let what = applies.map_or("no DMARC policy applies".to_owned(), |p| format!("p={} applies", p.name()));
    let summary = format!("{what} to {}, and mailvet.toml demands {}", dmarc.domain, wanted.name());
    let problem = Problem::at(Subject::Domain(name.prefixed("_dmarc")), summary);
    Ok(Verdict::Fail(vec![problem.located(found.and_then(|found| found.state.location.clone()))]))
}
