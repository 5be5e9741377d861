//! Is the signer's clock right?

use super::{field, judge_signatures, label};
use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "dkim-signature-future",
    area: Area::Authentication,
    title: "a DKIM signature is dated in the future",
    severity: Severity::Medium,
    why: "\
        Verifiers may ignore a signature whose t= has not come yet. The cause is a wrong clock at the \
        signing system, and then other things, such as TLS and Date, are wrong too.",
    fix: "Set the signing system's clock with NTP.",
    references: &[Reference::Rfc { number: 6376, section: "3.5" }],
    needs: &[Topic::Dkim],
    since: "0.1.0",
    run,
};

/// Clocks differ; OpenDKIM allows as much.
const TOLERANCE: i64 = 300;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let now = facts.now();
    judge_signatures(facts, |at, _| {
        let ahead = at.signature.signed_at?.saturating_sub(now);
        (ahead > TOLERANCE).then(|| {
            let summary = format!("{}: t= is {} minutes ahead of the clock", label(at), ahead / 60);
            Problem::at(field(at), summary).fix("Synchronise the signing system's clock (chrony, ntpd)")
        })
    })
}
