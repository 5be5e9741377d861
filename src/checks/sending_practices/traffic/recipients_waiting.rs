//! Mail has not reached its recipients.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::traffic::{Ending, Undelivered};
use crate::model::untrusted::Width;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;
use crate::triage::cause::Cause;
use crate::triage::reply::classify;

pub(super) static CHECK: Check = Check {
    code: "recipients-waiting",
    area: Area::SendingPractices,
    title: "mail has not reached its recipients",
    severity: Severity::High,
    why: "\
        The application was told that the message was taken; nobody tells it or its user that a recipient \
        still waits or was refused. The reply of the last attempt names the cause.",
    fix: "Follow the first step of the reply's cause; mailvet triage LOG --recipient ADDRESS tells the whole story.",
    references: &[
        Reference::Rfc { number: 5321, section: "4.5.4.1" },
        Reference::Rfc { number: 3463, section: "3" },
    ],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

/// Recipients shown one by one.
const SHOWN: usize = 5;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let traffic = facts.traffic()?;
    if traffic.totals.attempts() == 0 {
        return Err(Gap::undecidable("the log shows no delivery attempt"));
    }
    let mut problems: Vec<Problem> = traffic.undelivered.iter().take(SHOWN).map(problem).collect();
    let more = traffic.undelivered_total.saturating_sub(problems.len() as u64);
    if more > 0 {
        let summary = format!("{more} more recipients have not got their mail; mailvet triage lists them");
        problems.push(Problem::at(Subject::Traffic, summary));
    }
    Ok(Verdict::from_problems(problems))
}

fn problem(waiting: &Undelivered) -> Problem {
    let verdict = classify(waiting.reply.raw(), Some(&waiting.host));
    let recipient = waiting.recipient.plain(Width::Line);
    let state = match waiting.ending {
        Ending::Deferred => format!("still waits after {} attempts", waiting.attempts),
        Ending::Bounced => "was refused for good".to_owned(),
        Ending::Expired => "was given up after days".to_owned(),
        Ending::Rejected => "was refused before it was queued".to_owned(),
        Ending::Delivered => "was delivered".to_owned(),
    };
    let summary = format!("mail to {recipient} {state}: {}", verdict.cause.title());
    let severity = match verdict.cause {
        // One wrong address or a full mailbox is the recipient's affair.
        Cause::UnknownUser | Cause::MailboxFull | Cause::MailboxDisabled | Cause::Greylisted => Severity::Low,
        _ => Severity::High,
    };
    let mut problem = Problem::at(Subject::Address(waiting.recipient.raw().to_owned()), summary)
        .proof(format!("{} said: {}", waiting.host, waiting.reply.plain(Width::Record)))
        .severity(severity)
        .confidence(Confidence::Firm)
        .located(waiting.location.clone());
    if let Some(first) = verdict.action.first() {
        let page = verdict.page.map(|page| format!(" ({page})")).unwrap_or_default();
        problem = problem.fix(format!("{first}{page}"));
    }
    problem
}
