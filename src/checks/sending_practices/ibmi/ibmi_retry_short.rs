//! The system gives up before receivers are back.

use super::{NONE_GIVEN, of_keyword};
use crate::check::{Check, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::untrusted::{Width, plain};
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "ibmi-retry-short",
    area: Area::SendingPractices,
    title: "the IBM i gives up on deferred mail within a day",
    severity: Severity::Medium,
    why: "\
        A deferred message (greylisting, a full queue, a receiver down over a weekend) needs retries over \
        four to five days; by default the system tries three times in ninety minutes and returns the mail.",
    fix: "\
        Retry over days, or hand mail to a relay that does: CHGSMTPA RTYMIN(3 15) RTYHOUR(12 2) RTYDAY(4 \
        1).",
    references: &[Reference::Rfc { number: 5321, section: "4.5.4.1" }, pages::IBM_CHGSMTPA],
    needs: &[Topic::Traffic],
    since: "0.1.0",
    run,
};

/// Each keyword with the minutes of its unit.
const UNITS: [(&str, u64); 3] = [("RTYMIN", 1), ("RTYHOUR", 60), ("RTYDAY", 24 * 60)];
/// RFC 5321 asks for four to five days; a day is what greylisting and a night's outage need.
const LEAST_MINUTES: u64 = 24 * 60;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let Some(ibmi) = facts.ibmi() else { return Ok(NONE_GIVEN) };
    let mut minutes = 0;
    let mut shown = Vec::new();
    for (keyword, unit) in UNITS {
        let stated = ibmi.get(keyword)?;
        let numbers: Vec<u64> = stated
            .setting
            .values
            .iter()
            .filter_map(|value| value.parse().ok())
            .filter(|n| *n < 100)
            .collect();
        let [count, interval] = numbers.as_slice() else {
            let written = plain(&stated.setting.written(), Width::Name);
            return Err(Gap::undecidable(format!("{written} names no count and interval from 0 to 99")));
        };
        minutes += count * interval * unit;
        shown.push(stated.setting.written());
    }
    if minutes >= LEAST_MINUTES {
        return Ok(Verdict::Pass);
    }
    let first = ibmi.get("RTYMIN")?;
    let summary = format!("{} give up after {} h {} min", shown.join(" "), minutes / 60, minutes % 60);
    let problem = of_keyword(&first, plain(&summary, Width::Line))
        .fix("CHGSMTPA RTYMIN(3 15) RTYHOUR(12 2) RTYDAY(4 1)");
    Ok(Verdict::Fail(vec![problem]))
}
