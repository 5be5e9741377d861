//! One hour carries far more mail than the others.

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "volume-spike",
    area: Area::SendingPractices,
    title: "one hour carries far more mail than the others",
    severity: Severity::Medium,
    why: "\
        Receivers judge a sender by its habits. A burst many times above the usual volume looks like a \
        compromised account and is deferred, at Gmail with 421 4.7.28.",
    fix: "Spread large mailings over hours, and raise the volume from day to day by no more than a half.",
    references: &[pages::GOOGLE_SENDERS, pages::M3AAWG_PRACTICES],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

/// How many times the median hour is a spike. Google: never double at once; mail
/// of a business day varies by far more than that between its hours.
const TIMES: u64 = 10;
/// Messages in an hour below which no receiver notices.
const LEAST: u64 = 200;
/// Hours with mail needed to know what is usual.
const HOURS: usize = 6;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let traffic = facts.traffic()?;
    let mut volumes: Vec<u64> =
        traffic.by_hour.values().map(|totals| totals.attempts()).filter(|count| *count > 0).collect();
    if volumes.len() < HOURS {
        return Ok(Verdict::NotApplicable(
            "the log covers fewer than 6 hours with mail, too few to know what is usual",
        ));
    }
    volumes.sort_unstable();
    let usual = volumes[volumes.len() / 2].max(1);
    let spikes: Vec<Problem> = traffic
        .by_hour
        .iter()
        .map(|(hour, totals)| (hour, totals.attempts()))
        .filter(|(_, count)| *count >= LEAST && *count / usual >= TIMES)
        .map(|(hour, count)| {
            let summary = format!("{count} attempts in the hour from {hour}, where {usual} are usual");
            Problem::at(Subject::Traffic, summary).confidence(Confidence::Tentative)
        })
        .collect();
    Ok(Verdict::from_problems(spikes))
}
