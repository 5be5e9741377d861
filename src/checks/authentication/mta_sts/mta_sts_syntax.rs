//! The MTA-STS record is broken.

use super::judge_announced;
use crate::check::{Check, Reference, Verdict};
use crate::facts::Facts;
use crate::facts::transport::mta_sts::fresh_id;
use crate::model::{Area, Gap, Severity, Topic};
use crate::policy::Policy;

pub(super) static CHECK: Check = Check {
    code: "mta-sts-syntax",
    area: Area::Authentication,
    title: "the MTA-STS record is broken",
    severity: Severity::Medium,
    why: "\
        Senders ignore a record they cannot read, or all of them where there are several, and then do \
        not fetch the policy: the protection is off without anyone noticing.",
    fix: "Publish exactly one record: v=STSv1; id=<1 to 32 letters and digits>;",
    references: &[Reference::Rfc { number: 8461, section: "3.1" }],
    needs: &[Topic::Transport],
    since: "0.1.0",
    run,
};

fn run(facts: &Facts, _: &Policy) -> Result<Verdict, Gap> {
    let found = facts.transport()?.mta_sts.as_ref().map_err(Gap::clone)?;
    // Senders fetch the policy again when the id changes: the time of the audit is new every time.
    let id = fresh_id(facts.now());
    Ok(judge_announced(
        found,
        &format!("Write exactly v=STSv1; id={id}; into one record at _mta-sts below the domain"),
    ))
}
