//! Deferred mail is tried again too soon.

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::Width;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "retry-too-fast",
    area: Area::Throttling,
    title: "deferred mail is tried again too soon",
    severity: Severity::Medium,
    why: "\
        A receiver that asked to wait counts every early retry as one more offence. RFC 5321 asks for at \
        least 30 minutes between attempts, and large receivers mind anything under a few.",
    fix: "Raise the retry interval: in Postfix minimal_backoff_time = 300s or more, on IBM i CHGSMTPA RTYMIN.",
    references: &[Reference::Rfc { number: 5321, section: "4.5.4.1" }, pages::GOOGLE_SENDERS],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

/// Seconds under which a retry hurts. Postfix's own default is 300.
const LEAST: u64 = 60;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let traffic = facts.traffic()?;
    let Some(shortest) = &traffic.shortest_retry else {
        return Ok(Verdict::NotApplicable("the log shows no retry"));
    };
    if shortest.seconds >= LEAST {
        return Ok(Verdict::Pass);
    }
    let hasty: u64 = traffic.retry_within.range(..=LEAST).map(|(_, count)| count).sum();
    let all: u64 = traffic.retry_within.values().sum();
    let summary = format!(
        "{hasty} of {all} retries came within a minute; the shortest after {} s (message {})",
        shortest.seconds,
        crate::model::untrusted::plain(&shortest.queue_id, Width::Word)
    );
    Ok(Verdict::Fail(vec![
        Problem::at(Subject::Traffic, summary)
            .confidence(Confidence::Firm)
            .located(shortest.location.clone()),
    ]))
}
