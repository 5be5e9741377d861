//! Does anything stand behind the end of the record?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::SpfFacts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::spf::TermKind;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-terms-after-all",
    area: Area::Authentication,
    title: "terms of the SPF record stand behind all and are never reached",
    severity: Severity::Medium,
    why: "\
        `all` always matches, so receivers never look at what stands behind it: senders named only there are \
        not authorized.",
    fix: "Move `all` to the end of the record.",
    references: &[Reference::Rfc { number: 7208, section: "5.1" }],
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
    let Some((all, _)) = record.all() else {
        return Ok(Verdict::NotApplicable("the record has no all"));
    };
    let is_dead = |index: usize, kind: &TermKind| index > all && matches!(kind, TermKind::Directive { .. });
    let dead: Vec<_> =
        record.terms.iter().enumerate().filter(|(index, term)| is_dead(*index, &term.kind)).collect();
    let (Some((_, first)), Some((_, last))) = (dead.first(), dead.last()) else {
        return Ok(Verdict::Pass);
    };
    let names: Vec<String> = dead.iter().map(|(_, term)| plain(record.text_of(term), Width::Name)).collect();
    Ok(Verdict::Fail(vec![
        Problem::at(
            SpfFacts::subject(node, Some(first.span.start..last.span.end)),
            format!("{} behind all: never reached", names.join(" ")),
        )
        .proof(plain(&record.text, Width::Record))
        .located(node.location().cloned()),
    ]))
}
