//! Too many delivery attempts are deferred.

use crate::check::{Check, Problem, Reference, Verdict};
use crate::facts::Facts;
use crate::model::{Area, Confidence, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "deferral-rate-high",
    area: Area::Throttling,
    title: "too many delivery attempts are deferred",
    severity: Severity::Medium,
    why: "\
        Deferrals are how receivers slow a sender down whom they do not trust. They add hours of delay, \
        and trying harder makes it worse.",
    fix: "Find the replies behind it below; send less at once to those providers, and mend what their replies name.",
    references: &[
        Reference::Page {
            title: "Google: email sender guidelines",
            url: "https://support.google.com/mail/answer/81126",
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

/// Share of deferred attempts that greylisting and full mailboxes explain.
const MINDED: f64 = 0.10;
/// From which mail as a whole is late.
const SEVERE: f64 = 0.30;
/// Attempts below which a rate is no more than an anecdote.
const SAMPLE: u64 = 50;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let totals = facts.traffic()?.totals;
    let attempts = totals.attempts();
    let Some(rate) = totals.deferral_rate() else {
        return Err(Gap::undecidable("the log shows no delivery attempt"));
    };
    if attempts < SAMPLE {
        return Ok(Verdict::NotApplicable("the log has fewer than 50 attempts, too few for a rate"));
    }
    if rate <= MINDED {
        return Ok(Verdict::Pass);
    }
    let summary =
        format!("{} of {attempts} delivery attempts were deferred, {:.1} %", totals.deferred, rate * 100.0);
    let severity = if rate > SEVERE { Severity::High } else { Severity::Medium };
    Ok(Verdict::Fail(vec![
        Problem::at(Subject::Traffic, summary).severity(severity).confidence(Confidence::Firm),
    ]))
}
