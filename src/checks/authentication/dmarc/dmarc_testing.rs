//! Is the policy held back by `t=y`?

use super::applying;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::dmarc::Disposition;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dmarc-testing",
    area: Area::Authentication,
    title: "the DMARC policy is in test mode",
    severity: Severity::Medium,
    why: "\
        t=y asks receivers to apply the next lower policy: reject becomes quarantine, quarantine \
        becomes none. The record looks stricter than it works.",
    fix: "Remove t=y once the reports show that your own mail passes.",
    references: &[Reference::Rfc { number: 9989, section: "4.7" }],
    needs: &[Topic::Dmarc],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(found) = applying(facts)? else {
        return Ok(Verdict::NotApplicable("there is no DMARC record, see dmarc-missing"));
    };
    if !found.record.testing {
        return Ok(Verdict::Pass);
    }
    let Some(policy) = found.record.policy() else {
        return Ok(Verdict::NotApplicable("the record is malformed, see dmarc-syntax"));
    };
    let span = found.record.list.get("t").map(|tag| tag.span.clone());
    let summary = format!("t=y makes p={} work as {}", policy.name(), policy.one_lower().name());
    let severity = if policy == Disposition::None { Severity::Info } else { Severity::Medium };
    Ok(Verdict::Fail(vec![
        Problem::at(found.subject(span), summary)
            .severity(severity)
            .fix("Once the reports show your own mail passing, remove t=y (or write t=n)")
            .located(found.state.location.clone()),
    ]))
}
