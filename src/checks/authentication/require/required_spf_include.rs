//! The SPF record does not include what the settings demand.

use super::{NOT_REQUIRED, listed};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::SpfFacts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "required-spf-include",
    area: Area::Authentication,
    title: "the SPF record does not include what the settings demand",
    severity: Severity::High,
    why: "\
        Your own rule ([require] spf.includes) names the services that must be able to send; mail from one that is not included fails SPF.",
    fix: "\
        Add include: of the name, or change the rule in mailvet.toml.",
    references: &[Reference::Rfc { number: 7208, section: "5.2" }],
    needs: &[Topic::Spf],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, policy: &Policy) -> Result<Verdict, Gap> {
    let wanted = policy.require.spf.includes.all();
    if wanted.is_empty() {
        return Ok(Verdict::NotApplicable(NOT_REQUIRED));
    }
    let spf = facts.spf()?;
    let record = match spf.single()? {
        Ok(record) => record,
        Err(why) => return Ok(Verdict::NotApplicable(why)),
    };
    let terms: Vec<String> = record
        .terms
        .iter()
        .map(|term| record.text_of(term).trim_start_matches('+').trim_end_matches('.').to_ascii_lowercase())
        .collect();
    let names = |wanted: &str| {
        let wanted = wanted.trim_end_matches('.').to_ascii_lowercase();
        terms.iter().any(|term| *term == format!("include:{wanted}") || *term == format!("redirect={wanted}"))
    };
    let missing: Vec<&String> = wanted.iter().filter(|wanted| !names(wanted)).collect();
    if missing.is_empty() {
        return Ok(Verdict::Pass);
    }
    let root = &spf.policy.root;
    let summary = format!(
        "the SPF record of {} does not include {}, which mailvet.toml demands",
        spf.domain,
        listed(&missing)
    );
    Ok(Verdict::Fail(vec![
        Problem::at(SpfFacts::subject(root, None), summary).located(root.location().cloned()),
    ]))
}
