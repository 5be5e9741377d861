//! Does anybody get the aggregate reports?

use super::applying;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dmarc-report-missing",
    area: Area::Authentication,
    title: "no aggregate reports are asked for",
    severity: Severity::Low,
    why: "\
        Without rua= nobody learns which systems send in the domain's name and which of its own mail \
        fails, so the policy can only be raised blindly.",
    fix: "Add rua=mailto:ADDRESS with a mailbox or service that reads the reports.",
    references: &[Reference::Rfc { number: 9990, section: "" }],
    needs: &[Topic::Dmarc],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(found) = applying(facts)? else {
        return Ok(Verdict::NotApplicable("there is no DMARC record, see dmarc-missing"));
    };
    if found.record.rua.iter().any(|uri| uri.usable) {
        return Ok(Verdict::Pass);
    }
    let tag = found.record.list.get("rua");
    let seen = match tag {
        Some(_) => "rua= holds no usable address",
        None => "there is no rua= tag",
    };
    Ok(Verdict::Fail(vec![
        Problem::at(
            found.subject(tag.map(|tag| tag.span.clone())),
            format!("{seen}: no receiver reports who sends as {}", found.step.name),
        )
        .fix("Add rua=mailto:ADDRESS to the record, with a mailbox or a report service that reads them as ADDRESS")
        .located(found.state.location.clone()),
    ]))
}
