//! Too many recipients bounce.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "bounce-rate-high",
    area: Area::SendingPractices,
    title: "too many recipients bounce",
    severity: Severity::High,
    why: "\
        Bounces are how receivers recognise bought, scraped or neglected lists. Above 2 % they start to \
        slow the sender down, above 5 % many of them refuse it.",
    fix: "Remove addresses after their first permanent failure, and confirm new ones before writing to them.",
    references: &[
        Reference::Page {
            title: "M3AAWG: sender best common practices",
            url: "https://www.m3aawg.org/published-documents",
            seen: "2026-11-23",
        },
        Reference::Page {
            title: "Yahoo: sender best practices",
            url: "https://senders.yahooinc.com/best-practices/",
            seen: "2026-11-23",
        },
    ],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

/// Share of final outcomes that are bounces, from which receivers mind.
const MINDED: f64 = 0.02;
/// From which refusal is likely.
const REFUSED: f64 = 0.05;
/// Final outcomes below which a rate is no more than an anecdote.
const SAMPLE: u64 = 50;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let totals = facts.traffic()?.totals;
    let decided = totals.delivered.saturating_add(totals.bounced);
    let Some(rate) = totals.bounce_rate() else {
        return Err(Gap::undecidable("the log shows no finished delivery"));
    };
    if decided < SAMPLE {
        return Ok(Verdict::NotApplicable(
            "the log has fewer than 50 finished deliveries, too few for a rate",
        ));
    }
    if rate <= MINDED {
        return Ok(Verdict::Pass);
    }
    let summary = format!(
        "{} of {decided} finished deliveries bounced, {:.1} %; receivers mind from 2 % on",
        totals.bounced,
        rate * 100.0
    );
    let severity = if rate > REFUSED { Severity::High } else { Severity::Medium };
    Ok(Verdict::Fail(vec![
        Problem::at(Subject::Traffic, summary).severity(severity).confidence(Confidence::Firm),
    ]))
}
