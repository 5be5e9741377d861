//! The zone file itself: entries that servers refuse, and what is legal and rarely meant.

use crate::check::{Problem, Verdict};
use crate::facts::Facts;
use crate::model::Subject;

/// What the reader of the zone file found for one check.
pub(super) fn reported(facts: &Facts, code: &str) -> Verdict {
    let Some(all) = facts.zone_problems() else {
        return Verdict::NotApplicable("no zone file was given");
    };
    let problems = all.iter().filter(|problem| problem.code == code).map(|problem| Problem {
        severity: problem.severity,
        ..Problem::at(Subject::Host(problem.name.clone()), problem.summary.clone())
            .fix(problem.fix.clone())
            .located(Some(problem.location.clone()))
    });
    Verdict::from_problems(problems.collect())
}

