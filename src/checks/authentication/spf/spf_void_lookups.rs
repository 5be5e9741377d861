//! Do the terms find something when they ask?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::{Cost, Limits, Node, SpfFacts, Step, TermFound};
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-void-lookups",
    area: Area::Authentication,
    title: "terms of the SPF record ask for names that have no data",
    severity: Severity::High,
    why: "\
        Receivers allow two look-ups that find nothing; at the third many stop with `permerror`. One \
        or two are waste, and a name that expired can be registered by someone else, who then may \
        send in your name.",
    fix: "Drop the terms whose names no longer exist, or restore the names.",
    references: &[
        Reference::Rfc { number: 7208, section: "4.6.4" },
        Reference::Rfc { number: 7208, section: "11.1" },
    ],
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
    // Without a sender, a name is void where it has no address of either family.
    let cost = Cost::of(node, None);
    let limit = Limits::RFC.voids;
    if cost.voids <= limit
        && let Some(gap) = cost.gap
    {
        return Err(gap);
    }
    if cost.voids == 0 {
        return Ok(Verdict::Pass);
    }
    let mut terms = Vec::new();
    node.visit(0, &mut |node, _| terms.extend(node.steps.iter().filter_map(|step| void_line(node, step))));
    let (severity, summary) = if cost.voids > limit {
        let text = format!("{} look-ups find nothing where {limit} are allowed: permerror", cost.voids);
        (Severity::High, text)
    } else {
        let plural = if cost.voids == 1 { "look-up finds" } else { "look-ups find" };
        (Severity::Low, format!("{} {plural} nothing; {limit} are allowed", cost.voids))
    };
    let problem = Problem::at(SpfFacts::subject(node, first_span(node)), summary)
        .severity(severity)
        .measured(cost.voids)
        .proof(terms.join("\n"))
        .located(node.location().cloned());
    Ok(Verdict::Fail(vec![problem]))
}

fn is_void(node: &Node, step: &Step) -> bool {
    let below = match &step.found {
        TermFound::Nested(target) => Cost::of(target, None).voids,
        _ => 0,
    };
    Cost::of_step(node, step, None).voids > below
}

fn void_line(node: &Node, step: &Step) -> Option<String> {
    is_void(node, step)
        .then(|| format!("{}: {}", plain(&node.domain, Width::Name), plain(node.text_of(step), Width::Line)))
}

fn first_span(node: &Node) -> Option<std::ops::Range<usize>> {
    let step = node.steps.iter().find(|step| is_void(node, step))?;
    node.term(step).map(|term| term.span.clone())
}
