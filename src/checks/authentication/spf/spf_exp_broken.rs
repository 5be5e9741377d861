//! Does exp lead to one readable explanation?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::SpfFacts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::spf::MacroString;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-exp-broken",
    area: Area::Authentication,
    title: "the explanation behind exp= cannot be used",
    severity: Severity::Low,
    why: "\
        Receivers that refuse mail quote the explanation to the sender. Without one readable text they fall \
        back to their own words, and the reader does not learn whom to ask.",
    fix: "Publish one TXT record of plain ASCII at the name, or drop `exp=`.",
    references: &[Reference::Rfc { number: 7208, section: "6.2" }],
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
    let (Some((index, _)), Some(explain)) = (record.exp(), &node.explain) else {
        return Ok(Verdict::NotApplicable("the record has no exp"));
    };
    let Some(target) = &explain.target else {
        return explain
            .texts
            .clone()
            .map(|_| Verdict::NotApplicable("the name of exp depends on the sender"));
    };
    let texts = explain.texts.clone()?;
    let what = match texts.as_slice() {
        [] => "has no TXT record".to_owned(),
        [text] => match std::str::from_utf8(text).ok().filter(|text| text.is_ascii()) {
            None => "has a text that is not ASCII".to_owned(),
            Some(text) => match MacroString::parse(text, 0, true) {
                Ok(_) => return Ok(Verdict::Pass),
                Err(fault) => format!("has a text with a bad macro: {}", fault.message),
            },
        },
        many => format!("has {} TXT records where one is allowed", many.len()),
    };
    let span = record.terms.get(index).map(|term| term.span.clone());
    Ok(Verdict::Fail(vec![
        Problem::at(
            SpfFacts::subject(node, span),
            format!("{} {what}, so receivers ignore exp=", plain(target, Width::Line)),
        )
        .proof(plain(&record.text, Width::Record))
        .located(node.location().cloned()),
    ]))
}
