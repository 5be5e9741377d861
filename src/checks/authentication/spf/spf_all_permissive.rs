//! Does the record let anyone send?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::{Anybody, Authorised, Node, SpfFacts};
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-all-permissive",
    area: Area::Authentication,
    title: "the SPF record authorizes the whole internet",
    severity: Severity::High,
    why: "\
        `+all`, or an equivalent such as a macro under a wildcard, gives every spammer an SPF pass in the domain's name, which DMARC then \
        accepts too. Receivers know this and distrust the domain: Rspamd alone adds four points.",
    fix: "End the record in `-all` or `~all` and name only the systems that send.",
    references: &[
        Reference::Rfc { number: 7208, section: "5.1" },
        Reference::Rfc { number: 7208, section: "5.7" },
        Reference::Rfc { number: 7208, section: "8.3" },
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
    let authorised = Authorised::of(node);
    if !authorised.is_world() {
        return match spf.anybody() {
            Ok(Some(anybody)) => Ok(Verdict::Fail(vec![by_sender(spf, node, &anybody)])),
            Ok(None) => authorised.gap.map_or(Ok(Verdict::Pass), Err),
            Err(gap) => Err(authorised.gap.unwrap_or(gap)),
        };
    }
    // Several may do so together.
    let worst = authorised.terms.iter().find(|share| share.is_world());
    let (four, six) = (authorised.set.count_four(), authorised.set.count_six());
    let refuses_some =
        ((1 << 31) + 1..1 << 32).contains(&four) || (u128::MAX / 2 + 1..u128::MAX).contains(&six);
    let left_out = if refuses_some { " but a few" } else { "" };
    let own = worst.filter(|share| share.domain == node.domain);
    let span = own.and_then(|share| Some(node.record()?.terms.get(share.term)?.span.clone()));
    let problem = Problem::at(
        SpfFacts::subject(node, span),
        match worst {
            Some(share) => format!(
                "\"{}\" permits every address{left_out}, so anyone may send as {}",
                plain(&share.text, Width::Name),
                spf.domain
            ),
            None => {
                format!(
                    "the terms together permit every address{left_out}, so anyone may send as {}",
                    spf.domain
                )
            }
        },
    )
    .located(node.location().cloned());
    let problem = match node.record() {
        Some(record) => problem.proof(plain(&record.text, Width::Record)),
        None => problem,
    };
    Ok(Verdict::Fail(vec![problem]))
}

/// A term that asks about each sender, and lets each of them in.
fn by_sender(spf: &SpfFacts, node: &Node, anybody: &Anybody) -> Problem {
    let term = plain(&anybody.term, Width::Name);
    let (how, fix) = match &anybody.below {
        Some(below) => {
            let below = plain(below, Width::Name);
            (
                format!("every name below {below} answers"),
                format!(
                    "Delete the wildcard record below {below} and publish a record for each sender there, or write the \
                     senders as ip4: and ip6: in the place of {term}"
                ),
            )
        }
        None => (
            "the sender chooses the name that is asked for".to_owned(),
            format!("Write the senders as ip4: and ip6: in the place of {term}"),
        ),
    };
    let own = node.record().filter(|_| anybody.domain == node.domain);
    let span = own.and_then(|record| {
        record.terms.iter().find(|one| record.text_of(one) == anybody.term).map(|one| one.span.clone())
    });
    let problem = Problem::at(
        SpfFacts::subject(node, span),
        format!("\"{term}\" lets every sender pass: {how}, so anyone may send as {}", spf.domain),
    )
    .fix(fix)
    .located(node.location().cloned());
    match node.record() {
        Some(record) => problem.proof(plain(&record.text, Width::Record)),
        None => problem,
    }
}
