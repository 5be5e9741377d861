//! Mail is given up after days in the queue.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::traffic::Ending;
use crate::model::untrusted::Width;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "queue-expired",
    area: Area::Throttling,
    title: "mail is given up after days in the queue",
    severity: Severity::High,
    why: "\
        The recipient never got it and the sender learns of it only if the bounce is read. The replies of \
        the days before name the cause.",
    fix: "Read the last deferral of each message, mend its cause, and send the message again.",
    references: &[Reference::Rfc { number: 5321, section: "4.5.4.1" }],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let traffic = facts.traffic()?;
    if traffic.totals.attempts() == 0 {
        return Err(Gap::undecidable("the log shows no delivery attempt"));
    }
    let expired = traffic.totals.expired;
    if expired == 0 {
        return Ok(Verdict::Pass);
    }
    let mut problem =
        Problem::at(Subject::Traffic, format!("{expired} messages were given up after the queue lifetime"))
            .confidence(Confidence::Firm);
    if let Some(example) = traffic.undelivered.iter().find(|waiting| waiting.ending == Ending::Expired) {
        problem = problem
            .proof(format!(
                "{}: {}",
                example.recipient.plain(Width::Line),
                example.reply.plain(Width::Record)
            ))
            .located(example.location.clone());
    }
    Ok(Verdict::Fail(vec![problem]))
}
