//! Too many recipients bounce.

use crate::check::rate::Marks;
use crate::check::{Check, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Topic};
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
    references: &[pages::M3AAWG_PRACTICES, pages::YAHOO_SENDERS],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

const MARKS: Marks = Marks {
    // Share of final outcomes that are bounces, from which receivers mind.
    minded: 0.02,
    severity: Severity::Medium,
    // From which refusal is likely.
    severe: 0.05,
    severe_as: Severity::High,
};
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
    Ok(MARKS.judge(rate, || {
        format!(
            "{} of {decided} finished deliveries bounced, {:.1} %; receivers mind from 2 % on",
            totals.bounced,
            rate * 100.0
        )
    }))
}
