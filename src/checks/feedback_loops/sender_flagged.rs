//! A receiver's own figures show the sender in bad standing.

use std::collections::BTreeMap;

use super::figures_lost::figures_lost;
use crate::check::{Check, Problem, Verdict, pages};
use crate::facts::{Facts, day_of};
use crate::model::reports::Figure;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "sender-flagged",
    area: Area::FeedbackLoops,
    title: "a receiver's figures show the sender in bad standing",
    severity: Severity::Medium,
    why: "\
        SNDS shows in red an address of whose mail Outlook.com filters nearly all, in yellow one of whose mail it \
        filters much, and counts mail to its traps; Postmaster Tools calls a domain's standing low or bad.",
    fix: "Stop mailing addresses that were bought or collected, and send to those alone who open, until the figures are good.",
    references: &[pages::OUTLOOK_TROUBLESHOOTING, pages::GOOGLE_SENDERS],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let missing = Gap::NotSupplied { what: "export of Postmaster Tools or SNDS", flag: "--reports PATH" };
    let reports = facts.reports().map_err(|_| missing)?;
    let today = facts.now().div_euclid(86_400);
    let mut latest: BTreeMap<(&str, &str), Figure> = BTreeMap::new();
    let mut to_come = 0_u64;
    for figure in reports.figures.iter().filter(|figure| figure.verdict.is_some()) {
        // A day counts from midnight of the receiver's clock, which may be ahead.
        if figure.day > today.saturating_add(1) {
            to_come += 1;
            continue;
        }
        let known = latest.entry((&figure.receiver, &figure.subject));
        known.and_modify(|known| newer(known, figure)).or_insert_with(|| figure.clone());
    }
    if latest.is_empty() && to_come == 0 && reports.rejected == 0 {
        return Ok(Verdict::NotApplicable(
            "no figures on standing (Postmaster Tools, SNDS) are among the reports",
        ));
    }
    let problems: Vec<Problem> = latest.values().filter_map(problem).collect();
    Verdict::so_far(problems, figures_lost(reports.rejected, to_come))
}

/// The newest day says how it stands now; what one day has several rows for stands at the worst of them.
fn newer(known: &mut Figure, figure: &Figure) {
    if figure.day > known.day {
        *known = figure.clone();
    } else if figure.day == known.day {
        known.traps = known.traps.saturating_add(figure.traps);
        if badness(figure) > badness(known) {
            known.verdict.clone_from(&figure.verdict);
        }
    }
}

fn badness(figure: &Figure) -> u8 {
    match figure.verdict.as_deref().unwrap_or_default() {
        "RED" | "BAD" => 2,
        "YELLOW" | "LOW" => 1,
        _ => 0,
    }
}

fn problem(figure: &Figure) -> Option<Problem> {
    let verdict = figure.verdict.as_deref().unwrap_or_default();
    let severity = match badness(figure) {
        2 => Severity::High,
        1 => Severity::Medium,
        _ if figure.traps > 0 => Severity::Medium,
        _ => return None,
    };
    let traps = match figure.traps {
        0 => String::new(),
        1 => ", and 1 message went to a trap".to_owned(),
        traps => format!(", and {traps} messages went to traps"),
    };
    let summary = format!(
        "{} shows {} as {} on {}{traps}",
        figure.receiver,
        plain(&figure.subject, Width::Name),
        plain(verdict, Width::Word),
        day_of(figure.day.saturating_mul(86_400))
    );
    let subject = Subject::Receiver(format!("{}: {}", figure.receiver, figure.subject));
    Some(Problem::at(subject, summary).severity(severity).confidence(Confidence::Firm))
}
