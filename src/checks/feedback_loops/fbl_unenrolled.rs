//! A receiver with much of the mail runs a feedback loop, and none of its complaints are there.

use crate::check::{Check, Problem, Verdict, pages};
use crate::data::feedback_loops::{self, Programme, Reports};
use crate::facts::Facts;
use crate::model::traffic::TrafficSummary;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "fbl-unenrolled",
    area: Area::FeedbackLoops,
    title: "complaints of a large receiver do not arrive",
    severity: Severity::Low,
    why: "\
        Receivers that run a feedback loop tell who marked a message as spam, so that the sender stops \
        before the rate of complaints decides over the rest of the mail. Who is not enrolled never hears of them.",
    fix: "Enrol in the receiver's programme, and take each complainer off all lists at once.",
    references: &[pages::YAHOO_FAQ, pages::M3AAWG_PRACTICES],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

/// Deliveries from which some complaint is to be expected: at one in a thousand, five.
const EXPECTED: u64 = 5000;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let traffic = facts.traffic()?;
    let mut ranked: Vec<(u64, &Programme)> = feedback_loops::all()
        .iter()
        .filter(|programme| programme.reports == Reports::Arf)
        .map(|programme| (delivered(traffic, programme), programme))
        .filter(|(delivered, _)| *delivered >= EXPECTED)
        .collect();
    ranked.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.name.cmp(&b.1.name)));
    if ranked.is_empty() {
        return Ok(Verdict::NotApplicable(
            "the log has fewer than 5000 deliveries to each receiver that passes complaints on",
        ));
    }
    let reports = facts.reports().ok().filter(|reports| reports.complaints > 0);
    let Some(reports) = reports else {
        let named: Vec<String> = ranked
            .iter()
            .map(|(count, programme)| format!("{} ({count} deliveries)", programme.name))
            .collect();
        return Err(Gap::undecidable(format!(
            "no complaint report was given (--reports PATH), so whether complaints arrive is not shown: {}",
            named.join("; ")
        )));
    };
    let heard = |programme: &Programme| -> u64 {
        programme.receivers.iter().filter_map(|receiver| reports.complaints_by_receiver.get(receiver)).sum()
    };
    // The whole ranking is the evidence: which programmes matter, and which of them speak.
    let table: Vec<String> = ranked
        .iter()
        .map(|(count, programme)| {
            let seen = match heard(programme) {
                0 => "no complaint seen".to_owned(),
                seen => format!("{seen} complaints seen"),
            };
            format!("{}: {count} deliveries, {seen}", programme.name)
        })
        .collect();
    let silent: Vec<_> = ranked.iter().filter(|(_, programme)| heard(programme) == 0).collect();
    // What names no receiver, or could not be read, may be a complaint of each of them.
    let told: u64 = reports.complaints_by_receiver.values().sum();
    let untold = reports.complaints.saturating_sub(told) + reports.rejected;
    if untold > 0 && !silent.is_empty() {
        return Err(Gap::undecidable(format!(
            "{} no receiver ({} of {} complaints, {} unreadable), so whether complaints arrive is not shown: {}",
            if untold == 1 { "1 report tells" } else { "some reports tell" },
            reports.complaints.saturating_sub(told),
            reports.complaints,
            reports.rejected,
            table.join("; ")
        )));
    }
    let problems: Vec<Problem> = silent
        .into_iter()
        .map(|(count, programme)| problem(*count, programme, reports.complaints).proof(table.join("\n")))
        .collect();
    Ok(Verdict::from_problems(problems))
}

fn delivered(traffic: &TrafficSummary, programme: &Programme) -> u64 {
    let of = |receiver: &String| traffic.by_provider.get(receiver).map(|seen| seen.totals.delivered);
    programme.receivers.iter().filter_map(of).sum()
}

fn problem(count: u64, programme: &Programme, complaints: u64) -> Problem {
    let all =
        if complaints == 1 { "the 1 complaint".to_owned() } else { format!("the {complaints} complaints") };
    Problem::at(
        Subject::Traffic,
        format!("{count} deliveries, and none of {all} given came from {}", programme.name),
    )
    .fix(format!(
        "enrol at {} ({}); before that: {} [{}]",
        programme.enrol,
        programme.basis.words(),
        programme.before,
        programme.shown_source()
    ))
    // Nobody may have complained.
    .confidence(Confidence::Tentative)
}
