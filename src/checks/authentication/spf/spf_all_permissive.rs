//! Does the record let anyone send?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::{Authorised, SpfFacts};
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-all-permissive",
    area: Area::Authentication,
    title: "the SPF record authorizes the whole internet",
    severity: Severity::High,
    why: "\
        `+all`, or an equivalent, gives every spammer an SPF pass in the domain's name, which DMARC then \
        accepts too. Receivers know this and distrust the domain: Rspamd alone adds four points.",
    fix: "End the record in `-all` or `~all` and name only the systems that send.",
    references: &[
        Reference::Rfc { number: 7208, section: "5.1" },
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
        return authorised.gap.map_or(Ok(Verdict::Pass), Err);
    }
    // The one term that names most is the guilty one.
    let worst = authorised.terms.iter().max_by_key(|share| (share.adds.count_four(), share.adds.count_six()));
    let guilty = worst.map_or("the terms together", |share| share.text.as_str());
    let own = worst.filter(|share| share.domain == node.domain);
    let span = own.and_then(|share| Some(node.record()?.terms.get(share.term)?.span.clone()));
    let problem = Problem::at(
        SpfFacts::subject(node, span),
        format!(
            "\"{}\" permits every address, so anyone may send as {}",
            plain(guilty, Width::Name),
            spf.domain
        ),
    )
    .located(node.location().cloned());
    let problem = match node.record() {
        Some(record) => problem.proof(plain(&record.text, Width::Record)),
        None => problem,
    };
    Ok(Verdict::Fail(vec![problem]))
}
