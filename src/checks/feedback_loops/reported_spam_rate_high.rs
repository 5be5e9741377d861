//! A receiver's own figures say that too many of its users call the mail spam.

use std::collections::BTreeMap;

use super::figures_lost::figures_lost;
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
/// Days before the newest figure of a subject that count.
const RECENT: i64 = 30;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let missing = Gap::NotSupplied { what: "export of Postmaster Tools or SNDS", flag: "--reports PATH" };
    let reports = facts.reports().map_err(|_| missing)?;
    let mut by_subject: BTreeMap<(&str, &str), Vec<&Figure>> = BTreeMap::new();
    let today = facts.now().div_euclid(86_400);
    let mut to_come = 0_u64;
    for figure in reports.figures.iter().filter(|figure| figure.complaints.is_some()) {
        // A day counts from midnight of the receiver's clock, which may be ahead.
        if figure.day > today.saturating_add(1) {
            to_come += 1;
        } else {
            by_subject.entry((&figure.receiver, &figure.subject)).or_default().push(figure);
        }
    }
    if by_subject.is_empty() && to_come == 0 && reports.rejected == 0 {
        return Ok(Verdict::NotApplicable(
            "no figures on complaints (Postmaster Tools, SNDS) are among the reports",
        ));
    }
    let problems: Vec<Problem> = by_subject
        .iter()
        .filter_map(|((receiver, subject), days)| problem(receiver, subject, days))
        .collect();
    Verdict::so_far(problems, figures_lost(reports.rejected, to_come))
}

fn problem(receiver: &str, subject: &str, all: &[&Figure]) -> Option<Problem> {
    let newest = all.iter().map(|figure| figure.day).max()?;
    let recent = |figure: &&&Figure| newest.saturating_sub(figure.day) <= RECENT;
    let days: Vec<&Figure> = all.iter().filter(recent).copied().collect();
    let left = match all.len() - days.len() {
        0 => String::new(),
        1 => "; 1 older figure is left out".to_owned(),
        older => format!("; {older} older figures are left out"),
    };
    // The end that is certain decides; a figure below a bound is none above a mark.
    let least = |figure: &&&Figure| figure.complaints.map_or(0, |(least, _)| least);
    let above = days.iter().filter(|figure| least(figure) >= MINDED).count();
    let worst = days.iter().max_by_key(|figure| (least(figure), figure.day))?;
    let rate = least(&worst);
    if rate < MINDED {
        return None;
    }
    let summary = format!(
        "{receiver} counted complaints on {:.2} % of the mail of {} on {}; {above} of {} figures are at 0.1 % or above{left}",
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
