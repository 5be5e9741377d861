//! Mail goes to mailboxes that do not exist.

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;
use crate::triage::cause::Cause;
use crate::triage::traffic_causes::replies_by_cause;

pub(super) static CHECK: Check = Check {
    code: "unknown-users-mailed",
    area: Area::SendingPractices,
    title: "mail goes to mailboxes that do not exist",
    severity: Severity::Medium,
    why: "\
        Writing again to addresses that were refused as unknown is the surest mark of a neglected list; \
        Yahoo, Microsoft and T-Online count it against the sending address.",
    fix: "Take these addresses out of the application's address book now, and let bounces do it from then on.",
    references: &[pages::M3AAWG_PRACTICES, Reference::Rfc { number: 3463, section: "3.2" }],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

/// Share of attempts to unknown users from which it is no longer a typing error now and then.
const MINDED: f64 = 0.01;
/// Unknown-user replies that are worth a word whatever the volume.
const LEAST: u64 = 3;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let traffic = facts.traffic()?;
    let attempts = traffic.totals.attempts();
    if attempts == 0 {
        return Err(Gap::undecidable("the log shows no delivery attempt"));
    }
    let unknown: Vec<_> = replies_by_cause(traffic).remove(&Cause::UnknownUser).unwrap_or_default();
    let count: u64 = unknown.iter().map(|reply| reply.count).sum();
    if count < LEAST || (count as f64) < MINDED * attempts as f64 {
        return Ok(Verdict::Pass);
    }
    let mut problem = Problem::at(
        Subject::Traffic,
        format!("{count} of {attempts} attempts were refused because the mailbox does not exist"),
    )
    .confidence(Confidence::Firm);
    if let Some(first) = unknown.first() {
        problem = problem.proof(first.text.plain(Width::Record)).located(first.example.clone());
    }
    Ok(Verdict::Fail(vec![problem]))
}
