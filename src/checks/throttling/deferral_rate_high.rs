//! Too many delivery attempts are deferred.

use crate::check::rate::Marks;
use crate::check::{Check, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
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
    references: &[pages::GOOGLE_SENDERS, pages::YAHOO_SENDERS],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

const MARKS: Marks = Marks {
    // Share of deferred attempts that greylisting and full mailboxes explain.
    minded: 0.10,
    severity: Severity::Medium,
    // From which mail as a whole is late.
    severe: 0.30,
    severe_as: Severity::High,
};
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
    Ok(MARKS.judge(rate, || {
        format!("{} of {attempts} delivery attempts were deferred, {:.1} %", totals.deferred, rate * 100.0)
    }))
}
