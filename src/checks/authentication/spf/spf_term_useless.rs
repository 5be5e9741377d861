//! Does every term permit something that no other does?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::{Authorised, Cost, SpfFacts};
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::spf::Qualifier;
use crate::parse::spf::TermKind;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-term-useless",
    area: Area::Authentication,
    title: "terms of the SPF record permit nothing new",
    severity: Severity::Low,
    why: "\
        A term whose addresses earlier terms permit already never decides anything, yet it may cost one of \
        the ten look-ups and hides what the record is really for.",
    fix: "Drop the term: the record means the same without it.",
    references: &[
        Reference::Rfc { number: 7208, section: "4.6.4" },
        Reference::Rfc { number: 7208, section: "10.1.1" },
    ],
    needs: &[Topic::Spf],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let spf = facts.spf()?;
    let record = match spf.single()? {
        Ok(record) => record,
        Err(why) => return Ok(Verdict::NotApplicable(why)),
    };
    let node = &spf.policy.root;
    let authorised = Authorised::of(node);
    let useless: Vec<_> = authorised
        .terms
        .iter()
        .filter(|share| share.domain == node.domain && !share.open)
        // A term that finds nothing at all is void, not doubled.
        .filter(|share| share.adds.is_empty() && !share.names.is_empty())
        .filter(|share| {
            let kind = record.terms.get(share.term).map(|term| &term.kind);
            matches!(kind, Some(TermKind::Directive { qualifier: Qualifier::Pass, .. }))
        })
        .collect();
    if useless.is_empty() {
        return authorised.gap.map_or(Ok(Verdict::Pass), Err);
    }
    let problems = useless.iter().map(|share| {
        let step = node.steps.iter().find(|step| step.term == share.term);
        let lookups = step.map_or(0, |step| Cost::of_step(node, step, None).lookups);
        let cost = match lookups {
            0 => String::new(),
            1 => ", and costs a look-up".to_owned(),
            more => format!(", and costs {more} look-ups"),
        };
        let span = record.terms.get(share.term).map(|term| term.span.clone());
        Problem::at(
            SpfFacts::subject(node, span),
            format!("{} permits only what terms before it permit{cost}", plain(&share.text, Width::Name)),
        )
        .proof(plain(&record.text, Width::Record))
        .located(node.location().cloned())
    });
    Ok(Verdict::Fail(problems.collect()))
}
