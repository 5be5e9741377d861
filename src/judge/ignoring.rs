//! What is wrong with the ignores of `mailvet.toml`: those that are over, and those that meet nothing.
//! Both are known only after everything else is judged, so they are no checks of an area.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::judge::finding::{CheckResult, Finding, Outcome, fingerprint};
use crate::judge::report::date_of;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::{Ignore, Policy};

/// Ignores whose last day is past.
pub(super) static EXPIRED: Check = Check {
    code: "ignore-expired",
    area: Area::Authentication,
    title: "an ignore of the settings is past its last day",
    severity: Severity::Low,
    why: "\
        The finding counts again from that day on, though the settings still name it: whoever set it \
        aside meant to have mended it by now.",
    fix: "Mend what is ignored, or give the ignore a new day and say why; else delete it.",
    references: SETTINGS,
    needs: &[Topic::Message],
    since: "0.2.0",
    run: by_settings_alone,
};

/// Ignores that meet no finding.
pub(super) static UNMATCHED: Check = Check {
    code: "ignore-unmatched",
    area: Area::Authentication,
    title: "an ignore of the settings meets no finding",
    severity: Severity::Low,
    why: "\
        What it was meant for is mended or is written otherwise; left standing, it hides the next \
        finding of its kind.",
    fix: "Delete the ignore, or write its subject as the report prints it (* stands for any part).",
    references: SETTINGS,
    needs: &[Topic::Message],
    since: "0.2.0",
    run: by_settings_alone,
};

/// Both, for `explain`.
pub(super) static CHECKS: [&Check; 2] = [&EXPIRED, &UNMATCHED];

const SETTINGS: &[Reference] = &[Reference::Page {
    title: "TOML, the language of mailvet.toml",
    url: "https://toml.io/en/v1.0.0",
    seen: None,
}];

/// Findings of this kind do not follow from facts.
fn by_settings_alone(_: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    Ok(Verdict::NotApplicable("told of the settings once all else is judged"))
}

/// The findings about ignores, if any. An ignore is held to be unmatched only where its check was
/// judged in this run: an answer that is missing proves nothing.
pub(super) fn judge(results: &[CheckResult], facts: &Facts, policy: &Policy) -> Vec<CheckResult> {
    let today = date_of(facts.now());
    let (mut expired, mut unmatched) = (Vec::new(), Vec::new());
    for ignore in &policy.ignores {
        if ignore.is_over(&today) {
            let until = ignore.until.as_deref().unwrap_or_default();
            expired.push(problem(ignore, &format!("ended on {until} and its findings count again")));
        } else if matches!(settled(ignore, results), Some(false)) {
            unmatched.push(problem(ignore, "meets no finding of this run"));
        }
    }
    [(&EXPIRED, expired), (&UNMATCHED, unmatched)]
        .into_iter()
        .filter(|(_, problems)| !problems.is_empty())
        .map(|(check, problems)| CheckResult { check, outcome: findings(check, problems), set: None })
        .collect()
}

/// Whether it met a finding; `None` where its check was not judged.
fn settled(ignore: &Ignore, results: &[CheckResult]) -> Option<bool> {
    // One for certain files says nothing of a run on others.
    let result = results.iter().find(|result| result.check.code == ignore.code && ignore.path.is_none())?;
    match &result.outcome {
        Outcome::Fail { ignored, hidden, .. } => {
            let met = ignored.iter().any(|one| ignore.covers(&one.finding.problem.subject.to_string()));
            // Where an answer is missing, what it is about may be behind that.
            (met || hidden.is_none()).then_some(met)
        }
        Outcome::Pass => Some(false),
        Outcome::NotApplicable(_) | Outcome::Unknown(_) => None,
    }
}

fn problem(ignore: &Ignore, what: &str) -> Problem {
    let of = ignore
        .subject
        .as_deref()
        .map(|subject| format!(" for {}", plain(subject, Width::Line)))
        .unwrap_or_default();
    let owner =
        ignore.owner.as_deref().map(|owner| format!("; {} answers for it", plain(owner, Width::Name)));
    let summary = format!(
        "the ignore of {}{of} {what} (reason given: {}{})",
        ignore.code,
        plain(&ignore.reason, Width::Line),
        owner.unwrap_or_default()
    );
    Problem::at(Subject::Setting(format!("ignore of {}{of}", ignore.code)), summary)
}

fn findings(check: &'static Check, problems: Vec<Problem>) -> Outcome {
    let finding = |(at, problem): (usize, Problem)| Finding {
        severity: check.severity,
        fingerprint: fingerprint(check.code, &format!("{}\0{at}", problem.subject)),
        problem,
        remedy: None,
    };
    Outcome::Fail {
        findings: problems.into_iter().enumerate().map(finding).collect(),
        ignored: Vec::new(),
        hidden: None,
    }
}
