//! Does the record say what becomes of everyone else?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::{Authorised, SpfFacts, default_result};
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-all-missing",
    area: Area::Authentication,
    title: "the SPF record has no end, so strangers get neutral",
    severity: Severity::Medium,
    why: "\
        Without `all` or `redirect` an address that no term names gets `neutral`, which receivers must \
        treat like no record: the domain is as easy to forge as without SPF.",
    fix: "End the record in `-all`, or in `~all` while you still look for forgotten senders.",
    references: &[
        Reference::Rfc { number: 7208, section: "4.7" },
        Reference::Rfc { number: 7208, section: "5.1" },
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
    let Some(record) = node.record().filter(|record| record.faults.is_empty()) else {
        return Ok(Verdict::NotApplicable("the record has a syntax error, see spf-syntax"));
    };
    if default_result(node)?.is_some() {
        return Ok(Verdict::Pass);
    }
    if record.redirect().is_some() {
        let problem = Problem::at(
            SpfFacts::subject(node, None),
            "the record ends in a redirect to a record that has no all, so strangers get neutral",
        );
        return Ok(Verdict::Fail(vec![problem.fix("End the record that redirect= names in -all or ~all.")]));
    }
    let authorised = Authorised::of(node);
    let names_nobody =
        authorised.set.is_empty() && authorised.by_sender.is_empty() && authorised.gap.is_none();
    let (severity, summary) = match names_nobody {
        true => (
            Severity::High,
            "the record names no sender and has no end, so nobody gets a pass, the owner's servers neither",
        ),
        false => (CHECK.severity, "the record has neither all nor redirect, so strangers get neutral"),
    };
    Ok(Verdict::Fail(vec![
        Problem::at(SpfFacts::subject(node, None), summary)
            .severity(severity)
            .proof(crate::model::untrusted::plain(&record.text, Width::Record))
            .located(node.location().cloned()),
    ]))
}
