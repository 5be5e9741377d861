//! The only weights in the program. Every deduction is listed with its code.

use std::collections::BTreeSet;

use crate::judge::finding::{CheckResult, Outcome};
use crate::model::{Area, Severity};

/// Points off an area's 100 for a failing check, once, by its worst finding.
fn deduction(severity: Severity) -> f64 {
    match severity {
        Severity::Info => 0.0,
        Severity::Low => 3.0,
        Severity::Medium => 10.0,
        Severity::High => 25.0,
        Severity::Critical => 60.0,
    }
}

/// The share of a deduction that further findings of the same check add in all.
const FURTHER_SHARE: f64 = 0.25;

/// How much an area counts in the total. Authentication decides acceptance at
/// every large receiver; reputation and reverse DNS refuse outright; the rest
/// moves mail between inbox and spam folder.
fn weight(area: Area) -> f64 {
    match area {
        Area::Authentication => 25.0,
        Area::IpReputation => 17.0,
        Area::ReverseDns => 13.0,
        Area::Content => 11.0,
        Area::MalwarePhishing => 10.0,
        Area::SendingPractices => 8.0,
        Area::Subscription => 6.0,
        Area::Throttling => 6.0,
        Area::FeedbackLoops => 4.0,
    }
}

/// Grades from the top; a failing High keeps out of the first two, a failing
/// Critical leaves only the last.
const GRADES: [(&str, f64); 6] =
    [("A+", 97.0), ("A", 90.0), ("B", 80.0), ("C", 65.0), ("D", 50.0), ("F", 0.0)];
const CAP_HIGH: f64 = 89.0;
const CAP_CRITICAL: f64 = 49.0;

#[derive(Debug)]
pub struct Score {
    /// 0 to 100; `None` where no area could be judged.
    pub total: Option<u32>,
    pub grade: &'static str,
    /// Judged checks among those that apply, 0 to 1.
    pub coverage: f64,
    pub areas: Vec<AreaScore>,
    pub deductions: Vec<Deduction>,
    /// Why the total is lower than the areas' mean, where it is.
    pub capped_by: Option<&'static str>,
}

#[derive(Debug)]
pub struct AreaScore {
    pub area: Area,
    pub score: Option<u32>,
    /// Checks that passed or failed.
    pub judged: usize,
    /// Checks with a finding that costs points.
    pub failed: usize,
    /// Checks whose findings are worth a word and no points.
    pub notes: usize,
    pub unknown: usize,
    /// Of the unknown, those that only the user can make known.
    pub unsupplied: usize,
    /// The flags that would.
    pub flags: Vec<&'static str>,
    /// Why the area is not assessed, with what would change that.
    pub reason: Option<String>,
}

impl AreaScore {
    pub fn assessed(&self) -> bool {
        self.score.is_some()
    }
}

#[derive(Clone, Debug)]
pub struct Deduction {
    pub code: &'static str,
    pub area: Area,
    pub points: f64,
    pub severity: Severity,
    /// Findings of this check.
    pub findings: usize,
}

/// Scores the results. Unknown and not applicable neither earn nor cost.
pub fn score(results: &[CheckResult]) -> Score {
    let mut areas = Vec::new();
    let mut deductions = Vec::new();
    for area in Area::ALL {
        let of_area: Vec<&CheckResult> = results.iter().filter(|r| r.check.area == area).collect();
        areas.push(score_area(area, &of_area, &mut deductions));
    }
    let judged: f64 = areas.iter().filter(|a| a.assessed()).map(|a| weight(a.area)).sum();
    let earned: f64 =
        areas.iter().filter_map(|a| a.score.map(|points| weight(a.area) * f64::from(points))).sum();
    let mean = if judged > 0.0 { Some(earned / judged) } else { None };
    let worst = results.iter().filter_map(CheckResult::worst).max();
    let (cap, capped_by) = match worst {
        Some(Severity::Critical) => (CAP_CRITICAL, Some("a critical finding")),
        Some(Severity::High) => (CAP_HIGH, Some("a finding of severity high")),
        _ => (100.0, None),
    };
    let total = mean.map(|mean| mean.min(cap).floor());
    let applicable = results.iter().filter(|r| !matches!(r.outcome, Outcome::NotApplicable(_))).count();
    let known = results.iter().filter(|r| matches!(r.outcome, Outcome::Pass | Outcome::Fail { .. })).count();
    deductions.sort_by(|a, b| b.points.total_cmp(&a.points).then(a.code.cmp(b.code)));
    Score {
        total: total.map(|t| t as u32),
        grade: total.map_or("none", |total| {
            GRADES.iter().find(|(_, least)| total >= *least).map_or("F", |(grade, _)| grade)
        }),
        coverage: if applicable == 0 { 0.0 } else { known as f64 / applicable as f64 },
        areas,
        deductions,
        capped_by: capped_by.filter(|_| mean.is_some_and(|mean| mean > cap)),
    }
}

fn score_area(area: Area, results: &[&CheckResult], deductions: &mut Vec<Deduction>) -> AreaScore {
    let (mut judged, mut failed, mut notes, mut unknown, mut lost) = (0, 0, 0, 0, 0.0);
    let (mut missing, mut unsupplied) = (BTreeSet::new(), 0);
    let mut gap_shown = None;
    for result in results {
        match &result.outcome {
            Outcome::Pass => judged += 1,
            Outcome::Fail { findings, .. } => {
                judged += 1;
                let Some(severity) = result.worst() else { continue };
                if severity == Severity::Info {
                    notes += 1;
                    continue;
                }
                failed += 1;
                let further = if findings.len() > 1 { 1.0 + FURTHER_SHARE } else { 1.0 };
                let points = deduction(severity) * further;
                lost += points;
                let code = result.check.code;
                deductions.push(Deduction { code, area, points, severity, findings: findings.len() });
            }
            Outcome::NotApplicable(_) => {}
            Outcome::Unknown(gap) => {
                unknown += 1;
                if let crate::model::Gap::NotSupplied { flag, .. } = gap {
                    missing.insert(*flag);
                    unsupplied += 1;
                } else {
                    gap_shown.get_or_insert_with(|| gap.to_string());
                }
            }
        }
    }
    let flags: Vec<&'static str> = missing.into_iter().collect();
    let reason = (judged == 0).then(|| match (flags.is_empty(), gap_shown) {
        (false, _) => format!("give {}", flags.join(" or ")),
        (true, Some(gap)) => gap,
        (true, None) if results.is_empty() => "no check of this area was selected".to_owned(),
        (true, None) => "nothing here applies".to_owned(),
    });
    let score = (judged > 0).then(|| (100.0_f64 - lost).max(0.0).floor() as u32);
    AreaScore { area, score, judged, failed, notes, unknown, unsupplied, flags, reason }
}
