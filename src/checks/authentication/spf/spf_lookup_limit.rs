//! Do all terms together stay within ten look-ups?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::fix::zone_line;
use crate::facts::spf::{Cost, Limits, Plan, SpfFacts, plans};
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-lookup-limit",
    area: Area::Authentication,
    title: "the SPF record needs more than ten DNS look-ups",
    severity: Severity::High,
    why: "\
        Receivers must give up with `permerror` at the eleventh term that asks the DNS, counted over \
        all includes. Senders named behind that term are never authorized, and which ones those are \
        changes whenever a provider changes its record.",
    fix: "\
        Drop includes of services that no longer send, replace `a` and `mx` by addresses, or give a \
        service a subdomain of its own with its own ten look-ups.",
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
    if cost.lookups <= limit {
        return cost.gap.map_or(Ok(Verdict::Pass), Err);
    }
    let mut costs: Vec<(usize, String)> = node
        .steps
        .iter()
        .map(|step| (Cost::of_step(node, step, None).lookups, plain(node.text_of(step), Width::Name)))
        .filter(|(lookups, _)| *lookups > 0)
        .collect();
    costs.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let lines: Vec<String> = costs.iter().map(|(lookups, term)| format!("{lookups:>3}  {term}")).collect();
    let at_least = if cost.gap.is_some() || spf.policy.cut { "at least " } else { "" };
    let summary = format!(
        "{at_least}{} look-ups where {limit} are allowed; receivers stop with permerror at number {}",
        cost.lookups,
        limit + 1
    );
    let span = over_limit(node, limit);
    let problem = Problem::at(SpfFacts::subject(node, span), summary)
        .measured(cost.lookups)
        .proof(lines.join("\n"))
        .located(node.location().cloned());
    Ok(Verdict::Fail(vec![match remedy(&plans(facts.ledger(), &spf.policy)) {
        Some(fix) => problem.fix(fix),
        None => problem,
    }]))
}

/// The least intrusive way under the limit, and the names of the others.
fn remedy(plans: &[Plan]) -> Option<String> {
    let (first, others) = plans.split_first()?;
    let mut lines = vec![format!("{}:", first.title)];
    lines.extend(first.records.iter().map(|(name, record)| zone_line(name, record)));
    lines.extend(first.warning.clone());
    lines.push(first.proof.clone());
    if !others.is_empty() {
        let titles: Vec<&str> = others.iter().map(|plan| plan.title.as_str()).collect();
        lines.push(format!("Or, as `mailvet spf` shows in full: {}.", titles.join("; ")));
    }
    Some(lines.join("\n"))
}

/// The term of the first record in which the limit is passed.
fn over_limit(node: &crate::facts::spf::Node, limit: usize) -> Option<std::ops::Range<usize>> {
    let mut sum = 0;
    node.steps.iter().find_map(|step| {
        sum += Cost::of_step(node, step, None).lookups;
        (sum > limit).then(|| node.term(step).map(|term| term.span.clone())).flatten()
    })
}
