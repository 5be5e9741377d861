//! The SPF record ends more softly than the settings demand.

use super::NOT_REQUIRED;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::{SpfFacts, default_result};
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::spf::Qualifier;
use crate::policy::{MinAll, Policy};

pub(super) static CHECK: Check = Check {
    code: "required-spf-all",
    area: Area::Authentication,
    title: "the SPF record ends more softly than the settings demand",
    severity: Severity::High,
    why: "\
        Your own rule ([require] spf.min-all) says what becomes of mail from addresses that no term names.",
    fix: "\
        End the record with -all or ~all as the rule says, or change the rule in mailvet.toml.",
    references: &[Reference::Rfc { number: 7208, section: "5.1" }],
    needs: &[Topic::Spf],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, policy: &Policy) -> Result<Verdict, Gap> {
    let Some(wanted) = policy.require.spf.min_all else {
        return Ok(Verdict::NotApplicable(NOT_REQUIRED));
    };
    let spf = facts.spf()?;
    let node = match spf.tree()? {
        Ok(node) => node,
        Err(why) => return Ok(Verdict::NotApplicable(why)),
    };
    let end = default_result(node)?;
    let reached = match end.as_ref().map(|(qualifier, _)| *qualifier) {
        Some(Qualifier::Fail) => true,
        Some(Qualifier::SoftFail) => wanted == MinAll::Softfail,
        _ => false,
    };
    if reached {
        return Ok(Verdict::Pass);
    }
    let what = match end {
        Some((qualifier, _)) => format!("ends in {}all", qualifier.symbol()),
        None => "has no end".to_owned(),
    };
    let demanded = if wanted == MinAll::Fail { "-all" } else { "~all or -all" };
    let summary = format!(
        "the SPF record of {} {what}, and mailvet.toml demands {demanded}",
        plain(spf.domain.as_str(), Width::Name)
    );
    let root = &spf.policy.root;
    Ok(Verdict::Fail(vec![
        Problem::at(SpfFacts::subject(root, None), summary).located(root.location().cloned()),
    ]))
}
