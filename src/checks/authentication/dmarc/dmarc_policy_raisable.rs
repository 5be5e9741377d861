//! Do the reports show that the policy can go up a step?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dmarc-policy-raisable",
    area: Area::Authentication,
    title: "the reports show that the DMARC policy can be stricter",
    severity: Severity::Low,
    why: "\
        All your mail passes, so a stricter policy costs you nothing and stops those who forge it.",
    fix: "Publish the next policy: quarantine after none, reject after quarantine.",
    references: &[Reference::Rfc { number: 9989, section: "5.1" }],
    needs: &[Topic::Dmarc, Topic::Spf],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    facts.reported()?;
    let rungs = facts.ladder()?;
    let Some(next) = rungs.first() else {
        return Ok(Verdict::NotApplicable("there is no DMARC policy, or it is reject already"));
    };
    match next.ready() {
        Some(false) => return Ok(Verdict::Pass),
        None => {
            let open = next.requirements.iter().find(|requirement| requirement.met.is_none());
            let why = open.map(|r| format!("{}: {}", r.text, r.detail)).unwrap_or_default();
            return Err(Gap::undecidable(why));
        }
        Some(true) => {}
    }
    let shown: Vec<String> = next.requirements.iter().map(|r| r.detail.clone()).collect();
    Ok(Verdict::Fail(vec![
        Problem::at(
            facts.domain_subject(),
            format!("nothing stands against p={}: {}", next.policy.name(), shown.join("; ")),
        )
        .fix(format!("Publish \"{}\"", next.record))
        .confidence(Confidence::Firm),
    ]))
}
