//! The audit report in the formats that other programs and pull requests read.
//! Each takes the finished report and returns text; none of them judges.

pub(crate) mod csv;
pub(crate) mod github;
pub(crate) mod html;
pub(crate) mod junit;
pub(crate) mod markdown;
pub(crate) mod nagios;
pub(crate) mod prometheus;
pub(crate) mod sarif;

use crate::judge::forecast::Expected;
use crate::judge::report::Report;

/// What the report is about, for a heading; not yet escaped.
pub(super) fn subject(report: &Report) -> String {
    report.target.domain.as_ref().map_or("this message".to_owned(), |name| name.unicode())
}

/// `82 of 100, at least 75, grade C`, or that there is no score.
pub(crate) fn score_line(report: &Report) -> String {
    let score = &report.score;
    match (score.total, score.at_least, score.grade) {
        (Some(total), Some(least), Some(grade)) if least < total => {
            let count = score.unanswered;
            let plural = if count == 1 { "check" } else { "checks" };
            format!("{total} of 100, at least {least}, grade {grade}: {count} {plural} got no answer")
        }
        (Some(total), _, Some(grade)) => format!("{total} of 100, grade {grade}"),
        _ => format!("not scored: {}", score.reason.as_deref().unwrap_or("nothing could be judged")),
    }
}

/// Judged checks among those that apply, in whole percent, never rounded up.
fn coverage(report: &Report) -> u32 {
    (report.score.coverage * 100.0).floor() as u32
}

/// `After these 4 record sets: 61 -> 97, grade A; Google accepts; 2 findings left`, where the
/// remedies were proven together (`--prove`).
pub(crate) fn after_line(report: &Report) -> Option<String> {
    let after = report.after.as_ref()?;
    let shown = |total: Option<u32>| total.map_or("not scored".to_owned(), |total| total.to_string());
    let mut what = match after.records {
        0 => String::new(),
        1 => "this record set".to_owned(),
        count => format!("these {count} record sets"),
    };
    if after.file {
        what.push_str(if what.is_empty() { "this policy file" } else { " and the policy file" });
    }
    let mut parts = vec![format!(
        "After {what}: {} -> {}, grade {}",
        shown(report.score.total),
        shown(after.score.total),
        after.score.grade.unwrap_or("none")
    )];
    for expected in [Expected::Accept, Expected::Unknown, Expected::Suspect, Expected::Refuse] {
        let was = |id: &str| report.receivers.iter().find(|one| one.id == id).map(|one| one.expected);
        let still = matches!(expected, Expected::Suspect | Expected::Refuse);
        let told = after.receivers.iter().filter(|one| one.expected == expected);
        let told = told.filter(|one| still || was(one.id).is_some_and(|before| before != expected));
        let (large, small): (Vec<_>, Vec<_>) = told.partition(|one| one.large);
        let mut names: Vec<String> = large.iter().map(|one| one.name.to_owned()).collect();
        match small.as_slice() {
            [] => {}
            [one] => names.push(one.name.to_owned()),
            more => names.push(format!("{} smaller ones", more.len())),
        }
        if !names.is_empty() {
            let verb = match (expected, names.len() + small.len() > 1) {
                (Expected::Accept, true) => "accept",
                (Expected::Accept, false) => "accepts",
                (Expected::Suspect, true) => "are suspicious still",
                (Expected::Suspect, false) => "is suspicious still",
                (Expected::Refuse, true) => "refuse still",
                (Expected::Refuse, false) => "refuses still",
                (Expected::Unknown, _) => "cannot be foretold",
            };
            parts.push(format!("{} {verb}", names.join(", ")));
        }
    }
    parts.push(match after.findings {
        0 => "no finding left".to_owned(),
        1 => "1 finding left".to_owned(),
        count => format!("{count} findings left"),
    });
    Some(parts.join("; "))
}
