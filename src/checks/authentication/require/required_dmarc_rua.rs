//! No address of rua= is the one that the settings demand.

use super::{NOT_REQUIRED, absent, listed};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "required-dmarc-rua",
    area: Area::Authentication,
    title: "DMARC reports do not go where the settings demand",
    severity: Severity::High,
    why: "\
        Your own rule ([require] dmarc.rua-contains) names who must get the reports; without them nobody there sees who sends in the name.",
    fix: "\
        Add the address to rua=, or change the rule in mailvet.toml.",
    references: &[Reference::Rfc { number: 9990, section: "3" }],
    needs: &[Topic::Dmarc],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, policy: &Policy) -> Result<Verdict, Gap> {
    let wanted = policy.require.dmarc.rua_contains.all();
    if wanted.is_empty() {
        return Ok(Verdict::NotApplicable(NOT_REQUIRED));
    }
    let dmarc = facts.dmarc()?;
    let Some(found) = dmarc.walk.discover()? else {
        return Ok(Verdict::NotApplicable("there is no DMARC record, see dmarc-missing"));
    };
    let usable = found.record.rua.iter().filter(|uri| uri.usable);
    let texts: Vec<String> = usable.map(|uri| uri.text.clone()).collect();
    let missing = absent(wanted, &texts);
    if missing.is_empty() {
        return Ok(Verdict::Pass);
    }
    let there =
        if texts.is_empty() { "holds no address".to_owned() } else { format!("holds {}", listed(&texts)) };
    let summary =
        format!("rua= of _dmarc.{} {there}, and mailvet.toml demands {}", found.step.name, listed(&missing));
    let problem = Problem::at(Subject::Domain(found.step.name.prefixed("_dmarc")), summary);
    Ok(Verdict::Fail(vec![problem.located(found.state.location.clone())]))
}
