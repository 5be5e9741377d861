//! The MTA-STS policy expires too soon.

use super::in_force;
use crate::check::{Check, Problem, Reference, Verdict, pages};
use crate::facts::Facts;
use crate::model::{Area, Gap, Severity, Subject, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mta-sts-max-age-short",
    area: Area::Authentication,
    title: "the MTA-STS policy expires too soon",
    severity: Severity::Low,
    why: "\
        Senders forget the policy after max_age. An attacker who blocks the policy host only has to wait \
        that long until mail can be read on the way.",
    fix: "\
        Set max_age to a week at least (604800), later to some months.",
    references: &[
        Reference::Rfc { number: 8461, section: "3.2" },
        Reference::Rfc { number: 8461, section: "10.2" },
        pages::GOOGLE_MTA_STS,
    ],
    needs: &[Topic::MtaSts],
    since: "0.1.0",
    run,
};

/// What Google asks for at least; RFC 8461 section 3.2 speaks of weeks.
const WEEK: u64 = 604_800;

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    in_force(facts, |sts, policy| {
        if policy.max_age >= WEEK {
            return Ok(Verdict::Pass);
        }
        let summary = format!("max_age is {} seconds, less than a week", policy.max_age);
        let problem = Problem::at(Subject::Host(sts.host.clone()), summary).fix("max_age: 604800");
        Ok(Verdict::Fail(vec![problem]))
    })
}
