//! The only weights in the program, and the rules by which they become a number and a grade. It may
//! never flatter: the grade is that of the worst case, so that losing an answer never improves it.

use std::collections::BTreeSet;

use crate::facts::Facts;
use crate::judge::essential::{self, Given, Standing};
use crate::judge::finding::{CheckResult, Outcome};
use crate::judge::forecast::{self, Ceiling, Posture};
use crate::model::{Area, Gap, Severity};

pub use crate::judge::essential::Basis;

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
fn weight_of_sender(area: Area) -> f64 {
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

/// The same for a message by itself: what it shows decides, and a signature that may be added on
/// the way decides little.
fn weight_of_message(area: Area) -> f64 {
    match area {
        Area::MalwarePhishing => 40.0,
        Area::Content => 35.0,
        Area::Subscription => 12.0,
        Area::Authentication => 9.0,
        Area::FeedbackLoops => 4.0,
        Area::ReverseDns | Area::IpReputation | Area::SendingPractices | Area::Throttling => 0.0,
    }
}

/// Grades from the top, by the least number of points.
const GRADES: [(&str, f64); 6] =
    [("A+", 97.0), ("A", 90.0), ("B", 80.0), ("C", 65.0), ("D", 50.0), ("F", 0.0)];

/// A failing High keeps out of the first two grades.
const CAP_HIGH: f64 = 89.0;
/// Mail bound for the spam folder leaves D at best.
const CAP_SPAM: f64 = 64.0;
/// A message whose images say it all is judged by what little can be read of it.
const CAP_UNREAD: f64 = 79.0;
/// Mail that will be refused leaves F.
const CAP_REFUSED: f64 = 49.0;
/// Records alone do not show that any mail passes.
const CAP_RECORDS: f64 = 96.0;

/// The score of a run, and how it came about.
#[derive(Debug)]
pub struct Score {
    /// What it is of.
    pub basis: Basis,
    /// 0 to 100, of what is known; `None` where an essential question got no answer, or nothing
    /// could be judged.
    pub total: Option<u32>,
    /// What would be left if every check without an answer failed.
    pub at_least: Option<u32>,
    /// By `at_least`.
    pub grade: Option<&'static str>,
    /// Why there is no score.
    pub reason: Option<String>,
    /// Checks that are unknown, wholly or in part, because a question got no answer.
    pub unanswered: usize,
    /// True where one of them is essential.
    pub essential_unanswered: bool,
    /// Judged checks among those that apply, 0 to 1.
    pub coverage: f64,
    /// All nine, in the order of the report.
    pub areas: Vec<AreaScore>,
    /// What each failing check costs its area.
    pub deductions: Vec<Deduction>,
    /// Why the total or `at_least` is lower than the areas' mean, where one is: the finding or
    /// receiver that caps it, or what is unknown.
    pub capped_by: Option<String>,
}

/// One area's part of it.
#[derive(Debug)]
pub struct AreaScore {
    /// Which of the nine.
    pub area: Area,
    /// 0 to 100; `None` where the area's essential checks could not be judged.
    pub score: Option<u32>,
    /// Checks that passed or failed.
    pub judged: usize,
    /// Checks with a finding that costs points.
    pub failed: usize,
    /// Checks whose findings are worth a word and no points.
    pub notes: usize,
    /// Checks whose findings are all set aside.
    pub ignored: usize,
    /// Checks without an answer or evidence.
    pub unknown: usize,
    /// Of the unknown, those that only the user can make known.
    pub unsupplied: usize,
    /// The flags that would.
    pub flags: Vec<&'static str>,
    /// Why the area is not assessed, with what would change that.
    pub reason: Option<String>,
}

impl Score {
    /// No score, and why.
    pub fn withheld(reason: &str) -> Score {
        Score {
            basis: Basis::Records,
            total: None,
            at_least: None,
            grade: None,
            reason: Some(reason.to_owned()),
            unanswered: 0,
            essential_unanswered: false,
            coverage: 0.0,
            areas: Area::ALL.into_iter().map(|area| count(area, &[])).collect(),
            deductions: Vec::new(),
            capped_by: None,
        }
    }
}

impl AreaScore {
    /// True where the area has a score.
    pub fn assessed(&self) -> bool {
        self.score.is_some()
    }
}

/// What a failing check costs its area.
#[derive(Clone, Debug)]
pub struct Deduction {
    /// The failing check's code.
    pub code: &'static str,
    /// The area that loses the points.
    pub area: Area,
    /// Of the area's 100.
    pub points: f64,
    /// Of the total's 100, by the area's weight among those in scope.
    pub of_total: f64,
    /// The worst severity among its findings.
    pub severity: Severity,
    /// Findings of this check.
    pub findings: usize,
}

/// Scores the results.
pub fn score(facts: &Facts, results: &[CheckResult], posture: &Posture) -> Score {
    let given = Given::of(facts, results);
    let basis = given.basis();
    let lists = essential::share_of_lists(facts);
    let (mut areas, mut deductions, mut known, mut worst) =
        (Vec::new(), Vec::new(), Mean::new(basis), Mean::new(basis));
    let mut withheld = None;
    for area in Area::ALL {
        let of_area: Vec<&CheckResult> = results.iter().filter(|r| r.check.area == area).collect();
        let mut counted = count(area, &of_area);
        match essential::standing(area, &given, &of_area, lists) {
            Standing::OutOfScope(reason) => counted.reason = Some(reason),
            Standing::Unanswered(code) => {
                let gap = of_area.iter().find(|r| r.check.code == code).and_then(|r| gap_of(r));
                let why = gap.map(|gap| gap.to_string()).unwrap_or_default();
                withheld = withheld.or_else(|| Some(format!("{}: {why} ({code})", area.title())));
                counted.reason = Some(why);
            }
            Standing::Answered => {
                let lost = cost(&of_area, &mut deductions);
                let points = (100.0 - lost).max(0.0).floor();
                known.add(area, points);
                worst.add(area, (100.0 - worst_cost(results, &of_area)).max(0.0).floor());
                counted.score = (counted.judged > 0).then_some(points as u32);
            }
        }
        areas.push(counted);
    }
    for deduction in &mut deductions {
        deduction.of_total = deduction.points * known.share(deduction.area);
    }
    deductions.sort_by(|a, b| b.points.total_cmp(&a.points).then(a.code.cmp(b.code)));
    let (cap, capped_by) = ceiling(results, posture, basis);
    let (worst_cap, worst_by) = worst_ceiling(results, posture, basis);
    let nothing = areas.iter().all(|area| area.score.is_none());
    if withheld.is_none() && nothing {
        withheld = Some("nothing could be judged".to_owned());
    }
    let scored =
        |mean: Option<f64>, cap: f64| mean.filter(|_| withheld.is_none()).map(|mean| mean.min(cap).floor());
    let mean = known.mean();
    let (total, at_least) = (scored(mean, cap), scored(worst.mean(), worst_cap.min(cap)));
    let at_least = at_least.map(|least| total.map_or(least, |total| least.min(total)));
    let applicable = results.iter().filter(|r| !matches!(r.outcome, Outcome::NotApplicable(_))).count();
    let judged = results.iter().filter(|r| matches!(r.outcome, Outcome::Pass | Outcome::Fail { .. })).count();
    let bound = |mean: Option<f64>, cap: f64| mean.is_some_and(|mean| mean > cap);
    Score {
        basis,
        total: total.map(|points| points as u32),
        at_least: at_least.map(|points| points as u32),
        grade: at_least.map(grade),
        unanswered: results.iter().filter(|result| result.is_unanswered() || result.is_in_part()).count(),
        essential_unanswered: areas.iter().zip(Area::ALL).any(|(_, area)| {
            let of_area: Vec<&CheckResult> = results.iter().filter(|r| r.check.area == area).collect();
            matches!(essential::standing(area, &given, &of_area, lists), Standing::Unanswered(_))
        }),
        coverage: if applicable == 0 { 0.0 } else { judged as f64 / applicable as f64 },
        areas,
        deductions,
        capped_by: capped_by
            .filter(|_| bound(mean, cap))
            .or(worst_by.filter(|_| worst_cap < cap && bound(worst.mean(), worst_cap)))
            .filter(|_| withheld.is_none()),
        reason: withheld,
    }
}

fn grade(points: f64) -> &'static str {
    GRADES.iter().find(|(_, least)| points >= *least).map_or("F", |(grade, _)| grade)
}

fn gap_of(result: &CheckResult) -> Option<&Gap> {
    match &result.outcome {
        Outcome::Unknown(gap) => Some(gap),
        _ => None,
    }
}

/// The mean of the areas in scope, by their weights.
struct Mean {
    basis: Basis,
    earned: f64,
    weight: f64,
}

impl Mean {
    fn new(basis: Basis) -> Mean {
        Mean { basis, earned: 0.0, weight: 0.0 }
    }

    fn add(&mut self, area: Area, points: f64) {
        let weight = self.weight_of(area);
        self.earned += weight * points;
        self.weight += weight;
    }

    fn weight_of(&self, area: Area) -> f64 {
        if self.basis == Basis::Message { weight_of_message(area) } else { weight_of_sender(area) }
    }

    /// What an area counts among those that were added, 0 to 1.
    fn share(&self, area: Area) -> f64 {
        if self.weight > 0.0 { self.weight_of(area) / self.weight } else { 0.0 }
    }

    fn mean(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.earned / self.weight)
    }
}

fn points(severity: Severity, several: bool) -> f64 {
    deduction(severity) * if several { 1.0 + FURTHER_SHARE } else { 1.0 }
}

/// What the failing checks cost, each listed. What is a matter of the settings costs nothing.
fn cost(results: &[&CheckResult], deductions: &mut Vec<Deduction>) -> f64 {
    let mut lost = 0.0;
    for result in results.iter().filter(|result| !is_of_settings(result)) {
        let Some(severity) = result.worst().filter(|severity| *severity > Severity::Info) else { continue };
        let findings = result.findings().len();
        let points = points(severity, findings > 1);
        lost += points;
        let (code, area) = (result.check.code, result.check.area);
        deductions.push(Deduction { code, area, points, of_total: 0.0, severity, findings });
    }
    lost
}

/// What would be lost if every check without an answer failed as badly as it can, and the failing
/// ones that share its questions hid more of the same.
fn worst_cost(all: &[CheckResult], results: &[&CheckResult]) -> f64 {
    let topics: BTreeSet<_> = all
        .iter()
        .filter(|result| result.is_unanswered() || result.is_in_part())
        .flat_map(|result| result.check.needs.iter().copied())
        .collect();
    let may_hide = |result: &CheckResult| {
        result.is_in_part() || result.check.needs.iter().any(|topic| topics.contains(topic))
    };
    let of = |result: &&CheckResult| match &result.outcome {
        Outcome::Unknown(gap) if gap.is_unanswered() => points(result.worst_counted(), true),
        Outcome::Fail { findings, .. } if !findings.is_empty() && may_hide(result) => {
            points(result.worst_counted().max(result.worst().unwrap_or(Severity::Info)), true)
        }
        Outcome::Fail { findings, .. } => {
            points(result.worst().unwrap_or(Severity::Info), findings.len() > 1)
        }
        _ => 0.0,
    };
    results.iter().filter(|result| !is_of_settings(result)).map(of).sum()
}

fn is_of_settings(result: &CheckResult) -> bool {
    result.check.code.starts_with("ignore-")
}

/// The most points that the findings and the receivers leave, and which of them says so.
fn ceiling(results: &[CheckResult], posture: &Posture, basis: Basis) -> (f64, Option<String>) {
    let mut caps: Vec<(f64, String)> = Vec::new();
    for result in results.iter().filter(|result| !is_of_settings(result)) {
        let (Some(severity), code) = (result.worst(), result.check.code) else { continue };
        caps.extend(cap_of(result, severity, basis).map(|(cap, what)| (cap, format!("{code}, {what}"))));
    }
    caps.extend(forecast::ceiling(results, posture).map(|(ceiling, by)| (cap_by(ceiling), by)));
    if basis == Basis::Records {
        caps.push((CAP_RECORDS, "the records alone, without an address".to_owned()));
    }
    let (cap, by) = lowest(caps);
    (cap, by.map(|by| format!("capped at {cap}: {by}")))
}

/// The same as if every check without an answer failed: what is unknown, and what it leaves.
fn worst_ceiling(results: &[CheckResult], posture: &Posture, basis: Basis) -> (f64, Option<String>) {
    let open = |result: &&CheckResult| result.is_unanswered() || result.is_in_part();
    let unknown = results.iter().filter(|result| !is_of_settings(result)).filter(open);
    let mut caps: Vec<(f64, String)> = unknown
        .filter_map(|result| {
            let (cap, _) = cap_of(result, result.worst_counted(), basis)?;
            let how = if result.is_in_part() { "known in part" } else { "unknown" };
            Some((cap, format!("{} is {how}", result.check.code)))
        })
        .collect();
    caps.extend(forecast::worst_ceiling(results, posture).map(|(ceiling, by)| (cap_by(ceiling), by)));
    let (cap, by) = lowest(caps);
    (cap, by.map(|by| format!("at most {cap} while {by}")))
}

/// The most points beside a finding of this severity, and what it is called.
fn cap_of(result: &CheckResult, severity: Severity, basis: Basis) -> Option<(f64, &'static str)> {
    let unread =
        severity >= Severity::Medium && basis == Basis::Message && result.check.code == "html-image-only";
    match severity {
        Severity::Critical => Some((CAP_REFUSED, "a critical finding")),
        Severity::High if result.check.area == Area::MalwarePhishing => {
            Some((CAP_REFUSED, "a sign of fraud or malware"))
        }
        // Lower than the cap beside any other finding of severity high.
        _ if unread => Some((CAP_UNREAD, "since what the images say was not read")),
        Severity::High => Some((CAP_HIGH, "a finding of severity high")),
        _ => None,
    }
}

fn cap_by(ceiling: Ceiling) -> f64 {
    match ceiling {
        Ceiling::Refused => CAP_REFUSED,
        Ceiling::Spam => CAP_SPAM,
    }
}

/// The lowest, the first of equals; 100 where nothing bounds.
fn lowest(caps: Vec<(f64, String)>) -> (f64, Option<String>) {
    let lowest = caps.into_iter().reduce(|low, cap| if cap.0 < low.0 { cap } else { low });
    lowest.map_or((100.0, None), |(cap, by)| (cap, Some(by)))
}

/// What the results of an area are, in numbers.
fn count(area: Area, results: &[&CheckResult]) -> AreaScore {
    let mut counted = AreaScore {
        area,
        score: None,
        judged: 0,
        failed: 0,
        notes: 0,
        ignored: 0,
        unknown: 0,
        unsupplied: 0,
        flags: Vec::new(),
        reason: None,
    };
    let mut missing = BTreeSet::new();
    for result in results {
        match &result.outcome {
            Outcome::Pass => counted.judged += 1,
            Outcome::Fail { findings, .. } => {
                counted.judged += 1;
                match result.worst() {
                    _ if findings.is_empty() => counted.ignored += 1,
                    Some(Severity::Info) | None => counted.notes += 1,
                    Some(_) => counted.failed += 1,
                }
            }
            Outcome::NotApplicable(_) => {}
            Outcome::Unknown(gap) => {
                counted.unknown += 1;
                if let Gap::NotSupplied { flag, .. } = gap {
                    missing.insert(*flag);
                    counted.unsupplied += 1;
                }
            }
        }
    }
    counted.flags = missing.into_iter().collect();
    counted
}
