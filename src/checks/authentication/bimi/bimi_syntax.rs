//! Can receivers read the BIMI record?

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "bimi-syntax",
    area: Area::Authentication,
    title: "the BIMI record is malformed",
    severity: Severity::Low,
    why: "\
        A BIMI record that cannot be read shows no logo; mail is delivered all the same.",
    fix: "Publish v=BIMI1; l=https://HOST/logo.svg; a=https://HOST/certificate.pem.",
    references: &[pages::BIMI_DRAFT],
    needs: &[Topic::Bimi],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(bimi) = facts.bimi()? else {
        return Ok(Verdict::NotApplicable("the domain publishes no BIMI record"));
    };
    if bimi.records.len() > 1 {
        let summary = format!("{} has {} BIMI records: receivers use none", bimi.name, bimi.records.len());
        return Ok(Verdict::Fail(vec![
            Problem::at(bimi.subject(None), summary).fix("Keep one record").located(bimi.location.clone()),
        ]));
    }
    let problems = bimi.records.iter().flat_map(|record| record.faults.iter()).map(|fault| {
        Problem::at(bimi.subject(Some(fault.span.clone())), format!("{}: {}", bimi.name, fault.text))
            .severity(if fault.fatal { Severity::Low } else { Severity::Info })
            .located(bimi.location.clone())
    });
    Ok(Verdict::from_problems(problems.collect()))
}
