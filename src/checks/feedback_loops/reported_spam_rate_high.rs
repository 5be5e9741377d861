//! A receiver's own figures say that too many of its users call the mail spam.

use std::collections::BTreeMap;

use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::{Facts, day_of};
use crate::model::reports::Figure;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "reported-spam-rate-high",
    area: Area::FeedbackLoops,
    title: "a receiver's figures show too many complaints",
    severity: Severity::High,
    why: "\
        Gmail and Outlook.com count who marks a sender's mail as spam, and judge by that count. Gmail wants less \
        than one in a thousand, and takes senders above three in a thousand off its help until a week has passed.",
    fix: "Find which mailing went out that day, stop mailing who did not ask for it, and make leaving one click.",
    references: &[pages::GOOGLE_SENDERS, pages::OUTLOOK_TROUBLESHOOTING],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

/// Parts of a million that Gmail asks to stay under.
const MINDED: u64 = 1000;
/// Parts of a million that it never wants to see.
const SEVERE: u64 = 3000;
/// Days before the newest figure that count.
const RECENT: i64 = 30;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let missing = Gap::NotSupplied { what: "export of Postmaster Tools or SNDS", flag: "--reports PATH" };
    let reports = facts.reports().map_err(|_| missing)?;
    let mut by_subject: BTreeMap<(&str, &str), Vec<&Figure>> = BTreeMap::new();
    let newest = reports.figures.iter().map(|figure| figure.day).max().unwrap_or_default();
    for figure in reports.figures.iter().filter(|figure| newest - figure.day <= RECENT) {
        if figure.complaints.is_some() {
            by_subject.entry((&figure.receiver, &figure.subject)).or_default().push(figure);
        }
    }
    if by_subject.is_empty() {
        return Ok(Verdict::NotApplicable(
            "no figures on complaints (Postmaster Tools, SNDS) are among the reports",
        ));
    }
    let problems: Vec<Problem> = by_subject
        .iter()
        .filter_map(|((receiver, subject), days)| problem(receiver, subject, days))
        .collect();
    let lost = (reports.rejected > 0)
        .then(|| Gap::undecidable(format!("{} of the reports could not be read", reports.rejected)));
    Verdict::so_far(problems, lost)
}

fn problem(receiver: &str, subject: &str, days: &[&Figure]) -> Option<Problem> {
    // The end that is certain decides; a figure below a bound is none above a mark.
    let least = |figure: &&&Figure| figure.complaints.map_or(0, |(least, _)| least);
    let above = days.iter().filter(|figure| least(figure) >= MINDED).count();
    let worst = days.iter().max_by_key(|figure| (least(figure), figure.day))?;
    let rate = least(&worst);
    if rate < MINDED {
        return None;
    }
    let summary = format!(
        "{receiver} counted complaints on {:.2} % of the mail of {} on {}; {above} of {} days are at 0.1 % or above",
        rate as f64 / 10_000.0,
        plain(subject, Width::Name),
        day_of(worst.day.saturating_mul(86_400)),
        days.len()
    );
    let severity = if rate >= SEVERE { Severity::Critical } else { Severity::High };
    let problem =
        Problem::at(Subject::Receiver(format!("{receiver}: {subject}")), summary).severity(severity);
    Some(problem.confidence(Confidence::Firm))
}
