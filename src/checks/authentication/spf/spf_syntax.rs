//! Can every term of the record be read?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::spf::SpfFacts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "spf-syntax",
    area: Area::Authentication,
    title: "the SPF record has a syntax error",
    severity: Severity::High,
    why: "\
        One unreadable term anywhere makes the whole record a `permerror`: no address is authorized, \
        SPF cannot pass, and DMARC loses one of its two feet.",
    fix: "Correct or drop the term that is pointed at.",
    references: &[
        Reference::Rfc { number: 7208, section: "4.6" },
        Reference::Rfc { number: 7208, section: "12" },
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
    let problem = |fault: &crate::parse::spf::Fault| {
        let term = record.text.get(fault.term.clone()).unwrap_or_default();
        let mut problem = Problem::at(
            SpfFacts::subject(node, Some(fault.span.clone())),
            format!("\"{}\": {}", plain(term, Width::Name), fault.message),
        )
        .proof(plain(&record.text, Width::Record))
        .located(node.location().cloned());
        if let Some(term) = fault.replacement.as_deref().filter(|term| !term.is_empty()) {
            problem = problem.fix(format!("Write {} instead.", plain(term, Width::Line)));
        }
        problem
    };
    Ok(Verdict::from_problems(record.faults.iter().map(problem).collect()))
}
