//! Does the message's ARC chain hold?

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "arc-chain-broken",
    area: Area::Authentication,
    title: "the ARC chain does not verify",
    severity: Severity::Low,
    why: "\
        ARC hands on what a forwarder saw of SPF, DKIM and DMARC. A broken chain is ignored, so mail \
        whose own authentication broke on the way fails DMARC. An intact one helps only at receivers \
        that trust the sealer (Microsoft's trusted sealers, for one); the IETF means to retire ARC.",
    fix: "Let the system that seals be the last to touch the mail, and publish its key.",
    references: &[Reference::Rfc { number: 8617, section: "5.2" }],
    needs: &[Topic::Arc],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    crate::checks::authentication::dkim::message(facts)?;
    let arc = facts.arc();
    match &arc.chain {
        None => Ok(Verdict::NotApplicable("the message carries no ARC set")),
        Some(Ok(())) => Ok(Verdict::Pass),
        Some(Err(why)) => match &arc.gap {
            Some(gap) => Err(gap.clone()),
            None => {
                let sealers: Vec<String> = arc.sealers.iter().map(ToString::to_string).collect();
                let by = if sealers.is_empty() {
                    String::new()
                } else {
                    format!(" (sealed by {})", sealers.join(", "))
                };
                Ok(Verdict::Fail(vec![Problem::at(
                    Subject::Message,
                    format!("{why}{by}: receivers ignore the chain of {} sets", arc.sets),
                )]))
            }
        },
    }
}
