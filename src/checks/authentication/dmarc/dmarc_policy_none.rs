//! Does the policy protect the domain?

use super::applying;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::dmarc::walk::Place;
use crate::model::{Area, Gap, Severity, Topic};
use crate::parse::dmarc::{Disposition, Standing};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dmarc-policy-none",
    area: Area::Authentication,
    title: "the DMARC policy is none",
    severity: Severity::Medium,
    why: "\
        With p=none receivers deliver forged mail as before. It is the right start, and the minimum \
        large receivers ask for, but it protects nobody, and brand indicators (BIMI) need more.",
    fix: "Read the aggregate reports until your own mail passes, then publish p=quarantine, then p=reject.",
    references: &[Reference::Rfc { number: 9989, section: "5.1" }],
    needs: &[Topic::Dmarc],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(found) = applying(facts)? else {
        return Ok(Verdict::NotApplicable("there is no DMARC record, see dmarc-missing"));
    };
    // RFC 9989 section 4.7: without a policy that can be read, and with a usable rua=, it is none.
    let assumed = match found.record.standing {
        Standing::Sound => false,
        Standing::ReportOnly => true,
        Standing::Useless => return Ok(Verdict::NotApplicable("the record is malformed, see dmarc-syntax")),
    };
    let dmarc = facts.dmarc()?;
    let by_test = !assumed && found.record.testing && found.record.p != Some(Disposition::None);
    match dmarc.policy.clone()? {
        Some(Disposition::None) if !by_test => {}
        _ => return Ok(Verdict::Pass),
    }
    let tag = match found.place {
        Place::Author => "p",
        _ if found.record.list.get("sp").is_some() => "sp",
        _ => "p",
    };
    let span = found.record.list.get(tag).map(|tag| tag.span.clone());
    let rua = if found.record.rua.iter().any(|uri| uri.usable) {
        "Once two weeks of reports show all your systems passing"
    } else {
        "Add rua=mailto:ADDRESS first; once two weeks of reports show all your systems passing"
    };
    let weak_below = tag == "p" && found.record.sp == Some(Disposition::None);
    let more = if weak_below { " and sp=none to sp=quarantine" } else { "" };
    let (summary, fix) = match assumed {
        false => (
            format!("{} applies {tag}=none to {}: forged mail is delivered", found.step.name, dmarc.domain),
            format!("{rua}, change {tag}=none to {tag}=quarantine{more}, later to reject"),
        ),
        true => (
            format!(
                "{} names no policy that receivers can read, which is {tag}=none for {}: forged mail is delivered",
                found.step.name, dmarc.domain
            ),
            "Write the policy that was meant, see dmarc-syntax".to_owned(),
        ),
    };
    Ok(Verdict::Fail(vec![
        Problem::at(found.subject(span), summary).fix(fix).located(found.state.location.clone()),
    ]))
}
