//! One hour carries far more mail than the others.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::traffic::week::{self, Hour};
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
    let above_all = |count: u64| count >= LEAST && count / usual >= TIMES;
    // What has too few other weeks is held against the whole log.
    let hours = week::week(traffic).map(|week| week.hours).unwrap_or_default();
    let week: BTreeMap<Timestamp, Hour> = hours.into_iter().map(|hour| (hour.at, hour)).collect();
    let spikes: Vec<Problem> = traffic
        .by_hour
        .iter()
        .map(|(hour, totals)| (hour, totals.attempts()))
        .filter_map(|(at, count)| match week.get(at) {
            // Of an hour without mail in other weeks only the whole log says what is much.
            Some(hour) if hour.usual >= 1.0 => is_spike(hour).then(|| against_week(hour)),
            _ => above_all(count).then(|| {
                let summary = format!("{count} attempts in the hour from {at}, where {usual} are usual");
                Problem::at(Subject::Traffic, summary).confidence(Confidence::Tentative)
            }),
        })
        .collect();
    Ok(Verdict::from_problems(spikes))
}

/// Against the same hour of the other weeks: four times the median, and as many deviations above
/// it that chance brings none in a year.
fn is_spike(hour: &Hour) -> bool {
    const TIMES_OF_WEEK: f64 = 4.0;
    const DEVIATIONS: f64 = 8.0;
    let attempts = hour.attempts as f64;
    hour.attempts >= LEAST
        && attempts >= TIMES_OF_WEEK * hour.usual
        && attempts - hour.usual >= DEVIATIONS * hour.deviation.max(hour.usual.sqrt())
}

fn against_week(hour: &Hour) -> Problem {
    let summary = format!(
        "{} attempts in the hour from {}, where {:.0} are usual (median of the same hour of the other weeks)",
        hour.attempts, hour.at, hour.usual
    );
    Problem::at(Subject::Traffic, summary).confidence(Confidence::Firm)
}
