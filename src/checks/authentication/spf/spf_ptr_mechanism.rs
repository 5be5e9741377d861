//! Does the record lean on reverse DNS?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::SpfFacts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::spf::{Mechanism, Term, TermKind};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-ptr-mechanism",
    area: Area::Authentication,
    title: "the SPF record uses ptr",
    severity: Severity::Medium,
    why: "\
        `ptr` and the macro `%{p}` should not be published: they are slow, load the servers of reverse \
        DNS, and several large receivers skip them, so senders named only this way do not pass there.",
    fix: "Name the senders by `ip4:`, `ip6:`, `a:` or `include:` instead.",
    references: &[
        Reference::Rfc { number: 7208, section: "5.5" },
        Reference::Rfc { number: 7208, section: "7.2" },
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
    let problems = record.terms.iter().filter(|term| leans(term)).map(|term| {
        let what = match &term.kind {
            TermKind::Directive { mechanism: Mechanism::Ptr(_), .. } => "the mechanism ptr",
            _ => "the macro %{p}",
        };
        Problem::at(
            SpfFacts::subject(node, Some(term.span.clone())),
            format!("\"{}\" uses {what}, which receivers may skip", plain(record.text_of(term), Width::Name)),
        )
        .proof(plain(&record.text, Width::Record))
        .located(node.location().cloned())
    });
    Ok(Verdict::from_problems(problems.collect()))
}

fn leans(term: &Term) -> bool {
    let is_ptr = matches!(&term.kind, TermKind::Directive { mechanism: Mechanism::Ptr(_), .. });
    is_ptr || term.macros().is_some_and(|text| text.uses("p"))
}
