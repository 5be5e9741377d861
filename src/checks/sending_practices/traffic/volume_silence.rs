//! Hours without any mail where mail is usual.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::Facts;
use crate::facts::traffic::week::{self, Hour, Week};
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "volume-silence",
    area: Area::SendingPractices,
    title: "no mail went out in hours in which mail is usual",
    severity: Severity::Medium,
    why: "\
        Where a queue stands still nobody complains at first: the mail is missing, and arrives late and all at \
        once when the queue moves again, which receivers take for a burst.",
    fix: "Look at the sender's own log and queue of those hours: a full disk, a stopped service, a lost route.",
    references: &[pages::M3AAWG_PRACTICES],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

/// Hours on end that make a silence: one may be a pause.
const RUN: usize = 2;
/// Attempts usual in those hours together, below which nothing can be told.
const EXPECTED: f64 = 60.0;
/// Deviations by which the usual count must stand above nothing at all.
const DEVIATIONS: f64 = 3.0;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let traffic = facts.traffic()?;
    let Some(week) = week::week(traffic) else {
        return Ok(Verdict::NotApplicable(
            "the log covers two weeks at most, too short to say what is usual in an hour of the week",
        ));
    };
    let mut problems = Vec::new();
    let together =
        |a: &Hour, b: &Hour| is_silent(a) == is_silent(b) && b.at.duration_since(a.at).as_hours() == 1;
    for silence in week.hours.chunk_by(together).filter(|run| run.iter().all(is_silent)) {
        let expected: f64 = silence.iter().map(|hour| hour.usual).sum();
        let (Some(first), Some(last)) = (silence.first(), silence.last()) else { continue };
        if silence.len() >= RUN && expected >= EXPECTED {
            let summary = format!(
                "no delivery attempt in the {} hours from {} to the end of the hour from {}, where about {expected:.0} \
                 are usual (median of the same hours of the other weeks)",
                silence.len(),
                first.at,
                last.at
            );
            // A log may lack what went out.
            problems.push(Problem::at(Subject::Traffic, summary).confidence(Confidence::Tentative));
        }
    }
    Verdict::so_far(problems, gap(&week))
}

/// Hours that may be part of a silence, and which nothing tells apart from a pause.
fn gap(week: &Week) -> Option<Gap> {
    let silent = week.hours.iter().filter(|hour| is_silent(hour)).map(|hour| hour.at);
    let quiet: BTreeSet<Timestamp> = silent.chain(week.left_out.iter().copied()).collect();
    let hour = SignedDuration::from_hours(1);
    // Alone, an hour makes no silence.
    let is_quiet = |at: Result<Timestamp, jiff::Error>| at.is_ok_and(|at| quiet.contains(&at));
    let mut open =
        week.left_out.iter().filter(|at| is_quiet(at.checked_sub(hour)) || is_quiet(at.checked_add(hour)));
    let first = open.next()?;
    let more = match open.count() {
        0 => String::new(),
        more => format!(" and {more} more like it"),
    };
    Some(Gap::undecidable(format!(
        "no mail in the hour from {first}{more}, of which the log has fewer than two other weeks: whether that is usual \
         is unknown, give an older log too"
    )))
}

/// Nothing went out, and in each other week something did.
fn is_silent(hour: &Hour) -> bool {
    hour.attempts == 0 && hour.least > 0 && hour.usual > DEVIATIONS * hour.deviation
}
