//! Addresses that the SPF record permits newly.

use super::{NOTHING_EARLIER, place};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::{Authorised, Limits, Published, SpfInput, evaluate};
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "change-spf-widened",
    area: Area::Authentication,
    title: "addresses start passing SPF that did not",
    severity: Severity::Info,
    why: "\
        Whoever can send from these addresses passes SPF as the domain from this change on.",
    fix: "\
        Look through the addresses: are they all of senders you mean to permit?",
    references: &[Reference::Rfc { number: 7208, section: "4" }],
    needs: &[Topic::Spf],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(before) = facts.before() else { return Ok(Verdict::NotApplicable(NOTHING_EARLIER)) };
    let domain = facts.domain()?;
    let old = evaluate(&before, &SpfInput::policy(domain, facts.now()), Limits::RFC);
    if !matches!(old.root.published, Published::Record(..)) {
        return Ok(Verdict::NotApplicable("there was no one SPF record before"));
    }
    let old = Authorised::of(&old.root);
    let node = match facts.spf()?.tree()? {
        Ok(node) => node,
        Err(why) => return Ok(Verdict::NotApplicable(why)),
    };
    let new = Authorised::of(node);
    let gained = new.set.minus(&old.set);
    if gained.is_empty() {
        return new.gap.map_or(Ok(Verdict::Pass), Err);
    }
    if let Some(gap) = old.gap {
        return Err(Gap::undecidable(format!("in the earlier state, {gap}")));
    }
    let networks = gained.networks();
    let shown: Vec<String> = networks.iter().take(8).map(ToString::to_string).collect();
    let more = if networks.len() > 8 { format!(" and {} more", networks.len() - 8) } else { String::new() };
    let summary = format!("{}{more} now pass SPF for {domain} and did not before", shown.join(", "));
    let problem =
        Problem::at(Subject::Domain(domain.clone()), summary).located(place(facts, &before, domain));
    Ok(Verdict::Fail(vec![problem]))
}
