//! Does each string of the record fit into one character-string?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::SpfFacts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::spf::is_spf;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-string-too-long",
    area: Area::Authentication,
    title: "a string of the SPF record is longer than 255 octets",
    severity: Severity::High,
    why: "\
        A character-string holds at most 255 octets. A name server refuses such a zone, or cuts the \
        record, and then receivers see a broken SPF record or none.",
    fix: "Split the record into several quoted strings within one TXT record; they are joined without a space.",
    references: &[
        Reference::Rfc { number: 7208, section: "3.3" },
        Reference::Rfc { number: 1035, section: "3.3.14" },
    ],
    needs: &[Topic::Spf],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let spf = facts.spf()?;
    let texts = spf.texts.clone()?;
    let mut spf_texts = texts.iter().filter(|text| is_spf(&text.joined())).peekable();
    if spf_texts.peek().is_none() {
        return Ok(Verdict::NotApplicable("no SPF record, see spf-missing"));
    }
    let problems = spf_texts.filter_map(|text| {
        let longest = text.strings.iter().map(Vec::len).max().filter(|length| *length > 255)?;
        Some(
            Problem::at(
                SpfFacts::subject(&spf.policy.root, None),
                format!("a string of {longest} octets; a TXT string holds at most 255"),
            )
            .located(text.location.clone()),
        )
    });
    Ok(Verdict::from_problems(problems.collect()))
}
