//! Is there one DMARC record per name?

use super::own_steps;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::dmarc::walk::record_subject;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dmarc-multiple",
    area: Area::Authentication,
    title: "a name has more than one DMARC record",
    severity: Severity::High,
    why: "\
        Where a receiver finds several DMARC records at one name it discards them all: the domain is \
        as unprotected as without any, and no reports come.",
    fix: "Merge the records into one TXT record.",
    references: &[Reference::Rfc { number: 9989, section: "4.10" }],
    needs: &[Topic::Dmarc],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let (steps, gap) = own_steps(facts)?;
    let mut problems = Vec::new();
    let mut records = 0;
    for (step, state) in steps {
        records += state.records.len();
        if state.records.len() < 2 {
            continue;
        }
        let summary = format!(
            "{} has {} records that begin with v=DMARC1: receivers discard them all",
            step.name.prefixed("_dmarc"),
            state.records.len()
        );
        problems.push(
            Problem::at(record_subject(&step.name, "", None), summary)
                .fix("Put them into one record and delete the others")
                .located(state.location.clone()),
        );
    }
    match gap {
        Some(gap) if problems.is_empty() => Err(gap),
        Some(gap) => Ok(Verdict::FailInPart(problems, gap)),
        _ if records == 0 => Ok(Verdict::NotApplicable("there is no DMARC record, see dmarc-missing")),
        _ => Ok(Verdict::from_problems(problems)),
    }
}
