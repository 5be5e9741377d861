//! Can the report addresses take mail?

use super::applying;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Name, Rdata, Record, RecordType, Role, Severity, Topic};
use crate::parse::web::psl;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dmarc-report-unreachable",
    area: Area::Authentication,
    title: "a report address is in a domain that takes no mail",
    severity: Severity::Medium,
    why: "\
        Reports are sent by mail. A domain without a mail server, or with a null MX, gets none of \
        them, and receivers may stop trying.",
    fix: "Name a report address in a domain that has a mail server.",
    references: &[
        Reference::Rfc { number: 5321, section: "5.1" },
        Reference::Rfc { number: 7505, section: "3" },
    ],
    needs: &[Topic::Dmarc],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(found) = applying(facts)? else {
        return Ok(Verdict::NotApplicable("there is no DMARC record, see dmarc-missing"));
    };
    let reports = &facts.dmarc()?.reports;
    if reports.is_empty() {
        return Ok(Verdict::NotApplicable("there is no report address, see dmarc-report-missing"));
    }
    let mut problems = Vec::new();
    let mut gap = None;
    for report in reports {
        match &report.receives {
            Ok(true) => {}
            Err(unknown) => gap = gap.or_else(|| Some(unknown.clone())),
            Ok(false) => problems.push(
                Problem::at(
                    found.subject(Some(report.uri.span.clone())),
                    format!("{} has no mail server: reports for {}= are lost", report.domain, report.tag),
                )
                .fix(advice(facts, &report.domain))
                .located(found.state.location.clone()),
            ),
        }
    }
    Verdict::so_far(problems, gap)
}

/// A name that says of itself that it takes no mail stays as it is: the reports go elsewhere.
fn advice(facts: &Facts, at: &Name) -> String {
    let is_own =
        facts.author_domain().is_ok_and(|domain| psl::organizational(&domain) == psl::organizational(at));
    let null = |record: &Record| matches!(&record.rdata, Rdata::Mx { exchange, .. } if exchange.is_root());
    let takes_none =
        facts.ledger().peek(at, RecordType::Mx).is_ok_and(|found| found.records().iter().any(null))
            || (is_own && facts.role().is_ok_and(|role| matches!(role, Role::Parked | Role::ReverseZone)));
    match (takes_none, facts.author_domain()) {
        (true, Ok(domain)) => format!(
            "{at} takes no mail and need not: name an address in a domain with a mail server, whose owner publishes \
             {domain}._report._dmarc.THAT-DOMAIN. TXT \"v=DMARC1\""
        ),
        _ => format!("Publish an MX record for {at}, or name another address"),
    }
}
