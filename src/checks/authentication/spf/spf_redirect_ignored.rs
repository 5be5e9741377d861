//! Does redirect have an effect?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::SpfFacts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-redirect-ignored",
    area: Area::Authentication,
    title: "redirect is ignored because the SPF record has an all",
    severity: Severity::Medium,
    why: "\
        With an `all` anywhere in the record receivers ignore `redirect`, so the senders of the record it \
        names are not authorized.",
    fix: "Drop the `all`, or use `include:` instead of `redirect=`.",
    references: &[Reference::Rfc { number: 7208, section: "6.1" }],
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
    let Some((index, _)) = record.redirect() else {
        return Ok(Verdict::NotApplicable("the record has no redirect"));
    };
    if record.all().is_none() {
        return Ok(Verdict::Pass);
    }
    let Some(term) = record.terms.get(index) else { return Ok(Verdict::Pass) };
    Ok(Verdict::Fail(vec![
        Problem::at(
            SpfFacts::subject(node, Some(term.span.clone())),
            format!("{} has no effect beside all", plain(record.text_of(term), Width::Name)),
        )
        .proof(plain(&record.text, Width::Record))
        .located(node.location().cloned()),
    ]))
}
