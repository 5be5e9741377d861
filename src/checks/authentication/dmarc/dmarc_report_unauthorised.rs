//! Have the foreign receivers of reports agreed to get them?

use super::applying;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::dmarc::report_targets::Consent;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dmarc-report-unauthorised",
    area: Area::Authentication,
    title: "a report address in another domain has not agreed to reports",
    severity: Severity::Medium,
    why: "\
        Reports go to another organization only where that one has published its consent; without it \
        receivers send none there, and the owner waits in vain.",
    fix: "Let the report receiver publish the consent record, or name an address in your own domain.",
    references: &[Reference::Rfc { number: 9990, section: "4" }],
    needs: &[Topic::Dmarc],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(found) = applying(facts)? else {
        return Ok(Verdict::NotApplicable("there is no DMARC record, see dmarc-missing"));
    };
    let reports = &facts.dmarc()?.reports;
    let mut problems = Vec::new();
    let mut gap = None;
    let mut foreign = false;
    for report in reports {
        let Consent::Needed { name, given } = &report.consent else { continue };
        foreign = true;
        match given {
            Ok(true) => {}
            Err(unknown) => gap = gap.or_else(|| Some(unknown.clone())),
            Ok(false) => problems.push(
                Problem::at(
                    found.subject(Some(report.uri.span.clone())),
                    format!(
                        "{} has not agreed to reports about {}: there is no v=DMARC1 record at {name}",
                        report.domain, found.step.name
                    ),
                )
                .fix(format!("{} publishes {name}. IN TXT \"v=DMARC1\"", report.domain))
                .located(found.state.location.clone()),
            ),
        }
    }
    match gap {
        Some(gap) if problems.is_empty() => Err(gap),
        Some(gap) => Ok(Verdict::FailInPart(problems, gap)),
        _ if !foreign => Ok(Verdict::NotApplicable("no report address is in another organization's domain")),
        _ => Ok(Verdict::from_problems(problems)),
    }
}
