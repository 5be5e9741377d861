//! What to do first: remedies, and findings that none settles, by the refusals and the points
//! that each ends.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::judge::finding::{CheckResult, Finding};
use crate::judge::report::Report;
use crate::model::Severity;
use crate::model::remedy::Remedy;

/// One thing to do.
#[derive(Debug)]
pub(crate) struct Task<'r> {
    /// `None` where the finding's sentence is all that can be said.
    pub remedy: Option<&'r Remedy>,
    /// What it settles, the worst first; never empty.
    pub settles: Vec<(&'r CheckResult, &'r Finding)>,
    /// Receivers that refuse the mail for what it settles, the large ones first.
    pub refusing: Vec<&'static str>,
    /// Points of the total that it wins back.
    pub points: f64,
    large: usize,
}

impl<'r> Task<'r> {
    /// The finding that stands for it.
    pub(crate) fn lead(&self) -> Option<(&'r CheckResult, &'r Finding)> {
        self.settles.first().copied()
    }

    fn severity(&self) -> Option<Severity> {
        self.lead().map(|(_, finding)| finding.severity)
    }

    /// The codes settled beside the lead's, each once.
    pub(crate) fn also(&self) -> Vec<&'static str> {
        let mut known: BTreeSet<&str> =
            self.lead().map(|(result, _)| result.check.code).into_iter().collect();
        let codes = self.settles.iter().map(|(result, _)| result.check.code);
        codes.filter(|code| known.insert(code)).collect()
    }

    /// `Google and 3 more refuse the mail for this; costs 3.1 points of the total`, or nothing.
    pub(crate) fn effect(&self) -> String {
        let mut parts = Vec::new();
        match self.refusing.as_slice() {
            [] => {}
            [one] => parts.push(format!("{one} refuses the mail for this")),
            [first, rest @ ..] => {
                parts.push(format!("{first} and {} more refuse the mail for this", rest.len()))
            }
        }
        if self.points >= 0.05 {
            parts.push(format!("costs {:.1} points of the total", self.points));
        }
        parts.join("; ")
    }
}

/// Everything to do above info, the most effective first.
pub(crate) fn tasks(report: &Report) -> Vec<Task<'_>> {
    let mut tasks: Vec<Task> = Vec::new();
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for (result, finding) in report.findings() {
        if finding.severity == Severity::Info {
            continue;
        }
        let remedy = finding.remedy.as_deref();
        let remedy = remedy.and_then(|id| report.remedies.iter().find(|remedy| remedy.id == id));
        match remedy.and_then(|remedy| known.get(remedy.id.as_str())) {
            Some(at) => tasks[*at].settles.push((result, finding)),
            None => {
                if let Some(remedy) = remedy {
                    known.insert(&remedy.id, tasks.len());
                }
                let settles = vec![(result, finding)];
                tasks.push(Task { remedy, settles, refusing: Vec::new(), points: 0.0, large: 0 });
            }
        }
    }
    for task in &mut tasks {
        weigh(task, report);
    }
    tasks.sort_by_cached_key(|task| {
        // A critical finding is a refusal, or harm, wherever the mail goes.
        let critical = task.severity() == Some(Severity::Critical);
        let code = task.lead().map(|(result, _)| result.check.code);
        // To the hundredth, which is finer than anything that is shown.
        let points = (task.points * 100.0).round() as u64;
        (Reverse((critical, task.large, task.refusing.len(), task.severity(), points)), code)
    });
    tasks
}

fn weigh(task: &mut Task, report: &Report) {
    let mut settled: BTreeMap<&str, usize> = BTreeMap::new();
    for (result, _) in &task.settles {
        *settled.entry(result.check.code).or_default() += 1;
    }
    let of = |code: &str| report.results.iter().find(|result| result.check.code == code);
    for deduction in &report.score.deductions {
        let (Some(count), Some(result)) = (settled.get(deduction.code), of(deduction.code)) else { continue };
        let all = result.findings().iter().filter(|finding| finding.severity > Severity::Info).count();
        task.points += deduction.of_total * *count as f64 / all.max(1) as f64;
    }
    let mut refusing: Vec<_> = report
        .receivers
        .iter()
        .filter(|receiver| receiver.refused_by.iter().any(|code| settled.contains_key(code)))
        .collect();
    refusing.sort_by_key(|receiver| !receiver.large);
    task.large = refusing.iter().filter(|receiver| receiver.large).count();
    task.refusing = refusing.iter().map(|receiver| receiver.name).collect();
}

/// The remedies in the order of [`tasks`].
pub(crate) fn order(report: &mut Report) {
    let ids: Vec<String> =
        tasks(report).iter().filter_map(|task| task.remedy.map(|remedy| remedy.id.clone())).collect();
    let rank = |remedy: &Remedy| ids.iter().position(|id| *id == remedy.id).unwrap_or(ids.len());
    report.remedies.sort_by_key(rank);
}
