//! Do the signatures last long enough?

use super::{field, judge_signatures, label};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::dkim::result::Cause;
use crate::model::{Area, Confidence, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dkim-signature-expired",
    area: Area::Authentication,
    title: "a DKIM signature expires too early",
    severity: Severity::Medium,
    why: "\
        After x= a signature counts as failed. Mail waits in queues for up to five days and is \
        forwarded later still, so a short life makes good mail fail at the end of its journey.",
    fix: "Leave x= out, or set it at least a week after t=.",
    references: &[
        Reference::Rfc { number: 6376, section: "3.5" },
        Reference::Rfc { number: 5321, section: "4.5.4.1" },
    ],
    needs: &[Topic::Dkim],
    since: "0.1.0",
    run,
};

/// Senders try for four to five days (RFC 5321 section 4.5.4.1).
const QUEUE_LIFE: i64 = 5 * 86_400;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let unjudged = facts.dkim().results.iter().find_map(|verified| {
        // Over, and not called so: a signature that no key was found for is not judged to its end.
        let expires = facts.signatures().get(verified.index)?.signature.expires_at?;
        verified.gap.clone().filter(|_| expires < facts.now())
    });
    let verdict = judge_signatures(facts, |at, verified| {
        let expires = at.signature.expires_at?;
        let fix = "Configure the signer to leave x= out, or to set it at least 7 days after t=";
        if verified.cause == Cause::Expired {
            return Some(Problem::at(field(at), format!("{}: {}", label(at), verified.reason)).fix(fix));
        }
        let life = expires.checked_sub(at.signature.signed_at?)?;
        (0 < life && life < QUEUE_LIFE).then(|| {
            let summary =
                format!("{}: it lives {} hours, a queue may hold mail for 5 days", label(at), life / 3600);
            Problem::at(field(at), summary).severity(Severity::Low).confidence(Confidence::Firm).fix(fix)
        })
    })?;
    match (verdict, unjudged) {
        (Verdict::Fail(problems), gap) => Verdict::so_far(problems, gap),
        (Verdict::Pass, Some(gap)) => Err(gap),
        (verdict, _) => Ok(verdict),
    }
}
