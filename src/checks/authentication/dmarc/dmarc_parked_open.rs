//! Is a domain that sends no mail closed to forgers?

use super::applying;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::parse::dmarc::Disposition;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dmarc-parked-open",
    area: Area::Authentication,
    title: "a domain that sends no mail is open to forgers",
    severity: Severity::Medium,
    why: "\
        v=spf1 -all says that the domain sends nothing, but most receivers refuse forged mail only \
        where DMARC asks for it. A name that never sends can be closed without any risk.",
    fix: "Publish v=DMARC1; p=reject; sp=reject beside v=spf1 -all and a null MX.",
    references: &[
        Reference::Rfc { number: 7208, section: "10.1.2" },
        Reference::Rfc { number: 9989, section: "4.7" },
        Reference::Rfc { number: 7505, section: "4.2" },
    ],
    needs: &[Topic::Spf, Topic::Dmarc],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let sends_nothing = match facts.spf()?.single()? {
        Ok(record) => record.text.split_ascii_whitespace().eq(["v=spf1", "-all"]),
        Err(_) => false,
    };
    if !sends_nothing {
        return Ok(Verdict::NotApplicable("the domain does not say that it sends no mail (v=spf1 -all)"));
    }
    let dmarc = facts.dmarc()?;
    let domain = &dmarc.domain;
    let seen = match (applying(facts)?, dmarc.policy.clone()?) {
        (_, Some(Disposition::Reject)) => return Ok(Verdict::Pass),
        (None, _) => "no DMARC record".to_owned(),
        (Some(_), Some(policy)) => format!("DMARC asks for {} only", policy.name()),
        (Some(_), None) => "its DMARC record is useless".to_owned(),
    };
    Ok(Verdict::Fail(vec![
        Problem::at(Subject::Domain(domain.clone()), format!("{domain} says it sends no mail, but {seen}"))
            .fix(format!("Publish p=reject and sp=reject in the DMARC record at _dmarc.{domain}")),
    ]))
}
