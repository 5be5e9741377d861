//! DMARC asks for the very same name where the same organization sufficed.

use super::{NOTHING_EARLIER, earlier, one_dmarc, place};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::parse::dmarc::{Disposition, Mode};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "change-alignment-tightened",
    area: Area::Authentication,
    title: "DMARC alignment becomes strict",
    severity: Severity::Medium,
    why: "\
        Mail whose signature or envelope sender names a subdomain passed DMARC until now and fails from this \
        change on; services that send with a bounce address of their own below the domain are such mail.",
    fix: "\
        Look through the DMARC reports for sources that pass by a subdomain, or keep the relaxed mode.",
    references: &[Reference::Rfc { number: 9989, section: "4.4" }],
    needs: &[Topic::Dmarc],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(before) = facts.before() else { return Ok(Verdict::NotApplicable(NOTHING_EARLIER)) };
    let domain = facts.domain()?;
    let at = domain.prefixed("_dmarc");
    let Some(old) = one_dmarc(&before, &at).map_err(earlier)? else {
        return Ok(Verdict::NotApplicable("there was no one DMARC record before"));
    };
    let Some(new) = one_dmarc(facts.ledger(), &at)? else {
        return Ok(Verdict::NotApplicable("there is no one DMARC record now"));
    };
    let pairs = [("adkim", old.adkim, new.adkim), ("aspf", old.aspf, new.aspf)];
    let strict: Vec<&str> = pairs
        .into_iter()
        .filter(|(_, old, new)| *old == Mode::Relaxed && *new == Mode::Strict)
        .map(|(tag, ..)| tag)
        .collect();
    if strict.is_empty() {
        return Ok(Verdict::Pass);
    }
    let harmless = new.policy() == Some(Disposition::None);
    let severity = if harmless { Severity::Low } else { Severity::Medium };
    let summary = format!(
        "{} of {at} was relaxed and is strict; mail that is signed or bounced to by a name below {domain} no longer passes by it",
        strict.join(" and ")
    );
    let problem = Problem::at(Subject::Domain(at.clone()), summary).severity(severity);
    Ok(Verdict::Fail(vec![problem.located(place(facts, &before, &at))]))
}
