//! Does the record commit itself about strangers?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::{SpfFacts, default_result};
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::spf::Qualifier;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-all-neutral",
    area: Area::Authentication,
    title: "the SPF record ends in ?all",
    severity: Severity::Medium,
    why: "\
        `?all` says that nothing is said: receivers must treat strangers as if the domain had no SPF, \
        so forged mail is not told from real mail.",
    fix: "Find the systems that still send unlisted, name them, and end the record in `~all` or `-all`.",
    references: &[
        Reference::Rfc { number: 7208, section: "2.6.2" },
        Reference::Rfc { number: 7208, section: "8.2" },
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
    let (qualifier, end) = match default_result(node)? {
        Some(found) => found,
        None => return Ok(Verdict::NotApplicable("no end at all, see spf-all-missing")),
    };
    let Some(record) = end.record().filter(|_| qualifier == Qualifier::Neutral) else {
        return Ok(Verdict::Pass);
    };
    let span = record.all().and_then(|(index, _)| Some(record.terms.get(index)?.span.clone()));
    let problem = Problem::at(
        SpfFacts::subject(end, span),
        format!("?all at {}: an address that no term names gets neutral", plain(&end.domain, Width::Name)),
    )
    .proof(plain(&record.text, Width::Record))
    .located(end.location().cloned());
    Ok(Verdict::Fail(vec![problem]))
}
