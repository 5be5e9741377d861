//! Are tags in use that RFC 9989 removed?

use super::own_steps;
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::dmarc::walk::record_subject;
use crate::model::untrusted::Width;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dmarc-tag-removed",
    area: Area::Authentication,
    title: "the DMARC record uses tags that no longer exist",
    severity: Severity::Low,
    why: "\
        RFC 9989 removed pct, rf and ri. Receivers that follow it ignore them, older ones do not, so \
        the same record means different things: with pct under 100 one enforces and the other does not.",
    fix: "Remove the tags; to hold a policy back use t=y.",
    references: &[Reference::Rfc { number: 9989, section: "C.5.1" }],
    needs: &[Topic::Dmarc],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let (steps, gap) = own_steps(facts)?;
    let mut problems = Vec::new();
    let mut records = 0;
    for (step, state) in steps {
        for record in &state.records {
            records += 1;
            for tag in &record.removed {
                let partial = tag.name == "pct" && record.pct < 100;
                let text = crate::model::untrusted::plain(&tag.value, Width::Word);
                let summary = match partial {
                    true => format!(
                        "pct={text}: older receivers apply the policy to {text} % of the mail, newer ones to all"
                    ),
                    false => format!("{}={text} was removed from DMARC and is ignored", tag.name),
                };
                let fix = match partial {
                    true => format!("Remove pct={text}; while you are still testing the policy, t=y says so"),
                    false => format!("Remove {}={text} from the record", tag.name),
                };
                problems.push(
                    Problem::at(record_subject(&step.name, &record.text, Some(tag.span.clone())), summary)
                        .severity(if partial { Severity::Medium } else { Severity::Low })
                        .fix(fix)
                        .located(state.location.clone()),
                );
            }
        }
    }
    match gap {
        Some(gap) if problems.is_empty() => Err(gap),
        Some(gap) => Ok(Verdict::FailInPart(problems, gap)),
        _ if records == 0 => Ok(Verdict::NotApplicable("there is no DMARC record, see dmarc-missing")),
        _ => Ok(Verdict::from_problems(problems)),
    }
}
