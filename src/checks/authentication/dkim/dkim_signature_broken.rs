//! Do the signatures match the message?

use super::{field, judge_signatures, label};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::dkim::result::{Cause, SignatureResult};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dkim-signature-broken",
    area: Area::Authentication,
    title: "a DKIM signature does not match the message",
    severity: Severity::High,
    why: "\
        A signature that fails counts as none. If something in your own system changes the mail after \
        signing, every message goes out with a broken signature and DMARC rests on SPF alone.",
    fix: "Sign last: after footers, disclaimers, virus scanners and rewriting.",
    references: &[
        Reference::Rfc { number: 6376, section: "6.1.3" },
        Reference::Rfc { number: 6376, section: "3.7" },
    ],
    needs: &[Topic::Dkim],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let results = &facts.dkim().results;
    let another = results.iter().any(|one| one.result == SignatureResult::Pass);
    let verdict = judge_signatures(facts, |at, verified| {
        if !matches!(verified.cause, Cause::Body | Cause::Header) {
            return None;
        }
        let fix = match verified.cause {
            Cause::Body => {
                "Let the signing system be the last that touches the body: move footers, disclaimers, \
                 scanners and character-set conversion before it"
            }
            _ => "Let no system after the signer change the named fields, or sign again after it",
        };
        let severity = if another { Severity::Low } else { Severity::High };
        Some(
            Problem::at(field(at), format!("{}: {}", label(at), verified.reason)).severity(severity).fix(fix),
        )
    })?;
    if verdict == Verdict::Pass && !another {
        // Neither broken nor sound: what kept the key away is the answer.
        if let Some(gap) = results.iter().find_map(|one| one.gap.clone()) {
            return Err(gap);
        }
        return Ok(Verdict::NotApplicable("no signature could be verified, see the other dkim checks"));
    }
    Ok(verdict)
}
