//! The TLS reporting record is broken.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::transport::Announced;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "tls-rpt-syntax",
    area: Area::Authentication,
    title: "the TLS reporting record is broken",
    severity: Severity::Low,
    why: "\
        Senders ignore a record they cannot read, or all of them where there are several, so the reports \
        that would show failing encryption never come.",
    fix: "Publish exactly one record: v=TLSRPTv1; rua=mailto:ADDRESS",
    references: &[Reference::Rfc { number: 8460, section: "3" }],
    needs: &[Topic::Transport],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let domain = facts.domain()?;
    let found = facts.transport()?.tls_rpt.as_ref().map_err(Gap::clone)?;
    let mut problems: Vec<Problem> = found.iter().filter_map(problem).collect();
    match found.as_slice() {
        [] => return Ok(Verdict::NotApplicable("the domain publishes no such record")),
        [_] => {}
        [first, ..] => problems.push(
            Problem::at(
                Subject::Domain(first.name.clone()),
                format!("{} holds {} records, and senders then ignore them all", first.name, found.len()),
            )
            .located(first.location.clone()),
        ),
    }
    let fix = "v=TLSRPTv1; rua=mailto:tls-reports@DOMAIN".replace("DOMAIN", domain.as_str());
    let name = found.first().map(|record| record.name.to_string()).unwrap_or_default();
    let fixed = problems.into_iter().map(|problem| problem.fix(format!("{name}. TXT \"{fix}\"")));
    Ok(Verdict::from_problems(fixed.collect()))
}

fn problem(record: &Announced) -> Option<Problem> {
    let fault = record.fault.as_ref()?;
    let text = String::from_utf8_lossy(&record.text).into_owned();
    let subject =
        Subject::Record { question: format!("{} TXT", record.name), text: text.clone(), span: None };
    Some(
        Problem::at(subject, format!("the record at {} cannot be used: {fault}", record.name))
            .proof(crate::model::untrusted::plain(&text, 300))
            .located(record.location.clone()),
    )
}
