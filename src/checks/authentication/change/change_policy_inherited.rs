//! A name's own DMARC record that goes, under a policy from above that asks more.

use super::{NOTHING_EARLIER, earlier, one_dmarc, place};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::parse::dmarc::Disposition;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "change-policy-inherited",
    area: Area::Authentication,
    title: "without its own DMARC record the name falls under a stricter policy",
    severity: Severity::Low,
    why: "\
        A record of the name's own often stands there because its mail does not pass DMARC yet. With the \
        record gone, receivers treat that mail as the domain above asks: they set it aside or refuse it.",
    fix: "\
        Put the record back, unless the reports show that all mail of the name passes DMARC.",
    references: &[Reference::Rfc { number: 9989, section: "4.10" }],
    needs: &[Topic::Dmarc],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(before) = facts.before() else { return Ok(Verdict::NotApplicable(NOTHING_EARLIER)) };
    let dmarc = facts.dmarc()?;
    let at = dmarc.domain.prefixed("_dmarc");
    let Some(old) = one_dmarc(&before, &at).map_err(earlier)? else {
        return Ok(Verdict::NotApplicable("the name had no DMARC record of its own"));
    };
    if one_dmarc(facts.ledger(), &at)?.is_some() {
        return Ok(Verdict::Pass);
    }
    let Some(found) = dmarc.walk.discover()? else { return Ok(Verdict::Pass) };
    let (Some(was), Some(now)) = (old.policy(), dmarc.policy.clone()?) else { return Ok(Verdict::Pass) };
    if now <= was {
        return Ok(Verdict::Pass);
    }
    let summary = format!(
        "{at} asked for p={} and holds no one record now; {} applies with {}: mail as {} that does not pass is {}",
        was.name(),
        found.step.name,
        now.name(),
        dmarc.domain,
        match now {
            Disposition::Reject => "refused",
            _ => "set aside",
        }
    );
    let problem = Problem::at(Subject::Domain(at.clone()), summary).located(place(facts, &before, &at));
    Ok(Verdict::Fail(vec![problem]))
}
