//! Addresses that the SPF record permitted and no longer does.

use std::collections::BTreeSet;

use super::{NOTHING_EARLIER, place};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::{
    AddressSet, Authorised, Limits, Node, Published, SpfInput, Step, TermFound, evaluate,
};
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Name, Severity, Subject, Topic, untrusted};
use crate::parse::spf::{Mechanism, Qualifier, TermKind};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "change-spf-narrowed",
    area: Area::Authentication,
    title: "addresses that the SPF record permitted stop passing",
    severity: Severity::Medium,
    why: "\
        Mail from these addresses passed SPF until now and fails from this change on; where it carries no \
        aligned DKIM signature, DMARC fails with it.",
    fix: "\
        Make sure that nothing sends from these addresses any more, or name them again.",
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
    let tree = old.root;
    let old = Authorised::of(&tree);
    if old.is_world() {
        return Ok(Verdict::NotApplicable("the earlier record permitted every address"));
    }
    let node = match facts.spf()?.tree()? {
        Ok(node) => node,
        Err(why) => return Ok(Verdict::NotApplicable(why)),
    };
    let new = Authorised::of(node);
    let lost = old.set.minus(&new.set);
    if new.is_world() {
        return Ok(Verdict::Pass);
    }
    let mut problems: Vec<Problem> = terms_gone(domain, &dropped(&tree, node)).into_iter().collect();
    let locate = |problem: Problem| problem.located(place(facts, &before, domain));
    if lost.is_empty() {
        let gap = old.gap.map(|gap| Gap::undecidable(format!("in the earlier state, {gap}")));
        return Verdict::so_far(problems.into_iter().map(locate).collect(), gap);
    }
    // Where something new stands that was not asked, they may have moved there.
    let may_have_moved = new.gap.is_some() && !open_terms(node).is_subset(&open_terms(&tree));
    if let Some(gap @ Gap::Failed { .. }) = &new.gap
        && may_have_moved
    {
        return Verdict::so_far(problems.into_iter().map(locate).collect(), Some(gap.clone()));
    }
    problems.push(addresses_lost(facts, domain, &lost, (new.gap.as_ref(), may_have_moved)));
    Ok(Verdict::Fail(problems.into_iter().map(locate).collect()))
}

/// What is told of terms that went, whatever they permitted.
fn terms_gone(domain: &Name, gone: &[String]) -> Option<Problem> {
    let (verb, what) = match gone {
        [] => return None,
        [_] => ("is", "it"),
        _ => ("are", "they"),
    };
    let summary = format!(
        "{} {verb} gone from the SPF record of {domain}; what {what} permitted was not asked",
        gone.join(", ")
    );
    let problem = Problem::at(Subject::Domain(domain.clone()), summary);
    Some(problem.fix("make sure that nothing sends by what is gone, or put it back"))
}

/// What is told of addresses that no term names any more.
fn addresses_lost(
    facts: &Facts,
    domain: &Name,
    lost: &AddressSet,
    (gap, may_have_moved): (Option<&Gap>, bool),
) -> Problem {
    let networks = lost.networks();
    let shown: Vec<String> = networks.iter().take(8).map(ToString::to_string).collect();
    let more = if networks.len() > 8 { format!(" and {} more", networks.len() - 8) } else { String::new() };
    let severity = match () {
        () if may_have_moved => Severity::Low,
        () if facts.target().ips.iter().any(|ip| lost.contains(*ip)) => Severity::High,
        () => Severity::Medium,
    };
    let listed = format!("{}{more}", shown.join(", "));
    let summary = match gap {
        Some(gap) => format!(
            "{listed} may lose SPF for {domain}: no term names the {} any more, and what the other terms permit is not known ({gap})",
            if networks.len() == 1 { "address" } else { "addresses" }
        ),
        None => format!(
            "{listed} passed SPF for {domain} and no longer {}; mail from there fails SPF",
            if networks.len() == 1 { "does" } else { "do" }
        ),
    };
    Problem::at(Subject::Domain(domain.clone()), summary)
        .severity(severity)
        .fix(format!("if mail still leaves from there, put back: {}", terms(&shown)))
}

/// Terms of the earlier record that let mail pass by answers that nobody asked for, or by the
/// sender, and that the record of now does not have.
fn dropped(old: &Node, new: &Node) -> Vec<String> {
    let key = |text: &str| text.trim_start_matches('+').to_ascii_lowercase();
    let bare = Node { steps: Vec::new(), ..old.clone() };
    let kept: BTreeSet<String> = new.steps.iter().map(|step| key(new.text_of(step))).collect();
    let is_open = |step: &Step| match old.term(step).map(|term| &term.kind) {
        Some(TermKind::Directive { mechanism: Mechanism::Ptr { .. }, .. }) | None => false,
        Some(TermKind::Directive { qualifier, .. }) if *qualifier != Qualifier::Pass => false,
        // By itself, since a gap says nothing of the terms behind it.
        Some(_) => {
            let alone = Authorised::of(&Node { steps: vec![step.clone()], ..bare.clone() });
            alone.gap.is_some() || !alone.by_sender.is_empty()
        }
    };
    let gone = old.steps.iter().filter(|step| is_open(step) && !kept.contains(&key(old.text_of(step))));
    gone.map(|step| untrusted::plain(old.text_of(step), Width::Name)).collect()
}

/// Terms, in this record and those that it includes, whose answers nobody asked for.
fn open_terms(node: &Node) -> BTreeSet<String> {
    let mut open = BTreeSet::new();
    let mut left = vec![node];
    while let Some(node) = left.pop() {
        let bare = Node { steps: Vec::new(), ..node.clone() };
        for step in &node.steps {
            match &step.found {
                TermFound::Nested(inner) if !inner.steps.is_empty() => left.push(inner),
                _ if Authorised::of(&Node { steps: vec![step.clone()], ..bare.clone() }).gap.is_some() => {
                    open.insert(format!("{} {}", node.domain, node.text_of(step).to_ascii_lowercase()));
                }
                _ => {}
            }
        }
    }
    open
}

/// The networks as SPF terms; a single address without its length.
fn terms(networks: &[String]) -> String {
    let term = |network: &String| {
        let family = if network.contains(':') { "ip6" } else { "ip4" };
        let bare = network.strip_suffix("/32").or_else(|| network.strip_suffix("/128")).unwrap_or(network);
        format!("{family}:{bare}")
    };
    networks.iter().map(term).collect::<Vec<_>>().join(" ")
}
