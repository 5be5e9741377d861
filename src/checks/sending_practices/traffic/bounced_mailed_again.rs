//! Addresses that were refused for good are mailed again.

use std::collections::BTreeMap;

use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::traffic::{Ending, Undelivered};
use crate::model::untrusted::Width;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;
use crate::triage::cause::Cause;
use crate::triage::reply::classify;

pub(super) static CHECK: Check = Check {
    code: "bounced-mailed-again",
    area: Area::SendingPractices,
    title: "addresses that were refused for good are mailed again",
    severity: Severity::Medium,
    why: "\
        A mailbox that does not exist will not exist tomorrow. Who writes to it again shows receivers a list \
        that nobody keeps; Yahoo, Microsoft and T-Online slow such senders down or refuse them.",
    fix: "Take an address out of the list at its first bounce as unknown, and let the application read bounces.",
    references: &[pages::M3AAWG_PRACTICES, Reference::Rfc { number: 3463, section: "3.2" }],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

/// Addresses shown one by one.
const SHOWN: usize = 10;
/// Seconds from which a second bounce is another mailing and no longer the same burst.
const APART: i64 = 3600;
/// Addresses from which it is a habit.
const HABIT: usize = 3;
/// Share of the bounced addresses from which it is one.
const SHARE: f64 = 0.1;

/// The bounces of one address.
struct Again<'t> {
    first: jiff::Timestamp,
    last: jiff::Timestamp,
    messages: usize,
    example: &'t Undelivered,
}

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let traffic = facts.traffic()?;
    if traffic.totals.attempts() == 0 {
        return Err(Gap::undecidable("the log shows no delivery attempt"));
    }
    let mut addresses: BTreeMap<String, Again> = BTreeMap::new();
    let mut timeless = false;
    for bounce in traffic.undelivered.iter().filter(|one| one.ending == Ending::Bounced && is_hard(one)) {
        let Some(at) = bounce.last else {
            timeless = true;
            continue;
        };
        let known = addresses.entry(bounce.recipient.raw().to_lowercase()).or_insert(Again {
            first: at,
            last: at,
            messages: 0,
            example: bounce,
        });
        known.messages += 1;
        (known.first, known.last) = (known.first.min(at), known.last.max(at));
    }
    let bounced = addresses.len();
    addresses.retain(|_, of| of.messages > 1 && of.last.as_second() - of.first.as_second() >= APART);
    let habit = addresses.len() >= HABIT && addresses.len() as f64 >= SHARE * bounced as f64;
    let severity = if habit { Severity::High } else { Severity::Medium };
    let mut problems: Vec<Problem> =
        addresses.iter().take(SHOWN).map(|(_, of)| problem(of).severity(severity)).collect();
    if addresses.len() > SHOWN {
        let summary = format!(
            "{} more of {bounced} addresses that were refused as unknown were mailed again",
            addresses.len() - SHOWN
        );
        problems.push(Problem::at(Subject::Traffic, summary).severity(severity));
    }
    // What was not kept may hold more of the same.
    let kept = traffic.undelivered.len() as u64;
    let cut = (traffic.undelivered_total > kept).then(|| {
        Gap::undecidable(format!(
            "{kept} of {} recipients without their mail were kept",
            traffic.undelivered_total
        ))
    });
    let without_time = timeless.then(|| Gap::undecidable("the log gives bounces without their time"));
    Verdict::so_far(problems, cut.or(without_time))
}

/// True for a refusal that no waiting mends.
fn is_hard(bounce: &Undelivered) -> bool {
    let verdict = classify(bounce.reply.raw(), Some(&bounce.host));
    verdict.permanent != Some(false)
        && matches!(verdict.cause, Cause::UnknownUser | Cause::MailboxDisabled | Cause::UnknownHost)
}

fn problem(of: &Again) -> Problem {
    let address = of.example.recipient.plain(Width::Name);
    let day = |at: jiff::Timestamp| crate::facts::day_of(at.as_second());
    Problem::at(
        Subject::Address(of.example.recipient.raw().to_owned()),
        format!(
            "{address} was refused for good on {} and mailed again, {} messages until {}",
            day(of.first),
            of.messages,
            day(of.last)
        ),
    )
    .proof(of.example.reply.plain(Width::Record))
    .confidence(Confidence::Firm)
    .located(of.example.location.clone())
}
