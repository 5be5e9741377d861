//! Do new and old receivers find the same organizational domain?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::parse::dmarc::Psd;
use crate::parse::web::psl;
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dmarc-org-domain-disputed",
    area: Area::Authentication,
    title: "receivers disagree about the organizational domain",
    severity: Severity::Low,
    why: "\
        RFC 9989 finds the organizational domain by walking the DNS, RFC 7489 by the public suffix \
        list. Where the two differ, relaxed alignment and the policy that applies differ by receiver, \
        and the same mail passes at one and fails at the next.",
    fix: "Publish a DMARC record at the registrable domain too, with psd=n where the boundary is.",
    references: &[
        Reference::Rfc { number: 9989, section: "4.10.2" },
        Reference::Rfc { number: 7489, section: "3.2" },
    ],
    needs: &[Topic::Dmarc],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let dmarc = facts.dmarc()?;
    let (by_walk, settled) = dmarc.walk.organizational()?;
    if !settled {
        return Ok(Verdict::NotApplicable("there is no DMARC record on the way, see dmarc-missing"));
    }
    let by_list = psl::organizational(&dmarc.domain);
    let claims = dmarc.walk.steps.iter().find(|step| {
        let record = step.state.as_ref().ok().and_then(|state| state.record());
        record.is_some_and(|record| record.psd == Psd::Yes) && psl::registrable(&step.name).is_some()
    });
    let summary = match claims {
        _ if by_walk != by_list => {
            format!("{by_walk} by the DNS (RFC 9989), {by_list} by the public suffix list (RFC 7489)")
        }
        Some(step) => format!(
            "{} says psd=y: each name below {} is an organization of its own by the DNS (RFC 9989), and all are \
             {by_list} by the public suffix list (RFC 7489)",
            step.name.prefixed("_dmarc"),
            step.name
        ),
        None => return Ok(Verdict::Pass),
    };
    let fix = match claims {
        // A registry may well mean it, and without it all its tenants are one organization.
        Some(step) if step.name != dmarc.domain => format!(
            "If {} is no registry of names, remove psd=y from the record at {}; else publish a DMARC record at {}",
            step.name,
            step.name.prefixed("_dmarc"),
            dmarc.domain.prefixed("_dmarc")
        ),
        Some(step) => format!(
            "Remove psd=y from the record at {}: it says that the names below belong to others, as a registry's do",
            step.name.prefixed("_dmarc")
        ),
        None if by_walk.is_within(&by_list) => {
            format!("If {by_list} is yours as well, publish a DMARC record at _dmarc.{by_list}")
        }
        None => format!("Publish psd=n in the record at _dmarc.{by_list}"),
    };
    Ok(Verdict::Fail(vec![Problem::at(Subject::Domain(dmarc.domain.clone()), summary).fix(fix)]))
}
